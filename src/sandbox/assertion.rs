//! Assertions that clients sign (RFC 7523, section 3), judged as a strict server judges them.

use jsonwebtoken::{Algorithm, Validation, decode, decode_header};
use serde_json::Value;

use super::{keys, memory::Memory};
use crate::clock::WallTime;

/// Clocks may differ by so many seconds.
const LEEWAY: i64 = 10;

/// What an assertion has to fit.
pub(super) struct Expected<'a> {
    /// The server, under each of its names.
    pub(super) audience: Option<&'a [String]>,
    /// The secret of the client, for algorithms that need one.
    pub(super) secret: Option<&'a str>,
    /// From now to `exp`, in seconds.
    pub(super) longest: i64,
    /// Whether it needs a `jti`. One that it has is good once.
    pub(super) with_id: bool,
    /// What was spent.
    pub(super) memory: &'a Memory,
    /// The date.
    pub(super) now: WallTime,
}

/// What an assertion says.
pub(super) struct Claims(Value);

impl Expected<'_> {
    /// The claims of an assertion, or what is wrong with it.
    pub(super) fn verify(&self, assertion: &str) -> Result<Claims, &'static str> {
        let claims = Claims(self.signed(assertion)?);
        self.check_times(&claims)?;
        if let Some(names) = self.audience
            && !claims.texts("aud").any(|audience| names.iter().any(|name| name == audience))
        {
            return Err("The aud of the assertion is neither the issuer nor the token endpoint.");
        }
        match claims.text("jti") {
            Some(id) => {
                let name = format!("jti {} {id}", claims.text("iss").unwrap_or_default());
                if self.memory.count(&name, self.now) > 1 {
                    return Err("The jti of the assertion was used before.");
                }
            }
            None if self.with_id => return Err("The assertion has no jti."),
            None => {}
        }
        Ok(claims)
    }

    fn signed(&self, assertion: &str) -> Result<Value, &'static str> {
        let header = decode_header(assertion).map_err(|_| "The assertion is no signed JWT.")?;
        let key = keys::verifying(header.alg, self.secret)
            .ok_or("The assertion must be signed with a private key of the sandbox.")?;
        let decoded = decode::<Value>(assertion, &key, &signature_alone(header.alg));
        decoded.map(|token| token.claims).map_err(|_| "The signature of the assertion is wrong.")
    }

    fn check_times(&self, claims: &Claims) -> Result<(), &'static str> {
        let now = self.now.seconds();
        let expiry = claims.number("exp").ok_or("The assertion has no exp.")?;
        if expiry <= now - LEEWAY {
            return Err("The assertion has expired: its exp is in the past.");
        }
        if expiry > now + self.longest + LEEWAY {
            return Err("The exp of the assertion is too far in the future.");
        }
        let ahead = |name| claims.number(name).is_some_and(|date| date > now + LEEWAY);
        if ahead("iat") || ahead("nbf") {
            return Err("The assertion is not valid yet: its iat or nbf is in the future.");
        }
        Ok(())
    }
}

/// The crate knows the time by a clock of its own, so it judges the signature and nothing else.
fn signature_alone(algorithm: Algorithm) -> Validation {
    let mut validation = Validation::new(algorithm);
    validation.required_spec_claims.clear();
    validation.validate_exp = false;
    validation.validate_aud = false;
    validation
}

impl Claims {
    /// A claim that is a text.
    pub(super) fn text(&self, name: &str) -> Option<&str> {
        self.0.get(name)?.as_str()
    }

    /// A claim that is a `NumericDate` (RFC 7519, section 2).
    fn number(&self, name: &str) -> Option<i64> {
        let value = self.0.get(name)?;
        #[expect(clippy::cast_possible_truncation, reason = "a fraction of a second is dropped")]
        value.as_i64().or_else(|| value.as_f64().map(|seconds| seconds as i64))
    }

    /// A claim that is a text or a list of texts.
    fn texts(&self, name: &str) -> impl Iterator<Item = &str> {
        let value = self.0.get(name);
        let list = value.and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        value.and_then(Value::as_str).into_iter().chain(list.iter().filter_map(Value::as_str))
    }
}

#[cfg(test)]
pub(super) mod tests {
    use jsonwebtoken::{EncodingKey, Header, encode};
    use serde_json::json;

    use super::*;

    const NOW: i64 = 1_790_000_000;
    const SECRET: &str = "sandbox+secret/100%";

