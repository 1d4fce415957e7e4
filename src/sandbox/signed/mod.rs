//! Signatures of OAuth 1.0a as a server verifies them (RFC 5849, section 3.2).
//!
//! Written apart from those that the client makes, so that a mistake on one side is not mirrored
//! on the other.

mod base_string;
mod message;

use aws_lc_rs::{
    constant_time::verify_slices_are_equal,
    hmac,
    signature::{
        RSA_PKCS1_2048_8192_SHA1_FOR_LEGACY_USE_ONLY, RSA_PKCS1_2048_8192_SHA256, RsaParameters,
        UnparsedPublicKey,
    },
};
use base64::{Engine, prelude::BASE64_STANDARD};

pub(super) use self::base_string::base_uri;
use self::base_string::encoded;
pub(super) use self::message::{Message, header_parameter, pairs};
use super::keys;

/// How a request is signed (section 3.4; the two with SHA-256 are none of the RFC's).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Method {
    HmacSha1,
    HmacSha256,
    RsaSha1,
    RsaSha256,
    Plaintext,
}

/// The two shared secrets.
#[derive(Clone, Copy)]
pub(super) struct Secrets<'a> {
    pub(super) client: &'a str,
    /// Empty as long as there is no token.
    pub(super) token: &'a str,
}

impl Method {
    /// That of an `oauth_signature_method`.
    pub(super) fn named(name: &str) -> Option<Self> {
        Some(match name {
            "HMAC-SHA1" => Self::HmacSha1,
            "HMAC-SHA256" => Self::HmacSha256,
            "RSA-SHA1" => Self::RsaSha1,
            "RSA-SHA256" => Self::RsaSha256,
            "PLAINTEXT" => Self::Plaintext,
            _ => return None,
        })
    }

    /// The signature that a message must have; `None` if only the client can make it.
    pub(super) fn expected(self, message: &Message, secrets: Secrets<'_>) -> Option<String> {
        let key = format!("{}&{}", encoded(secrets.client), encoded(secrets.token));
        let digest = match self {
            Self::HmacSha1 => hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY,
            Self::HmacSha256 => hmac::HMAC_SHA256,
            Self::Plaintext => return Some(key),
            Self::RsaSha1 | Self::RsaSha256 => return None,
        };
        let key = hmac::Key::new(digest, key.as_bytes());
        Some(BASE64_STANDARD.encode(hmac::sign(&key, message.base_string().as_bytes())))
    }

    /// Whether the message is signed as it must be: with RSA, by the sandbox's own key.
    pub(super) fn verifies(self, message: &Message, secrets: Secrets<'_>) -> bool {
        let Some(signature) = message.one("oauth_signature") else { return false };
        match self {
            Self::RsaSha1 => rsa(&RSA_PKCS1_2048_8192_SHA1_FOR_LEGACY_USE_ONLY, message, signature),
            Self::RsaSha256 => rsa(&RSA_PKCS1_2048_8192_SHA256, message, signature),
            Self::HmacSha1 | Self::HmacSha256 | Self::Plaintext => {
                self.expected(message, secrets).is_some_and(|expected| {
                    verify_slices_are_equal(expected.as_bytes(), signature.as_bytes()).is_ok()
                })
            }
        }
    }
}

/// Section 3.4.3.
fn rsa(parameters: &'static RsaParameters, message: &Message, signature: &str) -> bool {
    let (Some(key), Ok(signature)) = (keys::rsa_public(), BASE64_STANDARD.decode(signature)) else {
        return false;
    };
    let key = UnparsedPublicKey::new(parameters, key);
    key.verify(message.base_string().as_bytes(), &signature).is_ok()
}

#[cfg(test)]
pub(super) mod tests;
