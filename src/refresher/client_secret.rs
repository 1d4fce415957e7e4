//! Several client secrets: each attempt uses one, and the next is tried when the provider does not
//! know it, so that old and new can overlap while they are exchanged.

use super::{Refresher, ask::AskError};
use crate::{credential::Credential, observe::Event, schedule::Id, state::SecretTurn};

impl Refresher {
    /// The secret that was used got a token. Which one is on record for `status`.
    pub(super) fn client_secret_accepted(&self, id: Id, credential: &Credential) {
        if !self.is_current(id, credential) {
            return;
        }
        let mut other = None;
        self.amend(id, |record| {
            let turn = &mut record.client_secret;
            other = turn.accept().then_some(turn.accepted);
        });
        if let Some(place) = other {
            let (credential, of) = (&credential.name, credential.client.secrets.len());
            self.tools.observer.emit(&Event::OtherSecret { credential, number: place + 1, of });
        }
    }

    /// Whether the failure is about a client secret, and another is left to try. One that cannot
    /// be read counts like one that is refused.
    pub(super) fn has_another_secret(
        &self,
        id: Id,
        credential: &Credential,
        error: &AskError,
    ) -> bool {
        if !error.concerns_client_secret() || !self.is_current(id, credential) {
            return false;
        }
        let mut left = false;
        self.amend(id, |record| {
            left = record.client_secret.refuse(credential.client.secrets.len());
        });
        left
    }

    /// The secrets may be others now: the first is in turn.
    pub(super) fn begin_with_the_first_secret(&self, id: Id) {
        self.amend(id, |record| record.client_secret = SecretTurn::default());
    }

    /// Whether a request was sent for what is configured now, with the secrets of now.
    fn is_current(&self, id: Id, credential: &Credential) -> bool {
        self.items.get(&id).is_some_and(|item| {
            item.credential.inputs == credential.inputs
                && item.credential.material == credential.material
        })
    }
}
