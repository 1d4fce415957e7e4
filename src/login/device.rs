//! A log-in on another device (RFC 8628).

use std::time::Duration;

use tokio::time::{sleep, timeout};
use url::Url;

use super::{Login, LoginError, Notice};
use crate::{
    acquire::{Attempt, DeviceAuthorization, Poll},
    error::Fault,
    token::IssuedToken,
};

/// RFC 8628, section 3.5: what `slow_down` adds.
const SLOWER: Duration = Duration::from_secs(5);

/// A provider in trouble is asked at least this often: somebody is waiting.
const SLOWEST: Duration = Duration::from_secs(60);

impl Login<'_> {
    pub(super) async fn on_a_device(
        &self,
        endpoint: Option<&Url>,
    ) -> Result<IssuedToken, LoginError> {
        let code =
            async |attempt: Attempt<'_>| self.acquirer.authorize_device(&attempt, endpoint).await;
        let device = self.ask(code).await?;
        let within = self.patience.map_or(device.expires_in, |it| it.min(device.expires_in));
        (self.tell)(Notice::Confirm {
            page: &device.verification_uri,
            code: &device.user_code,
            page_with_code: device.verification_uri_complete.as_ref(),
            within,
        });
        let confirmed = timeout(within, self.confirmed(&device)).await;
        confirmed.unwrap_or(Err(LoginError::Timeout { after: within }))
    }

    /// Asks until the code is confirmed, or refused.
    async fn confirmed(&self, device: &DeviceAuthorization) -> Result<IssuedToken, LoginError> {
        let token = async |attempt: Attempt<'_>| self.acquirer.poll(&attempt, device).await;
        let mut interval = device.interval;
        loop {
            sleep(interval).await;
            match self.ask(token).await {
                Ok(Poll::Issued(token)) => return Ok(*token),
                Ok(Poll::Pending) => {}
                Ok(Poll::SlowDown) => interval += SLOWER,
                Err(error) if error.fault() == Fault::Transient => {
                    (self.tell)(Notice::Trouble(&error));
                    let longer = interval.saturating_mul(2).min(SLOWEST).max(interval);
                    interval = error.pause().map_or(Duration::ZERO, |pause| pause.span).max(longer);
                }
                Err(error) => return Err(error.into()),
            }
        }
    }
}
