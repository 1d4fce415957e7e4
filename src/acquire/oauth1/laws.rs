//! Laws of signed requests, and a server to hold them against: it takes a request apart by other
//! means than those that put it together.

use aws_lc_rs::hmac;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use proptest::prelude::*;
use url::{Url, form_urlencoded};

use super::{
    Nonce, Stamp,
    base_string::{Parameters, base_string},
    message::{Message, Placed, Protocol, header},
    signature::Signer,
};
use crate::{acquire::TokenRequest, clock::WallTime, credential::ParameterPlace, secret::Secret};

/// What a server finds in a request: its parameters, without the realm and with the signature.
pub(super) struct Received {
    pub(super) parameters: Vec<(String, String)>,
    base: String,
}

impl Received {
    pub(super) fn of(request: &TokenRequest, method: &str) -> Self {
        let header = request.headers.iter().find(|(name, _)| &**name == "Authorization");
        let header = header.map(|(_, value)| value.expose());
        Self::new(method, &request.url, request.body.expose(), header)
    }

    fn new(method: &str, url: &Url, body: &str, header: Option<&str>) -> Self {
        let mut parameters: Vec<(String, String)> = url.query_pairs().into_owned().collect();
        parameters.extend(form_urlencoded::parse(body.as_bytes()).into_owned());
        let decoded = |text: &str| percent_decode_str(text).decode_utf8().unwrap().into_owned();
        if let Some(header) = header {
            let rest = header.strip_prefix("OAuth ").expect("the scheme as the RFC writes it");
            for part in rest.split(", ") {
                let (name, value) = part.split_once("=\"").expect("a parameter");
                let value = value.strip_suffix('"').expect("a quoted value");
                if name != "realm" {
                    parameters.push((decoded(name), decoded(value)));
                }
            }
        }
        let mut plain = url.clone();
        plain.set_query(None);
        plain.set_fragment(None);
        let signed = parameters.iter().filter(|(name, _)| name != "oauth_signature");
        let mut signed: Vec<_> =
            signed.map(|(name, value)| (escape(name), escape(value))).collect();
        signed.sort();
        let signed: Vec<_> = signed.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let base = [method, plain.as_str(), &signed.join("&")].map(escape).join("&");
        Self { parameters, base }
    }

    pub(super) fn value(&self, name: &str) -> Option<&str> {
        let mut values = self.parameters.iter().filter(|(own, _)| own == name);
        let value = values.next().map(|(_, value)| value.as_str());
        assert!(values.next().is_none(), "{name} stands there twice");
        value
    }

    /// Whether HMAC-SHA1 with these secrets signs it.
    pub(super) fn is_signed_with(&self, client: &str, token: &str) -> bool {
        let key = format!("{}&{}", escape(client), escape(token));
        let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, key.as_bytes());
        let expected = STANDARD.encode(hmac::sign(&key, self.base.as_bytes()));
        self.value("oauth_signature") == Some(&expected)
    }
}

fn escape(text: &str) -> String {
    const ALL_BUT_UNRESERVED: &AsciiSet =
        &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');
    utf8_percent_encode(text, ALL_BUT_UNRESERVED).to_string()
}

type Pairs = Vec<(String, String)>;

fn pairs() -> impl Strategy<Value = Pairs> {
    prop::collection::vec(("[a-c %&+=ä~]{0,3}", "\\PC{0,6}"), 0..6)
}

fn secret(pairs: &Pairs) -> Vec<(Box<str>, Secret)> {
    pairs.iter().map(|(name, value)| (name.as_str().into(), value.as_str().into())).collect()
}

fn parameters(pairs: &Pairs) -> Parameters {
    let mut parameters = Parameters::default();
    for (name, value) in pairs {
        parameters.add(name, value);
    }
    parameters
}

fn url(query: &Pairs) -> Url {
    let mut url = Url::parse("https://api.example:8443/a%20b").unwrap();
    url.query_pairs_mut().extend_pairs(query);
    url
}

proptest! {
    #[test]
    fn what_was_built_can_be_parsed_back(form in pairs()) {
        let built = base_string("get", &url(&Vec::new()), &parameters(&form));
        let parts: Vec<_> = built.split('&').collect();
        prop_assert_eq!(parts.len(), 3);
        let decoded = |text: &str| percent_decode_str(text).decode_utf8().unwrap().into_owned();
        prop_assert_eq!(decoded(parts[0]), "GET");
        prop_assert_eq!(decoded(parts[1]), "https://api.example:8443/a%20b");
        let text = decoded(parts[2]);
        let mut found: Pairs = text
            .split('&')
            .filter_map(|pair| pair.split_once('='))
            .map(|(name, value)| (decoded(name), decoded(value)))
            .collect();
        let mut expected = form;
        found.sort();
        expected.sort();
        prop_assert_eq!(found, expected);
    }

    #[test]
    fn the_order_of_parameters_does_not_matter(form in pairs(), by in 0..6_usize) {
        let mut turned = form.clone();
        turned.rotate_left(by % form.len().max(1));
        prop_assert_eq!(parameters(&form).normalized(), parameters(&turned).normalized());
    }

    #[test]
    fn a_server_finds_the_same_base_string_wherever_the_parameters_stand(
        query in pairs(),
        form in pairs(),
        (client, token, name) in ("\\PC{0,6}", "\\PC{0,6}", "\\PC{1,6}"),
        place in prop::sample::select(vec![
            ParameterPlace::Header, ParameterPlace::Body, ParameterPlace::Query,
        ]),
        realm in prop::option::of("[ !#-\\[\\]-~&&[^,]]{0,6}"),
    ) {
        let (url, form) = (url(&query), secret(&form));
        let message = Message { method: "POST", url: &url, form: &form };
        let key = format!("{}&{}", escape(&client), escape(&token));
        let signer = Signer::HmacSha1(key.into());
        let stamp = Stamp { timestamp: WallTime::from_seconds(7), nonce: Nonce([9; 16]) };
        let protocol = Protocol {
            signer: &signer,
            signature_method: "HMAC-SHA1",
            client_id: &name,
            token: Some("t&t"),
            stamp: &stamp,
            further: Some(("oauth_verifier", "v v")),
        };
        let signed = protocol.sign(&message).unwrap();
        let Placed { url, body, authorization } = message.place(&signed, place, realm.as_deref());
        let received = Received::new("POST", &url, &body, authorization.as_deref());
        prop_assert!(received.is_signed_with(&client, &token));
        prop_assert_eq!(received.value("oauth_consumer_key"), Some(&*name));
        prop_assert!(header(&signed, None).is_ascii(), "HTTP carries it");
    }
}
