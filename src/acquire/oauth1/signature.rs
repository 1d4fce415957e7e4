//! Signatures (RFC 5849, sections 3.4.2 to 3.4.4), and the same with SHA-256.

use aws_lc_rs::hmac;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use rsa::{
    PrivateKey,
    pkcs1::DecodeRsaPrivateKey as _,
    pkcs1v15::SigningKey,
    pkcs8::DecodePrivateKey as _,
    sha2::Sha256,
    signature::{SignatureEncoding as _, Signer as _},
};
use rustls_pki_types::{PrivateKeyDer, pem::PemObject as _};
use sha1::Sha1;

use super::{OAuth1Error, encode::encode};
use crate::{
    acquire::{AcquireError, read},
    credential::SignatureMethod,
    secret::Secret,
};

/// The secrets of who signs. Each may be empty.
#[derive(Clone, Copy)]
pub(super) struct Secrets<'a> {
    /// The shared secret of the client credentials.
    pub(super) client: &'a str,
    /// That of the temporary or token credentials, if there are any yet.
    pub(super) token: &'a str,
}

/// What signs, with its key.
pub(super) enum Signer {
    HmacSha1(Secret),
    HmacSha256(Secret),
    RsaSha1(SigningKey<Sha1>),
    RsaSha256(SigningKey<Sha256>),
    Plaintext(Secret),
}

impl Signer {
    /// Reads the key if it is a private one; the others are made of the secrets.
    pub(super) async fn new(
        method: &SignatureMethod,
        secrets: Secrets<'_>,
    ) -> Result<Self, AcquireError> {
        Ok(match method {
            SignatureMethod::HmacSha1 => Self::HmacSha1(secrets.key()),
            SignatureMethod::HmacSha256 => Self::HmacSha256(secrets.key()),
            SignatureMethod::Plaintext => Self::Plaintext(secrets.key()),
            SignatureMethod::RsaSha1 { private_key } => {
                let pem = read("private_key", private_key).await?;
                Self::RsaSha1(SigningKey::new(private_key_of(&pem)?))
            }
            SignatureMethod::RsaSha256 { private_key } => {
                let pem = read("private_key", private_key).await?;
                Self::RsaSha256(SigningKey::new(private_key_of(&pem)?))
            }
        })
    }

    /// The `oauth_signature` of a base string, not encoded yet.
    pub(super) fn sign(&self, base_string: &str) -> Result<String, OAuth1Error> {
        let text = base_string.as_bytes();
        let mac = |algorithm, key: &Secret| {
            let key = hmac::Key::new(algorithm, key.expose().as_bytes());
            STANDARD.encode(hmac::sign(&key, text))
        };
        Ok(match self {
            Self::HmacSha1(key) => mac(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, key),
            Self::HmacSha256(key) => mac(hmac::HMAC_SHA256, key),
            Self::RsaSha1(key) => {
                STANDARD.encode(key.try_sign(text).map_err(|_| OAuth1Error::PrivateKey)?.to_bytes())
            }
            Self::RsaSha256(key) => {
                STANDARD.encode(key.try_sign(text).map_err(|_| OAuth1Error::PrivateKey)?.to_bytes())
            }
            Self::Plaintext(key) => key.expose().to_owned(),
        })
    }
}

impl Secrets<'_> {
    /// Both secrets, encoded, with `&` between them (section 3.4.2).
    fn key(self) -> Secret {
        let [client, token] = [self.client, self.token].map(|secret| encode(secret.as_bytes()));
        format!("{client}&{token}").into()
    }
}

/// The first private key in a text that may hold more; PKCS #1 and PKCS #8 are known.
fn private_key_of(pem: &Secret) -> Result<PrivateKey, OAuth1Error> {
    let key = PrivateKeyDer::from_pem_slice(pem.expose().as_bytes());
    let key = match key {
        Ok(PrivateKeyDer::Pkcs1(der)) => PrivateKey::from_pkcs1_der(der.secret_pkcs1_der()).ok(),
        Ok(PrivateKeyDer::Pkcs8(der)) => PrivateKey::from_pkcs8_der(der.secret_pkcs8_der()).ok(),
        _ => None,
    };
    key.ok_or(OAuth1Error::PrivateKey)
}
