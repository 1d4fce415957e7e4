//! What several rooms ask of a URL.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use url::{Host, Url};

/// Everything but the unreserved characters of RFC 3986, section 2.3.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// A value as it may stand in any part of a URL: a tenant with a `/` in it must not change the path.
pub fn percent_encoded(value: &str) -> String {
    utf8_percent_encode(value, RESERVED).to_string()
}

/// Who is asked (RFC 6454): scheme, host and port.
pub fn origin(url: &Url) -> Box<str> {
    url.origin().ascii_serialization().into()
}

/// A URL that may be shown: without user, query and fragment, where secrets travel. Some providers
/// want an API key in the query.
pub fn without_query(url: &Url) -> String {
    format!("{}{}", origin(url), url.path())
}

/// Whether a URL points to this machine, where nobody can listen on the way (RFC 8252, section
/// 8.3, and RFC 6761, section 6.3, for `localhost`).
pub fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
            assert_eq!(is_loopback(&Url::parse(url).unwrap()), expected, "{url}");
        }
    }

    #[test]
    fn a_value_stays_in_its_part() {
        assert_eq!(percent_encoded("a/b?c=d&e#f%~ü"), "a%2Fb%3Fc%3Dd%26e%23f%25~%C3%BC");
    }

    #[test]
    fn what_may_be_shown_has_no_place_for_a_secret() {
        let url = Url::parse("https://user:s3cret@idp.example:8443/t?key=s3cret#s3cret").unwrap();
        assert_eq!(without_query(&url), "https://idp.example:8443/t");
    }
}
