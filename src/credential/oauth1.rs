//! OAuth 1.0a (RFC 5849), in the words of its RFC.

use url::Url;

use super::ValueSource;

/// How token credentials are had, and how requests are signed with them (RFC 5849). The third
/// leg's URL is the token endpoint, and the client credentials are the client's id and secret.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct OAuth1 {
    /// Where temporary credentials are had (section 2.1).
    pub initiate: Url,
    /// The page where the resource owner agrees (section 2.2).
    pub authorize: Url,
    /// Where the resource owner comes back to.
    pub callback: Callback,
    /// How requests are signed (section 3.4).
    pub signature_method: SignatureMethod,
    /// The `realm` of the `Authorization` header (section 3.5.1).
    pub realm: Option<Box<str>>,
    /// Where the protocol parameters of the legs stand (section 3.5).
    pub parameters_in: ParameterPlace,
}

/// Where the resource owner comes back to, with the verifier.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Callback {
    /// `oob`, out of band: the provider shows the verifier, and a person types it in.
    OutOfBand,
    /// A page; on loopback, the port may be 0 for any free one.
    Page(Url),
}

/// How requests are signed (RFC 5849, section 3.4).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum SignatureMethod {
    /// `HMAC-SHA1`, with both shared secrets.
    HmacSha1,
    /// `HMAC-SHA256`: the same with another digest, which RFC 5849 does not know.
    HmacSha256,
    /// `RSA-SHA1`, with the client's private key.
    RsaSha1 {
        /// In PEM.
        private_key: ValueSource,
    },
    /// `RSA-SHA256`: the same with another digest.
    RsaSha256 {
        /// In PEM.
        private_key: ValueSource,
    },
    /// `PLAINTEXT`: the secrets themselves, which only TLS protects.
    Plaintext,
}

/// Where protocol parameters stand (RFC 5849, section 3.5).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum ParameterPlace {
    /// In the `Authorization` header.
    #[default]
    Header,
    /// In the form body.
    Body,
    /// In the query of the URL.
    Query,
}

impl SignatureMethod {
    /// The `oauth_signature_method`.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::HmacSha1 => "HMAC-SHA1",
            Self::HmacSha256 => "HMAC-SHA256",
            Self::RsaSha1 { .. } => "RSA-SHA1",
            Self::RsaSha256 { .. } => "RSA-SHA256",
            Self::Plaintext => "PLAINTEXT",
        }
    }

    /// The private key, if it takes one.
    pub const fn private_key(&self) -> Option<&ValueSource> {
        match self {
            Self::RsaSha1 { private_key } | Self::RsaSha256 { private_key } => Some(private_key),
            Self::HmacSha1 | Self::HmacSha256 | Self::Plaintext => None,
        }
    }
}
