//! `token_file`: the token alone, as programs read it with one call.

use crate::token::IssuedToken;

/// Without a line break unless asked, because many readers send what they read as it is.
pub(super) fn render(token: &IssuedToken, newline: bool) -> Vec<u8> {
    let mut bytes = token.access_token.expose().as_bytes().to_vec();
    if newline {
        bytes.push(b'\n');
    }
    bytes
}
