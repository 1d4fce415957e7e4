//! Reading the reply of a token endpoint: pure, and without a panic on any bytes.

mod again;
mod body;
pub(super) mod date;
mod device;
mod fields;
mod grant;
mod interim;
mod jwt;
mod lifetime;
mod location;
mod opened;
mod refusal;
mod span;
mod token;
mod xml;

pub(super) use self::{device::device, interim::Interim, lifetime::LONGEST as LONGEST_LIFETIME};
use self::{grant::Granted, opened::Opened};
use super::{
    AcquireError, RawResponse,
    attempt::{Attempt, HandedIn},
    redaction::Redaction,
};
use crate::{
    clock::{Now, WallTime},
    secret::Secret,
    token::IssuedToken,
};

/// Names and values.
pub(super) type Fields = Box<[(Box<str>, Secret)]>;

/// The token that the reply holds. A reply without one is an error, whatever its status.
pub(super) fn read(
    attempt: &Attempt<'_>,
    raw: &RawResponse,
    mut redaction: Redaction,
    handed_in: Option<HandedIn>,
) -> Result<IssuedToken, AcquireError> {
    let reply = match Opened::open(attempt, raw, &redaction) {
        Ok(reply) => reply,
        Err(redirect) => return Err(rescued_from(handed_in, redirect)),
    };
    if !reply.is_success() {
        let refusal = reply.refusal(&mut redaction);
        return Err(rescued_from(handed_in, AcquireError::Refused(refusal)));
    }
    let granted = grant::read(&reply, attempt.sent_at, handed_in);
    let Some(token) = reply.locate(&reply.shape.access_token) else {
        let refusal = reply.refusal(&mut redaction);
        return Err(granted.rescued_from(AcquireError::Refused(refusal)));
    };
    match token::check(&token, reply.shape.token_characters) {
        Ok(access_token) => Ok(issued(attempt, &reply, granted, access_token)),
        Err(flaw) => Err(granted.rescued_from(AcquireError::Token(flaw))),
    }
}

/// A good access token, and what the reply says of it.
fn issued(
    attempt: &Attempt<'_>,
    reply: &Opened<'_>,
    Granted { refresh_token, origin, .. }: Granted,
    access_token: Secret,
) -> IssuedToken {
    let (body, token, sent_at) = (reply.body.value(), access_token.expose(), attempt.sent_at);
    let assumed = attempt.credential.refresh.assume_lifetime;
    let place = reply.shape.lifetime.as_ref();
    let lifetime = lifetime::read(body, place, token, reply.clock, assumed);
    let before = attempt.previous.filter(|it| refresh_token.is_some() && it.origin == origin);
    IssuedToken {
        token_type: token::token_type(body),
        scope: token::scope(body),
        refresh_token,
        fields: fields::read(reply, before),
        origin,
        requested_at: sent_at,
        lifetime: again::lifetime(lifetime, token, sent_at, attempt.previous),
        access_token,
    }
}

/// An error of an attempt, and the refresh token that an earlier reply of it brought.
pub(super) fn rescued_from(handed_in: Option<HandedIn>, cause: AcquireError) -> AcquireError {
    handed_in.map(Granted::from).unwrap_or_default().rescued_from(cause)
}

/// The fields of a reply that the configuration names.
pub(super) fn named_fields(
    attempt: &Attempt<'_>,
    raw: &RawResponse,
) -> Result<Fields, AcquireError> {
    let reply = Opened::open(attempt, raw, &Redaction::default())?;
    Ok(fields::read(&reply, None))
}

/// What the server's clock shows, as far as its reply says.
pub(super) fn server_now(sent_at: Now, raw: &RawResponse) -> WallTime {
    opened::server_clock(sent_at, raw).now
}

/// The `exp` of a token that is a JWT.
pub(super) fn jwt_expiry(token: &str) -> Option<WallTime> {
    jwt::dates(token).map(|dates| dates.expires)
}

#[cfg(test)]
mod laws;
#[cfg(test)]
mod tests;
