//! How long a token lives, from whatever the reply says about it.
//!
//! No answer about the lifetime ever blocks a valid token, and none means "for ever": where
//! nothing usable is said, the credential's `assume_lifetime` is taken and marked as assumed.

use std::time::Duration;

use serde_json::Value;

use super::{date, jwt, span};
use crate::{
    clock::WallTime,
    credential::{FieldPath, LifetimeField, LifetimeUnit},
    token::{Assumption, Lifetime, LifetimeSource},
};

/// No lifetime is longer: ten years.
pub(in crate::acquire) const LONGEST: Duration = Duration::from_secs(10 * 365 * 24 * 60 * 60);

/// A `Date` header has whole seconds, so two correct figures may differ by one.
const ROUNDING: Duration = Duration::from_secs(1);

/// Where providers put a span.
const SPANS: [&str; 5] = ["expires_in", "expiresIn", "expireIn", "expires-in", "ExpiresIn"];

/// Where providers put a date, and some of them a span.
const DATES: [&str; 12] = [
    "expires_on",
    "expiresOn",
    "expires_at",
    "expiresAt",
    "expireAt",
    "expires",
    ".expires",
    "expireTime",
    "expiry_time",
    "expiration",
    "access_token_expiration",
    "accessTokenExpire",
];

/// Below this a number is a span wherever it stands: as a date it would lie before 2001.
const FIRST_DATE: f64 = 1e9;

/// What a field says: a span above zero, or why there is none.
pub(super) type Stated = Result<Duration, Assumption>;

/// The lifetime of `token`. Dates are compared with `server_now`, the server's own clock.
pub(super) fn read(
    reply: &Value,
    place: Option<&LifetimeField>,
    token: &str,
    server_now: ServerClock,
    assumed: Duration,
) -> Lifetime {
    let stated = match place {
        Some(LifetimeField::Fixed(lifetime)) => {
            return Lifetime { duration: (*lifetime).min(LONGEST), source: LifetimeSource::Fixed };
        }
        Some(LifetimeField::At { path, unit }) => configured(reply, path, *unit, server_now.now),
        None => usual(reply, server_now.now),
    };
    let in_token = jwt::dates(token).and_then(|dates| remaining(&dates, server_now));
    let (duration, source) = match (stated, in_token) {
        (Ok((stated, _)), Some(exp)) if exp + ROUNDING < stated => (exp, LifetimeSource::JwtExp),
        (Ok((stated, source)), _) => (stated, source),
        (Err(_), Some(exp)) => (exp, LifetimeSource::JwtExp),
        (Err(why), None) => (assumed, LifetimeSource::Assumed(why)),
    };
    Lifetime { duration: duration.min(LONGEST), source }
}

/// The server's clock when it answered, as well as we know it.
#[derive(Clone, Copy, Debug)]
pub(super) struct ServerClock {
    /// By its `Date` header, or else by our wall clock when the request was sent.
    pub(super) now: WallTime,
    /// Whether it is the server's own word.
    pub(super) known: bool,
}

type Found = Result<(Duration, LifetimeSource), Assumption>;

fn configured(reply: &Value, path: &FieldPath, unit: LifetimeUnit, now: WallTime) -> Found {
    let value = path.find(reply).unwrap_or(&Value::Null);
    let span = |unit| span::read(value, unit).map(|span| (span, LifetimeSource::ExpiresIn));
    match unit {
        LifetimeUnit::Seconds => span(Duration::from_secs(1)),
        LifetimeUnit::Minutes => span(Duration::from_secs(60)),
        LifetimeUnit::Milliseconds => span(Duration::from_millis(1)),
        LifetimeUnit::Date => until(value, now).map(|span| (span, LifetimeSource::ExpiresAt)),
    }
}

/// The earliest of all that is said; if nothing of it is usable, why the first is not.
fn usual(reply: &Value, now: WallTime) -> Found {
    let all = said(reply, &SPANS, &DATES, now);
    let all = all.map(|(stated, source)| stated.map(|span| (span, source)));
    all.reduce(|best, next| match (best, next) {
        (Ok(best), Ok(next)) => Ok(if next.0 < best.0 { next } else { best }),
        (Err(_), Ok(next)) => Ok(next),
        (best, _) => best,
    })
    .unwrap_or(Err(Assumption::Missing))
}

/// What a reply says in fields of these names, and how. Some providers write a span where the name
/// announces a date.
pub(super) fn said<'a>(
    reply: &'a Value,
    spans: &'static [&str],
    dates: &'static [&str],
    now: WallTime,
) -> impl Iterator<Item = (Stated, LifetimeSource)> + 'a {
    let of = move |names: &'static [&str]| {
        names.iter().filter_map(|name| reply.get(name)).filter(|value| !value.is_null())
    };
    let second = Duration::from_secs(1);
    let spans = of(spans).map(move |value| (span::read(value, second), LifetimeSource::ExpiresIn));
    let dates = of(dates).map(move |value| match number(value) {
        Some(count) if count < FIRST_DATE => (span::read(value, second), LifetimeSource::ExpiresIn),
        _ => (until(value, now), LifetimeSource::ExpiresAt),
    });
    spans.chain(dates)
}

fn number(value: &Value) -> Option<f64> {
    value.as_f64().or_else(|| value.as_str()?.trim().parse().ok())
}

fn until(value: &Value, now: WallTime) -> Stated {
    if value.is_null() {
        return Err(Assumption::Missing);
    }
    let left = date::read(value).map(|date| date.since(now)).filter(|left| !left.is_zero());
    left.ok_or(Assumption::Unreadable)
}

/// What is left by the server's clock; where that is not known, by the token's own `iat`, since
/// our clock may be wrong by more than a lifetime. A token that would be dead on arrival has a
/// wrong date rather than no use.
fn remaining(dates: &jwt::Dates, server: ServerClock) -> Option<Duration> {
    let now = if server.known { server.now } else { dates.issued.unwrap_or(server.now) };
    Some(dates.expires.since(now)).filter(|left| !left.is_zero())
}

#[cfg(test)]
mod tests;
