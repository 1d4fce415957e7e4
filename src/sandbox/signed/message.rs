//! A signed request as RFC 5849, section 3.1 lets it be made.

use std::collections::BTreeSet;

use percent_encoding::percent_decode_str;
use url::form_urlencoded;

use super::base_string::{base_string, base_uri};
use crate::sandbox::request::Request;

/// What a signature is made of: the method, where the request went, and its parameters, decoded.
pub(in crate::sandbox) struct Message {
    pub(in crate::sandbox) method: String,
    pub(in crate::sandbox) uri: String,
    pub(in crate::sandbox) parameters: Vec<(String, String)>,
}

impl Message {
    /// A request to a server that does as the RFC says; `Err` says what is wrong with it.
    pub(in crate::sandbox) fn read(request: &Request) -> Result<Self, &'static str> {
        let mut parameters = header_parameters(request);
        // Section 3.5.1: the realm is no part of the signature, and `realm` elsewhere is no realm.
        parameters.retain(|(name, _)| name != "realm");
        parameters.extend(pairs(request.query.as_bytes()));
        if request.media_type() == "application/x-www-form-urlencoded" {
            parameters.extend(pairs(&request.body));
        }
        let mut names = BTreeSet::new();
        let protocol = parameters.iter().filter(|(name, _)| name.starts_with("oauth_"));
        if !protocol.map(|(name, _)| name).all(|name| names.insert(name)) {
            return Err("a protocol parameter comes twice");
        }
        Ok(Self {
            method: request.method.to_string(),
            uri: base_uri("http", request.text_header("host"), &request.path),
            parameters,
        })
    }

    /// The value of a parameter.
    pub(in crate::sandbox) fn one(&self, name: &str) -> Option<&str> {
        self.parameters.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// The text that is signed.
    pub(super) fn base_string(&self) -> String {
        base_string(&self.method, &self.uri, &self.parameters)
    }
}

/// Those of the `Authorization` header, if it is one of OAuth 1.0a (section 3.5.1).
fn header_parameters(request: &Request) -> Vec<(String, String)> {
    let (scheme, list) = request.text_header("authorization").split_once(' ').unwrap_or_default();
    if !scheme.eq_ignore_ascii_case("oauth") {
        return Vec::new();
    }
    list.split(',').filter_map(header_parameter).collect()
}

/// `name="value"`, both encoded.
pub(in crate::sandbox) fn header_parameter(part: &str) -> Option<(String, String)> {
    let (name, value) = part.trim().split_once('=')?;
    let decoded = |text| percent_decode_str(text).decode_utf8_lossy().into_owned();
    Some((decoded(name), decoded(value.trim_matches('"'))))
}

/// Those of a query or of a form.
pub(in crate::sandbox) fn pairs(text: &[u8]) -> impl Iterator<Item = (String, String)> {
    form_urlencoded::parse(text).into_owned()
}

#[cfg(test)]
mod tests {
    use super::{super::base_string::normalized, *};
    use crate::sandbox::request::tests::{FORM, request};

    /// The example of sections 3.4.1.1 and 3.4.1.3.
    fn example() -> Message {
        let authorization = "OAuth realm=\"Example\", \
                             oauth_consumer_key=\"9djdj82h48djs9d2\", \
                             oauth_token=\"kkk9d7dh3k39sjv7\", \
                             oauth_signature_method=\"HMAC-SHA1\", \
                             oauth_timestamp=\"137131201\", oauth_nonce=\"7d8f3e4a\", \
                             oauth_signature=\"bYT5CMsGcbgUdFHObYMEfcx6bsw%3D\"";
        let headers = [FORM, ("host", "example.com"), ("authorization", authorization)];
        let path = "/request?b5=%3D%253D&a3=a&c%40=&a2=r%20b";
        Message::read(&request(path, &headers, "c2&a3=2+q")).unwrap_or_else(|flaw| panic!("{flaw}"))
    }

    #[test]
    fn parameters_are_gathered_from_header_query_and_form() {
        let expected = "a2=r%20b&a3=2%20q&a3=a&b5=%3D%253D&c%40=&c2=&\
                        oauth_consumer_key=9djdj82h48djs9d2&oauth_nonce=7d8f3e4a&\
                        oauth_signature_method=HMAC-SHA1&oauth_timestamp=137131201&\
                        oauth_token=kkk9d7dh3k39sjv7";
        assert_eq!(normalized(&example().parameters), expected);
    }

    #[test]
    fn the_base_string_is_that_of_the_rfc() {
        let expected = "POST&http%3A%2F%2Fexample.com%2Frequest&a2%3Dr%2520b%26a3%3D2%2520q%26a3\
                        %3Da%26b5%3D%253D%25253D%26c%2540%3D%26c2%3D%26oauth_consumer_key%3D9djd\
                        j82h48djs9d2%26oauth_nonce%3D7d8f3e4a%26oauth_signature_method%3DHMAC-SH\
                        A1%26oauth_timestamp%3D137131201%26oauth_token%3Dkkk9d7dh3k39sjv7";
        assert_eq!(example().base_string(), expected);
    }

    #[test]
    fn a_protocol_parameter_comes_once() {
        for (name, path, header, body) in [
            ("query and form", "/?oauth_nonce=1", "", "oauth_nonce=1"),
            ("query and header", "/?oauth_nonce=1", "oauth oauth_nonce=\"1\"", ""),
            ("form, twice", "/", "", "oauth_nonce=1&oauth_nonce=2"),
        ] {
            let request = request(path, &[FORM, ("authorization", header)], body);
            assert!(Message::read(&request).is_err(), "{name}");
        }
        let other = request("/?a=1&a=1", &[("content-type", "text/plain")], "oauth_nonce=1");
        let message = Message::read(&other).unwrap_or_else(|flaw| panic!("{flaw}"));
        assert_eq!(message.parameters.len(), 2, "another body says nothing");
    }
}
