//! The occasion of an answer: everything that an answer depends on besides the request.
//!
//! Time and randomness come in here as plain values, so that systems and habits are pure and
//! their replies can be compared with literal text.

use std::time::Duration;

use aws_lc_rs::hmac;
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD as BASE64};
use serde_json::Value;

use super::memory::Memory;
use crate::clock::WallTime;

/// `{"alg":"HS256","typ":"JWT"}`, encoded: the start of the example token in the documentation
/// of learn.link.
const JOSE_HEADER: &str = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9";

/// Everything that an answer depends on besides the request.
pub(super) struct Occasion<'a> {
    /// The date.
    pub(super) now: WallTime,
    /// Drawn for this request alone: an answer issues at most one token.
    pub(super) random: [u8; 16],
    /// Signs JWTs.
    pub(super) key: &'a hmac::Key,
    /// What has happened before.
    pub(super) memory: &'a Memory,
    /// What every URL begins with: `http://ADDRESS`.
    pub(super) base: &'a str,
    /// Replaces the lifetime that a system documents.
    pub(super) lifetime: Option<Duration>,
    /// How many requests the system or habit has had, this one included.
    pub(super) turn: u64,
    /// The same within the running minute.
    pub(super) this_minute: u32,
}

impl Occasion<'_> {
    /// The lifetime in seconds of a token issued now.
    pub(super) fn lifetime(&self, documented: u64) -> u64 {
        self.lifetime.map_or(documented, |lifetime| lifetime.as_secs())
    }

    /// The date at which a token of this lifetime stops being good.
    pub(super) fn expiry(&self, lifetime: u64) -> WallTime {
        self.now + Duration::from_secs(lifetime)
    }

    /// A random UUID (RFC 9562, section 5.4).
    pub(super) fn uuid(&self) -> String {
        uuid(self.random)
    }

    /// The name of a grant, from which the token that is issued with it cannot be told.
    pub(super) fn identifier(&self) -> String {
        let digest = hmac::sign(self.key, &self.random);
        BASE64.encode(&digest.as_ref()[..16])
    }

    /// Bytes that follow from a text, and that nobody else can tell.
    pub(super) fn derived(&self, text: &str) -> [u8; 32] {
        let mut bytes = [0; 32];
        bytes.copy_from_slice(hmac::sign(self.key, text.as_bytes()).as_ref());
        bytes
    }

    /// A JWT (RFC 7519), signed with HS256.
    pub(super) fn jwt(&self, claims: &Value) -> String {
        let signed = format!("{JOSE_HEADER}.{}", BASE64.encode(claims.to_string()));
        let signature = hmac::sign(self.key, signed.as_bytes());
        format!("{signed}.{}", BASE64.encode(signature))
    }

    /// The claims of a JWT, if it is one of ours.
    pub(super) fn claims(&self, jwt: &str) -> Option<Value> {
        let (signed, signature) = jwt.rsplit_once('.')?;
        hmac::verify(self.key, signed.as_bytes(), &BASE64.decode(signature).ok()?).ok()?;
        let (_, payload) = signed.split_once('.')?;
        serde_json::from_slice(&BASE64.decode(payload).ok()?).ok()
    }
}

/// Sixteen bytes as a UUID of version 4.
pub(super) fn uuid(mut bytes: [u8; 16]) -> String {
    bytes[6] = bytes[6] & 0x0f | 0x40;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    let hex = format!("{:032x}", u128::from_be_bytes(bytes));
    format!("{}-{}-{}-{}-{}", &hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..])
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// 2026-09-21T14:13:20Z.
    pub(in crate::sandbox) const NOW: WallTime = WallTime::from_seconds(1_790_000_000);

    /// What every URL begins with.
    pub(in crate::sandbox) const BASE: &str = "http://sandbox";

    /// A first request at a fixed date, with fixed randomness.
    pub(in crate::sandbox) fn with_occasion<T>(ask: impl FnOnce(&mut Occasion<'_>) -> T) -> T {
        with_memory(&Memory::default(), ask)
    }

    /// The same, after what is remembered.
    pub(in crate::sandbox) fn with_memory<T>(
        memory: &Memory,
        ask: impl FnOnce(&mut Occasion<'_>) -> T,
    ) -> T {
        let key = hmac::Key::new(hmac::HMAC_SHA256, &[7; 32]);
        ask(&mut Occasion {
            now: NOW,
            random: *b"0123456789abcdef",
            key: &key,
            memory,
            base: BASE,
            lifetime: None,
            turn: 1,
            this_minute: 1,
        })
    }

    #[test]
    fn a_uuid_has_its_version_and_variant() {
        assert_eq!(uuid([0xff; 16]), "ffffffff-ffff-4fff-bfff-ffffffffffff");
        assert_eq!(uuid([0; 16]), "00000000-0000-4000-8000-000000000000");
    }

    #[test]
    fn a_jwt_has_three_parts_and_verifies() {
        with_occasion(|occasion| {
            let token = occasion.jwt(&serde_json::json!({ "exp": 1 }));
            let (signed, _) = token.rsplit_once('.').expect("a signature");
            assert_eq!(signed, "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJleHAiOjF9");
            assert_eq!(occasion.claims(&token), Some(serde_json::json!({ "exp": 1 })));
            assert_eq!(occasion.claims(&token.replace("eyJleHAiOjF9", "eyJleHAiOjJ9")), None);
        });
    }
}
