//! What the two requests of a log-in bring (RFC 5849, sections 2.1 and 2.3), and a renewal: a form,
//! or prose.

use std::time::Duration;

use url::form_urlencoded;

use super::{Leg, OAuth1Error, legs::Consumer};
use crate::{
    acquire::{AcquireError, Attempt, RawResponse, attempt::HandedIn, pause, reply},
    clock::Now,
    secret::Secret,
    token::{
        CLIENT_ID, CLIENT_SECRET, IssuedToken, Lifetime, LifetimeSource, RefreshToken, TOKEN_SECRET,
    },
};

/// No server has a longer one.
const LONGEST: usize = 64 * 1024;

/// Whether the server agreed to a request of that moment.
pub(super) fn check(leg: Leg, sent_at: Now, raw: &RawResponse) -> Result<(), OAuth1Error> {
    match raw.status {
        200..=299 => Ok(()),
        status => {
            let pause = pause::asked(raw, reply::server_now(sent_at, raw), None, "", false);
            Err(OAuth1Error::Refused { leg, status, pause })
        }
    }
}

/// Identifier and shared secret of the temporary credentials.
pub(super) fn temporary(raw: &RawResponse) -> Result<(Secret, Secret), OAuth1Error> {
    let credentials = credentials(Leg::TemporaryCredentials, raw)?;
    let confirmed = value(raw, "oauth_callback_confirmed");
    // There are servers that write `True`.
    if confirmed.is_some_and(|text| text.eq_ignore_ascii_case("true")) {
        Ok(credentials)
    } else {
        Err(OAuth1Error::NotConfirmed)
    }
}

/// What a log-in or a renewal brings. The server may know the session by its next handle only, so
/// that one is kept even if nothing else of the answer is of use.
pub(super) fn token(
    leg: Leg,
    attempt: &Attempt<'_>,
    raw: &RawResponse,
    consumer: Consumer,
) -> Result<IssuedToken, AcquireError> {
    let before = attempt.previous.filter(|_| leg == Leg::Renewal);
    let handle = handle(attempt, raw, before);
    let renewed = before.map(|before| HandedIn {
        is_new: !is_same(handle.as_ref(), before.refresh_token.as_ref()),
        token: handle.clone(),
        origin: before.origin.clone(),
    });
    let (access_token, fields) =
        values(leg, attempt, raw, consumer).map_err(|error| reply::rescued_from(renewed, error))?;
    Ok(IssuedToken {
        access_token,
        token_type: "OAuth".into(),
        scope: None,
        refresh_token: handle,
        origin: before.and_then(|before| before.origin.clone()),
        fields,
        requested_at: attempt.sent_at,
        lifetime: lifetime(raw, before),
    })
}

fn is_same(one: Option<&RefreshToken>, other: Option<&RefreshToken>) -> bool {
    one.map(|handle| &handle.value) == other.map(|handle| &handle.value)
}

/// The token credentials, and with them the client credentials that they are good with: consumers
/// need all four, and only together.
fn values(
    leg: Leg,
    attempt: &Attempt<'_>,
    raw: &RawResponse,
    consumer: Consumer,
) -> Result<(Secret, reply::Fields), AcquireError> {
    let (access_token, token_secret) = credentials(leg, raw)?;
    let ours =
        [(CLIENT_ID, consumer.id), (CLIENT_SECRET, consumer.secret), (TOKEN_SECRET, token_secret)];
    let mut fields: Vec<(Box<str>, Secret)> = ours.map(|(name, value)| (name.into(), value)).into();
    fields.extend(reply::named_fields(attempt, raw)?);
    Ok((access_token, fields.into()))
}

/// None is said mostly, and then there is none. OAuth Session 1.0 has `oauth_expires_in`; a
/// renewal that does not say it leaves what was said before.
fn lifetime(raw: &RawResponse, before: Option<&IssuedToken>) -> Lifetime {
    match span(raw, "oauth_expires_in") {
        Some(duration) => Lifetime { duration, source: LifetimeSource::ExpiresIn },
        None => before.map_or(Lifetime::UNLIMITED, |before| before.lifetime),
    }
}

/// The session handle is kept as a refresh token is: it gets the next token, and must not be lost.
/// An answer without one leaves the one that was handed in.
fn handle(
    attempt: &Attempt<'_>,
    raw: &RawResponse,
    before: Option<&IssuedToken>,
) -> Option<RefreshToken> {
    let before = before.and_then(|before| before.refresh_token.as_ref());
    let named = value(raw, "oauth_session_handle").map(Secret::from);
    let named = named.filter(|handle| !handle.is_empty() && is_usable(handle.expose()));
    let mut handle = match (named, before) {
        (Some(value), Some(before)) if value == before.value => before.clone(),
        (Some(value), _) => RefreshToken { value, expires_at: None, rotates: before.is_some() },
        (None, before) => before?.clone(),
    };
    if let Some(span) = span(raw, "oauth_authorization_expires_in") {
        handle.expires_at = Some(attempt.sent_at.wall + span);
    }
    Some(handle)
}

/// So many seconds; 0 says nothing.
fn span(raw: &RawResponse, name: &str) -> Option<Duration> {
    let seconds = value(raw, name)?.parse().ok().filter(|seconds| *seconds > 0)?;
    Some(Duration::from_secs(seconds).min(reply::LONGEST_LIFETIME))
}

fn credentials(leg: Leg, raw: &RawResponse) -> Result<(Secret, Secret), OAuth1Error> {
    let find = |what: &'static str| {
        let found = value(raw, what).filter(|text| is_usable(text));
        found.map(Secret::from).ok_or(OAuth1Error::Unusable { leg, what })
    };
    let token = find("oauth_token")?;
    if token.is_empty() {
        return Err(OAuth1Error::Unusable { leg, what: "oauth_token" });
    }
    Ok((token, find("oauth_token_secret")?))
}

/// A line break in a value would add a line to a file of a consumer.
fn is_usable(text: &str) -> bool {
    text.len() <= LONGEST && !text.chars().any(|c| c.is_control() || c == '\u{fffd}')
}

fn value(raw: &RawResponse, name: &str) -> Option<String> {
    let body = raw.body.trim_ascii();
    let mut pairs = form_urlencoded::parse(body);
    pairs.find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
}
