//! `json_file`: one object with the names of RFC 6749, section 5.1.
//!
//! `expires_in` is left out, because it is false a second later: `expires_at`, in seconds since
//! 1970, says the same for good. `scope` is there if the reply named one.

use serde::Deserialize;
use serde_json::json;

use crate::{clock::WallTime, token::IssuedToken};

/// What is read back: whether the file is one of ours, and its expiry.
#[derive(Deserialize)]
struct Expiry {
    expires_at: i64,
}

/// The object on one line, with the line break that ends a text file.
pub(super) fn render(token: &IssuedToken) -> Vec<u8> {
    let mut document = json!({
        "access_token": token.access_token.expose(),
        "token_type": token.token_type,
        "expires_at": token.expires_at().seconds(),
    });
    if let Some(scope) = &token.scope {
        document["scope"] = json!(scope);
    }
    format!("{document}\n").into_bytes()
}

/// The expiry that a file shows, if it is one of ours.
pub(super) fn expiry(bytes: &[u8]) -> Option<WallTime> {
    let document: Expiry = serde_json::from_slice(bytes).ok()?;
    Some(WallTime::from_seconds(document.expires_at))
}
