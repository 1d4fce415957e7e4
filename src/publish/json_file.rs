//! `json_file`: one object with the names of RFC 6749, section 5.1.
//!
//! `expires_in` is left out, because it is false a second later: `expires_at`, in seconds since
//! 1970, says the same for good, and is `null` if the token does not expire. `scope` is there if the reply named one,
//! and so are the fields that the configuration names.

use serde::Deserialize;
use serde_json::json;

use crate::{
    clock::WallTime,
    token::{Expiry, IssuedToken},
};

/// What is read back: whether the file is one of ours, and its expiry.
#[derive(Deserialize)]
struct Document {
    /// With a way of its own to be read, it may be `null` and may not be missing.
    #[serde(deserialize_with = "Option::deserialize")]
    expires_at: Option<i64>,
}

/// The object on one line, with the line break that ends a text file.
pub(super) fn render(token: &IssuedToken) -> Vec<u8> {
    let mut document = json!({
        "access_token": token.access_token.expose(),
        "token_type": token.token_type,
        "expires_at": token.expiry().date().map(WallTime::seconds),
    });
    if let Some(scope) = &token.scope {
        document["scope"] = json!(scope);
    }
    for (name, value) in &token.fields {
        if document.get(&**name).is_none() {
            document[&**name] = json!(value.expose());
        }
    }
    format!("{document}\n").into_bytes()
}

/// The expiry that a file shows, if it is one of ours.
pub(super) fn expiry(bytes: &[u8]) -> Option<Expiry> {
    let document: Document = serde_json::from_slice(bytes).ok()?;
    Some(document.expires_at.map_or(Expiry::Never, Expiry::at))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use proptest::prelude::*;

    use super::*;
    use crate::clock::Now;

    proptest! {
        #[test]
        fn every_token_and_date_can_be_read_back(
            text in "\\PC{1,20}",
            scope in proptest::option::of("[ -~]{0,9}"),
            seconds in -99_999_999_999_i64..99_999_999_999,
        ) {
            let requested_at = Now { wall: WallTime::from_seconds(seconds), ..Now::default() };
            let token = IssuedToken {
                token_type: text.as_str().into(),
                scope: scope.clone().map(Into::into),
                ..IssuedToken::bearer(text.as_str().into(), requested_at, Duration::ZERO)
            };
            let bytes = render(&token);
            let document: serde_json::Value = serde_json::from_slice(&bytes).unwrap();
            prop_assert_eq!(document["access_token"].as_str(), Some(text.as_str()));
            prop_assert_eq!(document["token_type"].as_str(), Some(text.as_str()));
            prop_assert_eq!(document["scope"].as_str(), scope.as_deref());
            prop_assert_eq!(expiry(&bytes), Some(Expiry::at(seconds)));
        }
    }
}
