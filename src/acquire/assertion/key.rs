//! Keys and certificates as people keep them, made ready for signing.

use aws_lc_rs::{
    digest::{SHA1_FOR_LEGACY_USE_ONLY, SHA256, digest},
    signature::{
        ECDSA_P256_SHA256_FIXED_SIGNING, ECDSA_P384_SHA384_FIXED_SIGNING, EcdsaKeyPair,
        EcdsaSigningAlgorithm,
    },
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::EncodingKey;
use rustls_pki_types::{CertificateDer, PrivateSec1KeyDer, pem::PemObject as _};

use super::AssertionFlaw;
use crate::{credential::Algorithm, secret::Secret};

/// The digests by which a certificate is known (RFC 7515, sections 4.1.7 and 4.1.8).
pub(super) struct Thumbprints {
    pub(super) sha1: String,
    pub(super) sha256: String,
}

/// The key for an algorithm: a private key in PEM (PKCS #8, PKCS #1 or SEC 1), or the secret.
pub(super) fn read(algorithm: Algorithm, text: &Secret) -> Result<EncodingKey, AssertionFlaw> {
    if algorithm.is_mac() {
        return Ok(EncodingKey::from_secret(text.expose().as_bytes()));
    }
    let section = Section::find(text.expose()).ok_or(AssertionFlaw::NoPrivateKey)?;
    if section.is_encrypted() {
        return Err(AssertionFlaw::Encrypted);
    }
    let pem = section.text.as_bytes();
    let key = match algorithm {
        Algorithm::EdDSA => EncodingKey::from_ed_pem(pem).ok(),
        Algorithm::ES256 => elliptic(&section, &ECDSA_P256_SHA256_FIXED_SIGNING),
        Algorithm::ES384 => elliptic(&section, &ECDSA_P384_SHA384_FIXED_SIGNING),
        _ => EncodingKey::from_rsa_pem(pem).ok(),
    };
    key.ok_or(AssertionFlaw::Unfit(algorithm))
}

/// A key on an elliptic curve. SEC 1, which openssl writes, becomes PKCS #8 first.
fn elliptic(section: &Section<'_>, curve: &'static EcdsaSigningAlgorithm) -> Option<EncodingKey> {
    let pem = section.text.as_bytes();
    if section.label != "EC PRIVATE KEY" {
        return EncodingKey::from_ec_pem(pem).ok();
    }
    let key = PrivateSec1KeyDer::from_pem_slice(pem).ok()?;
    let pair = EcdsaKeyPair::from_private_key_der(curve, key.secret_sec1_der()).ok()?;
    Some(EncodingKey::from_ec_der(pair.to_pkcs8v1().ok()?.as_ref()))
}

/// The thumbprints of the first certificate.
pub(super) fn thumbprints(pem: &Secret) -> Result<Thumbprints, AssertionFlaw> {
    let certificate = CertificateDer::from_pem_slice(pem.expose().as_bytes())
        .map_err(|_| AssertionFlaw::NoCertificate)?;
    let thumbprint = |algorithm| URL_SAFE_NO_PAD.encode(digest(algorithm, &certificate));
    Ok(Thumbprints { sha1: thumbprint(&SHA1_FOR_LEGACY_USE_ONLY), sha256: thumbprint(&SHA256) })
}

/// The private key in a text that may hold more: certificates, parameters of a curve, remarks.
struct Section<'a> {
    label: &'a str,
    text: &'a str,
}

impl<'a> Section<'a> {
    fn find(text: &'a str) -> Option<Self> {
        const BEGIN: &str = "-----BEGIN ";
        const KEY: &str = "PRIVATE KEY";
        text.match_indices(BEGIN).find_map(|(start, _)| {
            let (label, _) = text[start + BEGIN.len()..].split_once("-----")?;
            let end = format!("-----END {label}-----");
            let length = text[start..].find(&end)? + end.len();
            label.ends_with(KEY).then(|| Self { label, text: &text[start..start + length] })
        })
    }

    /// PKCS #8 says so in its label, and the old way of openssl in a header (RFC 1421).
    fn is_encrypted(&self) -> bool {
        self.label == "ENCRYPTED PRIVATE KEY" || self.text.contains("Proc-Type: 4,ENCRYPTED")
    }
}

/// The algorithm by the name that the signing library has for it.
pub(super) const fn algorithm(algorithm: Algorithm) -> jsonwebtoken::Algorithm {
    match algorithm {
        Algorithm::HS256 => jsonwebtoken::Algorithm::HS256,
        Algorithm::HS384 => jsonwebtoken::Algorithm::HS384,
        Algorithm::HS512 => jsonwebtoken::Algorithm::HS512,
        Algorithm::RS256 => jsonwebtoken::Algorithm::RS256,
        Algorithm::RS384 => jsonwebtoken::Algorithm::RS384,
        Algorithm::RS512 => jsonwebtoken::Algorithm::RS512,
        Algorithm::PS256 => jsonwebtoken::Algorithm::PS256,
        Algorithm::PS384 => jsonwebtoken::Algorithm::PS384,
        Algorithm::PS512 => jsonwebtoken::Algorithm::PS512,
        Algorithm::ES256 => jsonwebtoken::Algorithm::ES256,
        Algorithm::ES384 => jsonwebtoken::Algorithm::ES384,
        Algorithm::EdDSA => jsonwebtoken::Algorithm::EdDSA,
    }
}
