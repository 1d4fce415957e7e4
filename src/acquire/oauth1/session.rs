//! OAuth Session 1.0, draft 1: a token that ends is replaced by another with the session handle
//! that came with it. The old token signs, even when it has expired.

use super::{
    Leg, Nonce, OAuth1Error, Stamp, answer,
    legs::{Consumer, Request},
};
use crate::{
    acquire::{AcquireError, Acquirer, Attempt, HttpTransport, TokenRequest, wire::ServerClock},
    credential::OAuth1,
    token::{IssuedToken, RefreshToken, TOKEN_SECRET},
};

/// The request for the next token, ready to be sent, once.
pub(in crate::acquire) struct Renewal {
    /// The session handle, which the server may replace from the moment of sending.
    pub(in crate::acquire) handle: RefreshToken,
    request: TokenRequest,
    consumer: Consumer,
    /// What we take the server's clock for: the request is dated by it.
    clock: ServerClock,
}

impl Acquirer {
    /// Signs the request for the next token with the one in hand. Without a session handle only a
    /// person can go on.
    pub(in crate::acquire) async fn prepare_renewal(
        &self,
        attempt: &Attempt<'_>,
        oauth1: &OAuth1,
    ) -> Result<Renewal, AcquireError> {
        let endpoint = &attempt.credential.endpoint;
        let Some((before, handle, token_secret)) = attempt.previous.and_then(session) else {
            let (name, outdated) = (attempt.credential.name.clone(), attempt.previous.is_some());
            return Err(AcquireError::LoginNeeded { name, outdated });
        };
        let clock = self.wire.server_clock(&endpoint.url);
        let mut nonce = [0; 16];
        getrandom::fill(&mut nonce).map_err(|_| OAuth1Error::NoRandomness)?;
        let request = Request {
            leg: Leg::Renewal,
            url: &endpoint.url,
            token: Some((&before.access_token, &token_secret.into())),
            further: ("oauth_session_handle", handle.value.expose()),
            form: Vec::new(),
            stamp: Stamp { timestamp: clock.time, nonce: Nonce(nonce) },
        };
        let consumer = Consumer::of(&attempt.credential.client).await?;
        let request = request.compose(attempt, oauth1, &consumer).await?;
        Ok(Renewal { handle: handle.clone(), request, consumer, clock })
    }

    /// Sends it. A refusal that shows us another time than the request was dated by may be due to
    /// that alone: the next one is dated right.
    pub(in crate::acquire) async fn renew(
        &self,
        attempt: &Attempt<'_>,
        renewal: Renewal,
    ) -> Result<IssuedToken, AcquireError> {
        let Renewal { request, consumer, clock, .. } = renewal;
        let endpoint = &attempt.credential.endpoint;
        let raw = self.wire.send(endpoint, request, attempt.deadline).await?;
        answer::check(Leg::Renewal, attempt.sent_at, &raw).map_err(|error| {
            let correction = self.wire.server_clock(&endpoint.url).correction(clock);
            if correction.is_some() { error.of_dates() } else { error }
        })?;
        answer::token(Leg::Renewal, attempt, &raw, consumer)
    }
}

/// What a renewal needs of the token before. One that does not expire has no use for it.
fn session(before: &IssuedToken) -> Option<(&IssuedToken, &RefreshToken, &str)> {
    let handle = before.refresh_token.as_ref().filter(|_| !before.lifetime.is_unlimited())?;
    Some((before, handle, before.field(TOKEN_SECRET)?))
}

#[cfg(test)]
mod tests;
