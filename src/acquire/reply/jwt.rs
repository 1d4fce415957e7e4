//! The dates inside a token that is a JWT. Its signature is not checked: it is the resource
//! server's business, and a false `exp` can only make us refresh too often or too late for a
//! server that lies to itself.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::Value;

use super::date;
use crate::clock::WallTime;

/// The dates of RFC 7519, section 4.1.
pub(super) struct Dates {
    /// `exp`.
    pub(super) expires: WallTime,
    /// `iat`.
    pub(super) issued: Option<WallTime>,
}

/// `None` if the token is no signed JWT or has no `exp`.
pub(super) fn dates(token: &str) -> Option<Dates> {
    let mut parts = token.split('.');
    let (_header, payload, _signature) = (parts.next()?, parts.next()?, parts.next()?);
    if parts.next().is_some() {
        return None;
    }
    let payload = URL_SAFE_NO_PAD.decode(payload.trim_end_matches('=')).ok()?;
    let claims: Value = serde_json::from_slice(&payload).ok()?;
    let read = |claim| claims.get(claim).and_then(date::read);
    Some(Dates { expires: read("exp")?, issued: read("iat") })
}