    /// Signs claims as a client of the sandbox does.
    pub(in crate::sandbox) fn signed(algorithm: Algorithm, claims: &Value) -> String {
        use Algorithm::{ES256, ES384, EdDSA, HS256, HS384, HS512};
        let pem = |name| {
            let pair = keys::KEY_PAIRS.into_iter().find(|pair| pair.file == name);
            pair.expect(name).private.as_bytes()
        };
        let key = match algorithm {
            HS256 | HS384 | HS512 => Ok(EncodingKey::from_secret(SECRET.as_bytes())),
            ES256 => EncodingKey::from_ec_pem(pem("p256.pem")),
            ES384 => EncodingKey::from_ec_pem(pem("p384.pem")),
            EdDSA => EncodingKey::from_ed_pem(pem("ed25519.pem")),
            _ => EncodingKey::from_rsa_pem(pem("rsa.pem")),
        };
        encode(&Header::new(algorithm), claims, &key.expect("a key")).expect("a JWT")
    }

    fn good() -> Value {
        json!({
            "iss": "c", "sub": "c", "aud": "https://s", "jti": "1",
            "iat": NOW - 5, "nbf": NOW - 5, "exp": NOW + 60,
        })
    }

    fn judged(assertion: &str, memory: &Memory) -> Result<Claims, &'static str> {
        let expected = Expected {
            audience: Some(&["https://s".to_owned(), "https://s/token".to_owned()]),
            secret: Some(SECRET),
            longest: 600,
            with_id: true,
            memory,
            now: WallTime::from_seconds(NOW),
        };
        expected.verify(assertion)
    }

    #[test]
    fn every_algorithm_is_verified() {
        use Algorithm::{
            ES256, ES384, EdDSA, HS256, HS384, HS512, PS256, PS384, PS512, RS256, RS384, RS512,
        };
        for algorithm in
            [HS256, HS384, HS512, RS256, RS384, RS512, PS256, PS384, PS512, ES256, ES384, EdDSA]
        {
            let assertion = signed(algorithm, &good());
            let claims = judged(&assertion, &Memory::default());
            assert_eq!(
                claims.ok().as_ref().and_then(|c| c.text("iss")),
                Some("c"),
                "{algorithm:?}"
            );
            let (signed, signature) = assertion.rsplit_once('.').expect("three parts");
            let first = if signature.starts_with('A') { 'B' } else { 'A' };
            let forged = format!("{signed}.{first}{}", &signature[1..]);
            let error = judged(&forged, &Memory::default()).err();
            assert!(error.is_some_and(|e| e.contains("signature")), "{algorithm:?}");
        }
    }

    #[test]
    fn each_claim_is_checked() {
        for (name, claim, value, expected) in [
            ("a list", "aud", json!(["x", "https://s/token"]), ""),
            ("another server", "aud", json!("https://t"), "aud"),
            ("no server", "aud", Value::Null, "aud"),
            ("a fraction", "exp", json!(1_790_000_060.5), ""),
            ("a little late", "exp", json!(NOW - 9), ""),
            ("expired", "exp", json!(NOW - 10), "expired"),
            ("for ever", "exp", json!(NOW + 611), "too far"),
            ("no end", "exp", Value::Null, "no exp"),
            ("a little early", "iat", json!(NOW + 10), ""),
            ("too early", "iat", json!(NOW + 11), "not valid yet"),
            ("not yet", "nbf", json!(NOW + 11), "not valid yet"),
            ("no id", "jti", Value::Null, "no jti"),
        ] {
            let mut claims = good();
            claims[claim] = value;
            let outcome = judged(&signed(Algorithm::HS256, &claims), &Memory::default()).err();
            let error = outcome.unwrap_or_default();
            let as_expected =
                if expected.is_empty() { error.is_empty() } else { error.contains(expected) };
            assert!(as_expected, "{name}: {error}");
        }
    }

    #[test]
    fn an_assertion_is_good_once() {
        let memory = Memory::default();
        let assertion = signed(Algorithm::ES256, &good());
        assert!(judged(&assertion, &memory).is_ok());
        assert!(judged(&assertion, &memory).err().is_some_and(|error| error.contains("before")));
    }

    #[test]
    fn what_is_no_assertion_is_refused() {
        for text in ["", "a.b.c", "eyJhbGciOiJub25lIn0.e30."] {
            assert!(judged(text, &Memory::default()).is_err(), "{text}");
        }
    }
}
