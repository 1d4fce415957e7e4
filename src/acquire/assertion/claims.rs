//! What an assertion says (RFC 7519, section 4.1, and RFC 7523, section 3).

use std::time::Duration;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Map, Value};

use crate::{clock::WallTime, secret::Secret};

/// `iat` and `nbf` lie this many seconds back: there are servers that refuse what is younger than
/// their own clock by less than one.
const BACK: i64 = 5;

/// Who speaks, of whom, and to whom.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Parties {
    pub(super) issuer: Option<Secret>,
    pub(super) subject: Option<Secret>,
    pub(super) audience: Option<Secret>,
}

/// When, for how long, and this once.
#[derive(Clone, Copy, Debug)]
pub(super) struct Moment {
    /// By the server's clock.
    pub(super) now: WallTime,
    /// From `iat` to `exp`.
    pub(super) lifetime: Duration,
    /// What becomes the `jti`, which no two assertions share.
    pub(super) random: [u8; 16],
}

/// The claims. Those that the user names take the place of ours.
pub(super) fn claims(
    parties: &Parties,
    moment: &Moment,
    extra: Vec<(Box<str>, Secret)>,
) -> Map<String, Value> {
    let lifetime = i64::try_from(moment.lifetime.as_secs()).unwrap_or(i64::MAX);
    // However short it lives, it is good now.
    let issued_at = moment.now.seconds().saturating_sub(BACK.min(lifetime / 2));
    let mut claims = Map::new();
    for (name, party) in
        [("iss", &parties.issuer), ("sub", &parties.subject), ("aud", &parties.audience)]
    {
        if let Some(party) = party {
            claims.insert(name.into(), party.expose().into());
        }
    }
    claims.insert("iat".into(), issued_at.into());
    claims.insert("nbf".into(), issued_at.into());
    claims.insert("exp".into(), issued_at.saturating_add(lifetime).into());
    claims.insert("jti".into(), URL_SAFE_NO_PAD.encode(moment.random).into());
    claims.extend(extra.into_iter().map(|(name, text)| (name.into(), value(&text))));
    claims
}

/// JSON where the text is JSON, and otherwise the text.
fn value(text: &Secret) -> Value {
    serde_json::from_str(text.expose()).unwrap_or_else(|_| text.expose().into())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn parties() -> Parties {
        let of = |text: &str| Some(Secret::from(text));
        Parties { issuer: of("client"), subject: of("user"), audience: of("https://idp.example/t") }
    }

    fn moment(now: i64, lifetime: u64) -> Moment {
        let lifetime = Duration::from_secs(lifetime);
        Moment { now: WallTime::from_seconds(now), lifetime, random: [7; 16] }
    }

    fn extra(claims: &[(&str, &str)]) -> Vec<(Box<str>, Secret)> {
        claims.iter().map(|(name, text)| (Box::from(*name), Secret::from(*text))).collect()
    }

    #[test]
    fn they_say_what_rfc_7523_asks_for() {
        let claims = claims(&parties(), &moment(1_000, 60), Vec::new());
        let expected = serde_json::json!({
            "iss": "client", "sub": "user", "aud": "https://idp.example/t",
            "iat": 995, "nbf": 995, "exp": 1055, "jti": "BwcHBwcHBwcHBwcHBwcHBw",
        });
        assert_eq!(Value::from(claims), expected);
    }

    #[test]
    fn a_claim_that_the_user_names_is_the_users() {
        for (case, name, text, expected) in [
            ("a text", "scope", "a b", Value::from("a b")),
            ("a number", "version", "2", Value::from(2)),
            ("a list", "aud", r#"["a","b"]"#, serde_json::json!(["a", "b"])),
            ("a quoted number", "tenant", "\"7\"", Value::from("7")),
            ("half an object", "note", "{a", Value::from("{a")),
            ("ours, on purpose", "exp", "77", Value::from(77)),
        ] {
            let claims = claims(&parties(), &moment(1_000, 60), extra(&[(name, text)]));
            assert_eq!(claims.get(name), Some(&expected), "{case}");
            assert_eq!(claims.get("iss"), Some(&Value::from("client")), "{case}");
        }
    }

    proptest! {
        /// Whatever the clock and the lifetime: it is good now, and not for longer than asked.
        #[test]
        fn it_is_good_now(
            now in 0_i64..4_000_000_000,
            lifetime in prop_oneof![1_u64..10, 10..100_000_u64],
        ) {
            let claims = claims(&parties(), &moment(now, lifetime), Vec::new());
            let number = |name: &str| claims.get(name).and_then(Value::as_i64).unwrap_or_default();
            prop_assert!(number("nbf") <= now && now < number("exp"));
            prop_assert_eq!(number("iat"), number("nbf"));
            prop_assert_eq!(number("exp") - number("iat"), i64::try_from(lifetime).unwrap());
        }

        /// No further claim changes one that it does not name.
        #[test]
        fn only_what_is_named_changes(name in "[a-z]{1,4}", text in ".{0,20}") {
            let ours = claims(&parties(), &moment(1_000, 60), Vec::new());
            let all = claims(&parties(), &moment(1_000, 60), extra(&[(&name, &text)]));
            for (ours_name, ours_value) in &ours {
                prop_assert!(*ours_name == name || all.get(ours_name) == Some(ours_value));
            }
        }
    }
}
