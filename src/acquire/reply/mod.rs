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
mod refusal;
mod span;
mod token;
mod xml;

use url::Url;

use self::{body::Body, grant::Granted, lifetime::ServerClock, location::locate};
pub(super) use self::{device::device, interim::Interim};
use super::{
    AcquireError, RawResponse,
    attempt::{Attempt, HandedIn},
    redaction::Redaction,
};
use crate::{
    clock::{Now, WallTime},
    credential::{Credential, without_query},
    token::IssuedToken,
};

/// What stands behind this in a `Location` is not looked at.
const LONGEST_LOCATION: usize = 4096;

/// The token that the reply holds. A reply without one is an error, whatever its status.
pub(super) fn read(
    attempt: &Attempt<'_>,
    raw: &RawResponse,
    mut redaction: Redaction,
    handed_in: Option<HandedIn>,
) -> Result<IssuedToken, AcquireError> {
    let (credential, sent_at) = (attempt.credential, attempt.sent_at);
    if (300..400).contains(&raw.status) {
        return Err(redirect(credential, raw, &redaction));
    }
    let clock = server_clock(sent_at, raw);
    let body = Body::sniff(&raw.body);
    let shape = &*credential.reply;
    let token = locate(raw, &body, &shape.access_token);
    let said = refusal::said(body.value(), shape);
    let is_success = (200..300).contains(&raw.status) && !said.denies;
    let granted = if is_success {
        grant::read(raw, &body, shape, sent_at, handed_in)
    } else {
        handed_in.map(Granted::from).unwrap_or_default()
    };
    if let Some(token) = token.as_deref().filter(|_| is_success) {
        let access_token = match token::check(token, shape.token_characters) {
            Ok(access_token) => access_token,
            Err(flaw) => return Err(granted.rescued_from(AcquireError::Token(flaw))),
        };
        let lifetime = lifetime::read(
            body.value(),
            shape.lifetime.as_ref(),
            access_token.expose(),
            clock,
            credential.refresh.assume_lifetime,
        );
        let Granted { refresh_token, origin, .. } = granted;
        let before = attempt.previous.filter(|it| refresh_token.is_some() && it.origin == origin);
        return Ok(IssuedToken {
            token_type: token::token_type(body.value()),
            scope: token::scope(body.value()),
            refresh_token,
            fields: fields::read(raw, &body, shape, before),
            origin,
            requested_at: sent_at,
            lifetime: again::lifetime(lifetime, access_token.expose(), sent_at, attempt.previous),
            access_token,
        });
    }
    refusal::hide_tokens(raw, &body, shape, &mut redaction);
    let refusal = refusal::read(raw, &body, &said, clock.now, &redaction);
    Err(granted.rescued_from(AcquireError::Refused(refusal)))
}

/// An error of an attempt, and the refresh token that an earlier reply of it brought.
pub(super) fn rescued_from(handed_in: Option<HandedIn>, cause: AcquireError) -> AcquireError {
    handed_in.map(Granted::from).unwrap_or_default().rescued_from(cause)
}

/// The server's clock: dates in its reply are meant by that one, and ours may be wrong.
fn server_clock(sent_at: Now, raw: &RawResponse) -> ServerClock {
    match raw.header("Date").and_then(date::http) {
        Some(now) => ServerClock { now, known: true },
        None => ServerClock { now: sent_at.wall, known: false },
    }
}

/// What the server's clock shows, as far as its reply says.
pub(super) fn server_now(sent_at: Now, raw: &RawResponse) -> WallTime {
    server_clock(sent_at, raw).now
}

/// Where a redirect points, without its query: servers put codes and errors there, and some put
/// into the path what they were sent. A secret is looked for before the path is encoded anew.
fn redirect(credential: &Credential, raw: &RawResponse, redaction: &Redaction) -> AcquireError {
    let target = raw
        .header("Location")
        .and_then(|to| credential.endpoint.url.join(&redaction.redact(to, LONGEST_LOCATION)).ok());
    let target = target.filter(Url::has_host).map(|url| redaction.show(&without_query(&url)));
    AcquireError::Redirect { status: raw.status, target }
}

#[cfg(test)]
mod laws;
#[cfg(test)]
mod tests;
