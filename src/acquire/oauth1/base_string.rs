//! The signature base string (RFC 5849, section 3.4.1): what both sides make of one request.

use url::Url;

use super::encode::{decode_form, encode};

/// The parameters of a request from wherever they stand, decoded (section 3.4.1.3.1).
#[derive(Default)]
pub(super) struct Parameters(Vec<(Vec<u8>, Vec<u8>)>);

impl Parameters {
    /// Adds those of a query or of a form body.
    pub(super) fn add_form(&mut self, text: &str) {
        self.0.extend(decode_form(text.as_bytes()));
    }

    /// Adds one.
    pub(super) fn add(&mut self, name: &str, value: &str) {
        self.0.push((name.into(), value.into()));
    }

    /// Section 3.4.1.3.2: encoded, then sorted by name and value. What comes more than once stays.
    pub(super) fn normalized(&self) -> String {
        let encoded = self.0.iter().map(|(name, value)| (encode(name), encode(value)));
        let mut encoded: Vec<_> = encoded.collect();
        encoded.sort_unstable();
        let pairs: Vec<_> = encoded.iter().map(|(name, value)| format!("{name}={value}")).collect();
        pairs.join("&")
    }
}

/// Section 3.4.1.1. The parameters of the URL's query have to be among `parameters`.
pub(super) fn base_string(method: &str, url: &Url, parameters: &Parameters) -> String {
    let method = encode(method.to_ascii_uppercase().as_bytes());
    let uri = encode(base_uri(url).as_bytes());
    format!("{method}&{uri}&{}", encode(parameters.normalized().as_bytes()))
}

/// Section 3.4.1.2: scheme and host in lower case, and no port that the scheme has anyway; the
/// type sees to both.
pub(super) fn base_uri(url: &Url) -> String {
    format!("{}{}", url.origin().ascii_serialization(), url.path())
}
