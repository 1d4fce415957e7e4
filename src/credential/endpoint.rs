//! Where tokens are asked for.

use std::{fmt, path::Path};

use super::ClientCertificate;

/// A token endpoint (RFC 6749, section 3.2). Credentials with equal endpoints share one request
/// budget and one pause.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct TokenEndpoint {
    /// Absolute; `https` unless loopback or `allow_insecure`. Of a grant that runs a program,
    /// `exec:` and its path.
    pub url: url::Url,
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

/// Whether a URL points to this machine, where nobody can listen on the way (RFC 8252, section
/// 8.3, and RFC 6761, section 6.3, for `localhost`).
pub fn is_loopback(url: &url::Url) -> bool {
    match url.host() {
        Some(url::Host::Ipv4(address)) => address.is_loopback(),
        Some(url::Host::Ipv6(address)) => address.is_loopback(),
        Some(url::Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        None => false,
    }
}

impl fmt::Debug for TokenEndpoint {
    /// Without the query: some providers want an API key there.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let origin = self.url.origin().ascii_serialization();
        write!(f, "TokenEndpoint({origin}{})", self.url.path())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn endpoint(url: &str) -> TokenEndpoint {
        let url = url::Url::parse(url).unwrap();
        TokenEndpoint {
            url,
            discover: false,
            ca_file: None,
            certificate: None,
            allow_insecure: false,
        }
    }

    #[test]
    fn debug_shows_no_query() {
        let endpoint = endpoint("https://login.example.com/token?key=s3cret");
        assert_eq!(format!("{endpoint:?}"), "TokenEndpoint(https://login.example.com/token)");
    }

    #[test]
    fn loopback_is_this_machine_only() {
        for (url, expected) in [
            ("http://127.0.0.1:8080/token", true),
            ("http://127.9.9.9/", true),
            ("http://[::1]/", true),
            ("http://localhost/", true),
            ("http://LOCALHOST/", true),
            ("http://idp.localhost/", true),
            ("http://localhost.example.com/", false),
            ("http://notlocalhost/", false),
            ("http://192.168.0.1/", false),
            ("http://[::]/", false),
        ] {
            let endpoint = endpoint(url);
            assert_eq!(is_loopback(&endpoint.url), expected, "{}", endpoint.url);
        }
    }
}
