//! What the two requests of a log-in bring (RFC 5849, sections 2.1 and 2.3): a form, or prose.

use std::time::Duration;

use url::form_urlencoded;

use super::{Leg, OAuth1Error, legs::Consumer};
use crate::{
    acquire::{AcquireError, Attempt, RawResponse, reply},
    secret::Secret,
    token::{CLIENT_ID, CLIENT_SECRET, IssuedToken, Lifetime, LifetimeSource, TOKEN_SECRET},
};

/// No server has a longer one.
const LONGEST: usize = 64 * 1024;

/// Whether the server agreed.
pub(super) fn check(leg: Leg, raw: &RawResponse) -> Result<(), OAuth1Error> {
    match raw.status {
        200..=299 => Ok(()),
        status => Err(OAuth1Error::Refused { leg, status }),
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

/// The token credentials, and with them the client credentials that they are good with: consumers
/// need all four, and only together.
pub(super) fn token(
    attempt: &Attempt<'_>,
    raw: &RawResponse,
    consumer: Consumer,
) -> Result<IssuedToken, AcquireError> {
    let (access_token, token_secret) = credentials(Leg::TokenCredentials, raw)?;
    let ours =
        [(CLIENT_ID, consumer.id), (CLIENT_SECRET, consumer.secret), (TOKEN_SECRET, token_secret)];
    let mut fields: Vec<(Box<str>, Secret)> = ours.map(|(name, value)| (name.into(), value)).into();
    fields.extend(reply::named_fields(attempt, raw)?);
    Ok(IssuedToken {
        access_token,
        token_type: "OAuth".into(),
        scope: None,
        refresh_token: None,
        origin: None,
        fields: fields.into(),
        requested_at: attempt.sent_at,
        lifetime: lifetime(raw),
    })
}

/// None is said mostly, and then there is none. OAuth Session 1.0 has `oauth_expires_in`, in
/// which 0 means nothing either.
fn lifetime(raw: &RawResponse) -> Lifetime {
    let seconds = value(raw, "oauth_expires_in").and_then(|text| text.parse().ok());
    match seconds.filter(|seconds| *seconds > 0) {
        Some(seconds) => Lifetime {
            duration: Duration::from_secs(seconds).min(reply::LONGEST_LIFETIME),
            source: LifetimeSource::ExpiresIn,
        },
        None => Lifetime::UNLIMITED,
    }
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
