//! Key pairs that everybody knows: the sandbox verifies assertions with their public halves, and
//! whoever tries it signs with the private ones.

use std::path::Path;

use jsonwebtoken::{Algorithm, DecodingKey};
use rustls_pki_types::{SubjectPublicKeyInfoDer, pem::PemObject as _};

use super::SandboxError;
use crate::atomic::{Directory, Durability, FileAccess};

/// A key pair for the sandbox alone.
pub(super) struct KeyPair {
    /// The file that `--keys` writes.
    pub(super) file: &'static str,
    /// What it signs.
    pub(super) signs: &'static str,
    /// PKCS #8, in PEM.
    pub(super) private: &'static str,
    public: &'static str,
}

/// The RSA key, for whoever plays a client.
pub const RSA_KEY: &str = RSA.private;

/// A certificate of it.
pub const RSA_CERTIFICATE: &str = include_str!("keys/rsa.certificate.pem");

pub(super) const KEY_PAIRS: [&KeyPair; 4] = [&RSA, &P256, &P384, &ED25519];

const RSA: KeyPair = KeyPair {
    file: "rsa.pem",
    signs: "RS256, RS384, RS512, PS256, PS384, PS512",
    private: include_str!("keys/rsa.pem"),
    public: include_str!("keys/rsa.public.pem"),
};
const P256: KeyPair = KeyPair {
    file: "p256.pem",
    signs: "ES256",
    private: include_str!("keys/p256.pem"),
    public: include_str!("keys/p256.public.pem"),
};
const P384: KeyPair = KeyPair {
    file: "p384.pem",
    signs: "ES384",
    private: include_str!("keys/p384.pem"),
    public: include_str!("keys/p384.public.pem"),
};
const ED25519: KeyPair = KeyPair {
    file: "ed25519.pem",
    signs: "EdDSA",
    private: include_str!("keys/ed25519.pem"),
    public: include_str!("keys/ed25519.public.pem"),
};

/// What verifies this algorithm; a secret, for those that need one.
pub(super) fn verifying(algorithm: Algorithm, secret: Option<&str>) -> Option<DecodingKey> {
    use Algorithm::{ES256, ES384, EdDSA, HS256, HS384, HS512};
    match algorithm {
        HS256 | HS384 | HS512 => secret.map(|secret| DecodingKey::from_secret(secret.as_bytes())),
        ES256 => DecodingKey::from_ec_pem(P256.public.as_bytes()).ok(),
        ES384 => DecodingKey::from_ec_pem(P384.public.as_bytes()).ok(),
        EdDSA => DecodingKey::from_ed_pem(ED25519.public.as_bytes()).ok(),
        _ => DecodingKey::from_rsa_pem(RSA.public.as_bytes()).ok(),
    }
}

/// The RSA key that verifies the signatures of OAuth 1.0a, in DER; `None` if its PEM is broken.
pub(super) fn rsa_public() -> Option<SubjectPublicKeyInfoDer<'static>> {
    SubjectPublicKeyInfoDer::from_pem_slice(RSA.public.as_bytes()).ok()
}

/// Writes the private keys into a folder, for a client to sign with.
pub fn write_keys(folder: &Path) -> Result<(), SandboxError> {
    let folder = Directory::open(folder)?;
    let access = FileAccess { mode: 0o600, owner: None, group: None };
    for pair in KEY_PAIRS {
        folder.replace(
            pair.file.as_ref(),
            pair.private.as_bytes(),
            access,
            Durability::Volatile,
        )?;
    }
    Ok(())
}
