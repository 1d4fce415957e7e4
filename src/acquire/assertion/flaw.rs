//! Why an assertion cannot be made.

use crate::credential::Algorithm;

/// What is wrong with a value that an assertion needs. No text shows anything of the value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AssertionFlaw {
    /// It has no section of PEM that is a private key.
    #[error("holds no private key in PEM")]
    NoPrivateKey,
    /// The private key wants a passphrase.
    #[error("is a private key that is encrypted with a passphrase")]
    Encrypted,
    /// The key is of another kind than the algorithm's, too short, or damaged.
    #[error("is not a key for {0:?}")]
    Unfit(Algorithm),
    /// It has no section of PEM that is a certificate.
    #[error("holds no certificate in PEM")]
    NoCertificate,
    /// The kernel gives no random bytes.
    #[error("cannot be made: the kernel gives no random bytes")]
    NoRandomness,
}

impl AssertionFlaw {
    pub(in crate::acquire) const fn reason(self) -> &'static str {
        match self {
            Self::NoPrivateKey | Self::Encrypted | Self::Unfit(_) => "assertion_key",
            Self::NoCertificate => "assertion_certificate",
            Self::NoRandomness => "no_randomness",
        }
    }

    pub(in crate::acquire) const fn advice(self) -> &'static str {
        match self {
            Self::NoPrivateKey => {
                "give the private key itself, which begins with `-----BEGIN PRIVATE KEY-----` or \
                 names RSA or EC there"
            }
            Self::Encrypted => "decrypt it: `openssl pkey -in KEY -out PLAIN-KEY`",
            Self::Unfit(_) => {
                "RS and PS need an RSA key of at least 2048 bits, ES256 one on P-256, ES384 one on \
                 P-384, EdDSA one of Ed25519: set `algorithm`, or give such a key"
            }
            Self::NoCertificate => {
                "give the certificate that belongs to the key; it begins with `-----BEGIN \
                 CERTIFICATE-----`"
            }
            Self::NoRandomness => "allow the `getrandom` system call",
        }
    }
}
