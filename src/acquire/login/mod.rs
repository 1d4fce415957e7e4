//! Log-ins: what a person begins, and the daemon goes on with alone.
//!
//! Each function is one request, as in the rest of the room; whoever calls them waits, shows and
//! listens.

mod code;
mod device;

pub(super) use self::code::{refused, value};
pub use self::{
    code::{AnswerError, Authorization, Randomness},
    device::{DeviceAuthorization, Poll},
};
use super::{
    AcquireError, Acquirer, Attempt, HttpTransport,
    attempt::HandedIn,
    reply,
    request::{self, Draft},
};
use crate::{credential::Fingerprint, secret::Secret, token::IssuedToken};

impl Acquirer {
    /// Hands in what a person has agreed to, for a token and its first refresh token. `code` is
    /// new at each log-in, and so is the origin that it gives; `write` adds what goes with it.
    async fn redeem(
        &self,
        attempt: &Attempt<'_>,
        code: &Secret,
        write: impl FnOnce(&mut Draft),
    ) -> Result<IssuedToken, AcquireError> {
        let place = self.place(attempt).await?;
        let attempt = place.attempt(attempt);
        let endpoint = &attempt.credential.endpoint;
        let mut draft = Draft::new(self.wire.server_clock(&endpoint.url).time);
        draft.redaction.hide(code);
        write(&mut draft);
        draft.targets(&attempt);
        let finished = request::finish(&attempt, draft, endpoint.url.clone(), &[]).await;
        let (request, redaction) = finished?;
        let raw = self.wire.send(endpoint, request, attempt.deadline).await?;
        let origin = Fingerprint::of(code.expose().as_bytes()).to_string().into();
        let handed_in = HandedIn { token: None, origin: Some(origin), is_new: false };
        reply::read(&attempt, &raw, redaction, Some(handed_in))
    }
}

#[cfg(test)]
mod tests;
