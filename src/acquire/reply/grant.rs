//! The refresh token that a reply brings, or the one that stays.

use serde_json::Value;

use super::{body::Body, location::locate, span};
use crate::{
    acquire::{RawResponse, attempt::HandedIn},
    clock::Now,
    credential::ReplyShape,
    token::RefreshToken,
};

/// Where providers say how long a refresh token lives: Keycloak, Intuit and others.
const LIFETIMES: [&str; 3] =
    ["refresh_expires_in", "refresh_token_expires_in", "x_refresh_token_expires_in"];

/// The refresh token after this reply, and its origin. A reply without one, or with an empty one,
/// leaves the one that was handed in (RFC 6749, section 6); at a log-in there is none before.
pub(super) fn read(
    raw: &RawResponse,
    body: &Body,
    shape: &ReplyShape,
    sent_at: Now,
    handed_in: Option<HandedIn>,
) -> (Option<RefreshToken>, Option<Box<str>>) {
    let Some(HandedIn { mut token, origin }) = handed_in else { return (None, None) };
    let issued = locate(raw, body, &shape.refresh_token).filter(|text| !text.trim().is_empty());
    let before = token.as_ref().map(|token| token.value.expose());
    if let Some(issued) = issued.filter(|issued| Some(&**issued) != before) {
        let rotates = before.is_some();
        token = Some(RefreshToken { value: (&*issued).into(), expires_at: None, rotates });
    }
    if let (Some(token), Some(expires_at)) = (&mut token, expires_at(body.value(), sent_at)) {
        token.expires_at = Some(expires_at);
    }
    (token, origin)
}

/// Zero is what Keycloak writes for "I do not say".
fn expires_at(reply: &Value, sent_at: Now) -> Option<crate::clock::WallTime> {
    let mut stated = LIFETIMES.iter().filter_map(|name| reply.get(name));
    let second = std::time::Duration::from_secs(1);
    let span = stated.find_map(|value| span::read(value, second).ok())?;
    Some(sent_at.wall + span)
}
