//! Assertions that we sign.

use std::time::Duration;

use super::ValueSource;

/// A JWT that we make and sign (RFC 7523, section 3).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Assertion {
    /// How it is signed.
    pub signing: Signing,
    /// `iss`; without it, and where the assertion authenticates the client, the client's id.
    pub issuer: Option<ValueSource>,
    /// `sub`; without it, none, or the client's id where the assertion authenticates the client.
    pub subject: Option<ValueSource>,
    /// `aud`; without it, the token endpoint, but none where the assertion stands in the place of
    /// a token.
    pub audience: Option<ValueSource>,
    /// From `iat` to `exp`.
    pub lifetime: Duration,
    /// Further claims: JSON where the text is JSON, and otherwise the text.
    pub claims: Box<[(Box<str>, ValueSource)]>,
}

/// How a JWT is signed.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Signing {
    /// With which algorithm.
    pub algorithm: Algorithm,
    /// The private key in PEM; for `HS` algorithms, the secret itself.
    pub key: ValueSource,
    /// `kid`.
    pub key_id: Option<ValueSource>,
    /// The certificate in PEM whose thumbprint is sent as `x5t` and `x5t#S256`.
    pub certificate: Option<ValueSource>,
}

/// An algorithm of RFC 7518, section 3.1, or RFC 8037.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "they are the names of the RFCs")]
pub enum Algorithm {
    HS256,
    HS384,
    HS512,
    RS256,
    RS384,
    RS512,
    PS256,
    PS384,
    PS512,
    ES256,
    ES384,
    EdDSA,
}

impl Algorithm {
    /// Whether the key is a secret that both sides know (RFC 7518, section 3.2).
    pub const fn is_mac(self) -> bool {
        matches!(self, Self::HS256 | Self::HS384 | Self::HS512)
    }
}
