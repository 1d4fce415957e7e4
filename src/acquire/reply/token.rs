//! What may be handed to consumers: a token that is nothing but a token, and what describes it.

use serde_json::Value;

use crate::{acquire::TokenFlaw, credential::TokenCharacters, secret::Secret};

/// The longest token; no server accepts a header of that size.
const LONGEST: usize = 64 * 1024;

/// Accepts the characters of RFC 6750, section 2.1, or all visible ones if the provider is known to
/// use them, and no others: a line break in a token would add a line to an env file, and one in a
/// header would add a header.
pub(super) fn check(token: &str, characters: TokenCharacters) -> Result<Secret, TokenFlaw> {
    if token.is_empty() {
        Err(TokenFlaw::Empty)
    } else if token.len() > LONGEST {
        Err(TokenFlaw::TooLong)
    } else if !characters_allow(characters, token) {
        Err(TokenFlaw::Characters(characters))
    } else {
        Ok(Secret::from(token))
    }
}

fn characters_allow(characters: TokenCharacters, token: &str) -> bool {
    let b64token = |c: char| c.is_ascii_alphanumeric() || "-._~+/".contains(c);
    match characters {
        TokenCharacters::B64token => {
            let body = token.trim_end_matches('=');
            !body.is_empty() && body.chars().all(b64token)
        }
        TokenCharacters::Visible => token.chars().all(|c| c.is_ascii_graphic()),
    }
}

/// `token_type` as written; without one, `Bearer`.
pub(super) fn token_type(reply: &Value) -> Box<str> {
    let written = reply.get("token_type").and_then(Value::as_str).filter(|text| is_plain(text));
    written.unwrap_or("Bearer").into()
}

/// The granted `scope`: a string, or a list of strings.
pub(super) fn scope(reply: &Value) -> Option<Box<str>> {
    let values: Vec<&str> = match reply.get("scope")? {
        Value::String(text) => text.split_whitespace().collect(),
        Value::Array(items) => items.iter().filter_map(Value::as_str).collect(),
        _ => return None,
    };
    Some(values.join(" ")).filter(|scope| is_plain(scope)).map(Into::into)
}

/// These two go into files beside the token, so a line break in them is no better.
fn is_plain(text: &str) -> bool {
    !text.trim().is_empty() && !text.chars().any(char::is_control)
}
