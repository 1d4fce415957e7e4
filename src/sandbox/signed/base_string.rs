//! The signature base string (RFC 5849, section 3.4.1).

use std::fmt::Display;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// All but the characters that RFC 3986, section 2.3 calls unreserved.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// Section 3.6.
pub(super) fn encoded(text: &str) -> impl Display + '_ {
    utf8_percent_encode(text, RESERVED)
}

/// Section 3.4.1.2: scheme and host in lower case, without the scheme's own port and without the
/// query.
pub(in crate::sandbox) fn base_uri(scheme: &str, authority: &str, path: &str) -> String {
    let (scheme, authority) = (scheme.to_ascii_lowercase(), authority.to_ascii_lowercase());
    let own_port = match &*scheme {
        "http" => ":80",
        "https" => ":443",
        _ => "",
    };
    let authority = authority.strip_suffix(own_port).unwrap_or(&authority);
    format!("{scheme}://{authority}{path}")
}

/// Section 3.4.1.3.2, of all parameters but the signature itself.
pub(super) fn normalized(parameters: &[(String, String)]) -> String {
    let signed = parameters.iter().filter(|(name, _)| name != "oauth_signature");
    let encoded = signed.map(|(name, value)| (encoded(name).to_string(), encoded(value)));
    let mut pairs: Vec<_> = encoded.map(|(name, value)| (name, value.to_string())).collect();
    pairs.sort();
    let pairs: Vec<_> = pairs.iter().map(|(name, value)| format!("{name}={value}")).collect();
    pairs.join("&")
}

/// Section 3.4.1.1.
pub(super) fn base_string(method: &str, uri: &str, parameters: &[(String, String)]) -> String {
    let normalized = normalized(parameters);
    format!("{}&{}&{}", encoded(&method.to_uppercase()), encoded(uri), encoded(&normalized))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_but_unreserved_characters_is_encoded() {
        let text = "aZ09-._~ +%&=*'()!/é☃\n";
        let expected = "aZ09-._~%20%2B%25%26%3D%2A%27%28%29%21%2F%C3%A9%E2%98%83%0A";
        assert_eq!(encoded(text).to_string(), expected);
    }

    /// The first two rows are those of section 3.4.1.2.
    #[test]
    fn the_uri_is_in_its_normal_form() {
        for (scheme, authority, path, expected) in [
            ("http", "EXAMPLE.COM:80", "/r%20v/X", "http://example.com/r%20v/X"),
            ("https", "www.example.net:8080", "/", "https://www.example.net:8080/"),
            ("HTTPS", "h:443", "/", "https://h/"),
            ("http", "h:443", "/", "http://h:443/"),
            ("http", "[::1]:80", "/a", "http://[::1]/a"),
            ("http", "[::80]", "/a", "http://[::80]/a"),
        ] {
            assert_eq!(base_uri(scheme, authority, path), expected);
        }
    }
}
