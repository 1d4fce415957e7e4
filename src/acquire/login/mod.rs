//! Log-ins: what a person begins, and the daemon goes on with alone.
//!
//! Each function is one request, as in the rest of the room; whoever calls them waits, shows and
//! listens.

mod code;
mod device;

use std::{borrow::Cow, sync::Arc};

pub use self::{
    code::{AnswerError, Authorization, Randomness},
    device::{DeviceAuthorization, Poll},
};
use super::{
    AcquireError, Acquirer, Attempt, HttpTransport,
    attempt::HandedIn,
    metadata::{Metadata, at_token_endpoint},
    reply,
    request::{self, Draft},
};
use crate::{
    credential::{Credential, Fingerprint},
    token::IssuedToken,
};

/// Where a log-in takes place.
struct Place<'a> {
    /// With its token endpoint, even if that had to be discovered.
    credential: Cow<'a, Credential>,
    /// What the issuer says, if it was asked.
    metadata: Option<Arc<Metadata>>,
}

impl Acquirer {
    async fn place<'a>(&self, attempt: &Attempt<'a>) -> Result<Place<'a>, AcquireError> {
        let credential = attempt.credential;
        let metadata = self.metadata(credential, attempt.sent_at, attempt.deadline).await?;
        let credential = match &metadata {
            None => Cow::Borrowed(credential),
            Some(metadata) => Cow::Owned(at_token_endpoint(credential, metadata)?),
        };
        Ok(Place { credential, metadata })
    }

    /// Hands in what a person has agreed to, for a token and its first refresh token. `code` is
    /// new at each log-in, and so is the origin that it gives.
    async fn redeem(
        &self,
        attempt: &Attempt<'_>,
        mut draft: Draft,
        code: &str,
    ) -> Result<IssuedToken, AcquireError> {
        let place = self.place(attempt).await?;
        let attempt = Attempt { credential: &place.credential, ..*attempt };
        let endpoint = &attempt.credential.endpoint;
        draft.targets(&attempt);
        let finished = request::finish(&attempt, draft, endpoint.url.clone(), &[]).await;
        let (request, redaction) = finished?;
        let raw = self.wire.send(endpoint, request, attempt.deadline).await?;
        let origin = Fingerprint::of(code.as_bytes()).to_string().into();
        let handed_in = HandedIn { token: None, origin: Some(origin), is_new: false };
        reply::read(&attempt, &raw, redaction, Some(handed_in))
    }
}

#[cfg(test)]
mod tests;
