//! Several client secrets: as long as one is left to try, a log-in goes on with the next. Somebody
//! is waiting, so that happens at once.

use super::{Login, Notice};
use crate::acquire::{AcquireError, Attempt};

impl Login<'_> {
    /// Asks with the secret that is in turn, and with those after it where that one is not known
    /// or cannot be read. The one that did it stays in turn.
    pub(super) async fn ask<T>(
        &self,
        question: impl AsyncFn(Attempt<'_>) -> Result<T, AcquireError>,
    ) -> Result<T, AcquireError> {
        let mut left = self.credential.client.secrets.len().saturating_sub(1);
        loop {
            match question(self.attempt()).await {
                Err(error) if left > 0 && error.concerns_client_secret() => {
                    (self.tell)(Notice::OtherSecret(&error));
                    self.client_secret.set(self.client_secret.get() + 1);
                    left -= 1;
                }
                result => return result,
            }
        }
    }
}
