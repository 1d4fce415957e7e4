//! Where in a reply a value stands.

use std::borrow::Cow;

use serde_json::Value;

use super::body::{Body, field};
use crate::{acquire::RawResponse, credential::Location};

/// The text at a location; numbers count as text.
pub(super) fn locate<'a>(
    raw: &'a RawResponse,
    body: &'a Body,
    location: &Location,
) -> Option<Cow<'a, str>> {
    match location {
        Location::Field(path) => match field(body.value(), path)? {
            Value::String(text) => Some(text.into()),
            _ => None,
        },
        Location::Header(name) => raw.header(name).map(Cow::Borrowed),
        Location::Cookie(name) => cookie(raw, name).map(Cow::Borrowed),
    }
}

/// The value of a cookie (RFC 6265, section 4.1.1); the last one counts.
fn cookie<'a>(raw: &'a RawResponse, name: &str) -> Option<&'a str> {
    let set = raw.headers.iter().rev().filter(|(key, _)| key.eq_ignore_ascii_case("set-cookie"));
    set.filter_map(|(_, value)| value.split(';').next()?.split_once('='))
        .find(|(key, _)| key.trim() == name)
        .map(|(_, value)| value.trim().trim_matches('"'))
}
