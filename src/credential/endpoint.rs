//! Where tokens are asked for.

use std::{fmt, ops::Deref, path::Path};

use url::Url;

use super::{ClientCertificate, without_query};

/// An endpoint beside the token endpoint.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Endpoint(pub Url);

/// A token endpoint (RFC 6749, section 3.2). Credentials with equal endpoints share one request
/// budget and one pause.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct TokenEndpoint {
    /// Absolute; `https` unless loopback or `allow_insecure`. Of a grant that asks nobody,
    /// `exec:` and the program, or `sign:` and the credential.
    pub url: Url,
    /// Whether `url` is that of the issuer, whose metadata say where the endpoints are (RFC 8414
    /// and `OpenID` Connect Discovery 1.0).
    pub discover: bool,
    /// PEM file with the only certificate authorities to trust for it.
    pub ca_file: Option<Box<Path>>,
    /// The certificate that we show (RFC 8705).
    pub certificate: Option<Box<ClientCertificate>>,
    /// Plain `http` to a host that is not loopback was asked for.
    pub allow_insecure: bool,
}

impl Deref for Endpoint {
    type Target = Url;

    fn deref(&self) -> &Url {
        &self.0
    }
}

impl fmt::Debug for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Endpoint({})", without_query(self))
    }
}

impl fmt::Debug for TokenEndpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TokenEndpoint({})", without_query(&self.url))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::credential::fixture;

    #[test]
    fn debug_shows_no_query() {
        let endpoint = fixture::endpoint("https://login.example.com/token?key=s3cret");
        assert_eq!(format!("{endpoint:?}"), "TokenEndpoint(https://login.example.com/token)");
        let endpoint = Endpoint(endpoint.url);
        assert_eq!(format!("{endpoint:?}"), "Endpoint(https://login.example.com/token)");
    }
}
