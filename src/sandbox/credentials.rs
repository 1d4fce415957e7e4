//! The credentials of OAuth 1.0a (RFC 5849, section 1.1): what they stand for, and until when.
//!
//! Identifiers are as short as real ones, so what they stand for is remembered. Secrets and
//! verifiers follow from them.

use serde::{Deserialize, Serialize};

use super::occasion::Occasion;

/// What temporary credentials, or a token's, stand for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Agreement {
    pub(super) client_id: String,
    /// As it came.
    pub(super) timestamp: String,
    pub(super) scope: String,
    /// Where the resource owner goes back to; for a token, nowhere.
    pub(super) callback: String,
    /// Whether the resource owner has agreed.
    pub(super) approved: bool,
    /// Until when it is good, in seconds since 1970, if there is an end.
    pub(super) expires_at: Option<i64>,
    /// With which a token is replaced (OAuth Session 1.0, section 3).
    pub(super) session_handle: Option<String>,
}

/// The credentials of one kind at one server.
pub(super) struct Credentials<'a> {
    pub(super) site: &'a str,
    pub(super) kind: Kind,
    pub(super) occasion: &'a Occasion<'a>,
}

/// Which credentials.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// From the first leg to the third.
    Temporary,
    /// What the third leg gives.
    Token,
}

impl Credentials<'_> {
    /// Gives these a meaning, in place of any that they had.
    pub(super) fn keep(&self, identifier: &str, agreement: &Agreement) {
        // A plain struct of texts and numbers can always be written.
        let text = serde_json::to_string(agreement).ok();
        self.occasion.memory.rewrite(&self.name(identifier), |kept| *kept = text);
    }

    /// What these stand for.
    pub(super) fn find(&self, identifier: &str) -> Option<Agreement> {
        let kept = self.occasion.memory.rewrite(&self.name(identifier), |kept| kept.clone())?;
        serde_json::from_str(&kept).ok()
    }

    /// The end of these; `None` if it has come before.
    pub(super) fn end(&self, identifier: &str) -> Option<Agreement> {
        let kept = self.occasion.memory.rewrite(&self.name(identifier), Option::take)?;
        serde_json::from_str(&kept).ok()
    }

    /// The shared secret: 16 letters and digits.
    pub(super) fn secret(&self, identifier: &str) -> String {
        const ALPHABET: &[u8; 62] =
            b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
        let bytes = self.occasion.derived(&format!("secret {}", self.name(identifier)));
        bytes[..16].iter().map(|byte| char::from(ALPHABET[usize::from(*byte) % 62])).collect()
    }

    /// What proves that the resource owner agreed to these: 10 digits.
    pub(super) fn verifier(&self, identifier: &str) -> String {
        let bytes = self.occasion.derived(&format!("verifier {}", self.name(identifier)));
        bytes[..10].iter().map(|byte| char::from(b'0' + byte % 10)).collect()
    }

    fn name(&self, identifier: &str) -> String {
        format!("{} {:?} {identifier}", self.site, self.kind)
    }
}

/// A new identifier: 32 hexadecimal digits.
pub(super) fn identifier(occasion: &Occasion<'_>) -> String {
    format!("{:032x}", u128::from_be_bytes(occasion.random))
}

/// Whether this nonce has come before with the same client, token and timestamp (RFC 5849, section
/// 3.3).
pub(super) fn is_replayed(occasion: &Occasion<'_>, site: &str, parts: [&str; 4]) -> bool {
    let name = format!("{site} nonce {}", parts.join(" "));
    occasion.memory.count(&name, occasion.now) > 1
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sandbox::occasion::tests::with_occasion;

    #[test]
    fn credentials_end_once() {
        with_occasion(|occasion| {
            let temporary = Credentials { site: "/a", kind: Kind::Temporary, occasion };
            let agreement = Agreement { scope: "all".into(), ..Agreement::default() };
            temporary.keep("x", &agreement);
            let elsewhere = Credentials { site: "/b", kind: Kind::Temporary, occasion };
            let token = Credentials { site: "/a", kind: Kind::Token, occasion };
            assert_eq!([elsewhere.find("x"), token.find("x")], [None, None]);
            assert_eq!(temporary.find("x"), Some(agreement.clone()));
            assert_eq!(temporary.end("x"), Some(agreement));
            assert_eq!([temporary.end("x"), temporary.find("x")], [None, None]);
        });
    }

    #[test]
    fn secrets_and_verifiers_have_their_forms_and_are_each_their_own() {
        with_occasion(|occasion| {
            let [one, other] = [Kind::Temporary, Kind::Token].map(|kind| Credentials {
                site: "/a",
                kind,
                occasion,
            });
            let (secret, verifier) = (one.secret("x"), one.verifier("x"));
            assert!(secret.len() == 16 && secret.bytes().all(|b| b.is_ascii_alphanumeric()));
            assert!(verifier.len() == 10 && verifier.bytes().all(|b| b.is_ascii_digit()));
            assert_ne!(secret, one.secret("y"));
            assert_ne!(secret, other.secret("x"));
            assert_ne!(verifier, one.verifier("y"));
            assert_eq!(identifier(occasion), "30313233343536373839616263646566");
        });
    }
}
