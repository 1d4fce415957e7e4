//! A request with its protocol parameters and its signature (RFC 5849, sections 3.1 and 3.5).

use url::Url;

use super::{
    OAuth1Error, Stamp,
    base_string::{Parameters, base_string},
    encode::encode,
    signature::Signer,
};
use crate::{
    acquire::request::{USER_AGENT, override_with},
    credential::ParameterPlace,
    secret::Secret,
};

/// Names and values, not encoded.
type Pairs = Vec<(Box<str>, Secret)>;

/// What is going to be signed.
pub(super) struct Message<'a> {
    /// The HTTP method.
    pub(super) method: &'a str,
    /// With its query.
    pub(super) url: &'a Url,
    /// The form body. Another body is no part of a signature.
    pub(super) form: &'a [(Box<str>, Secret)],
}

/// What a protected request says of itself.
pub(super) struct Protocol<'a> {
    pub(super) signer: &'a Signer,
    /// As `oauth_signature_method` names it.
    pub(super) signature_method: &'static str,
    pub(super) client_id: &'a str,
    /// The identifier of the temporary or token credentials, if there are any yet.
    pub(super) token: Option<&'a str>,
    pub(super) stamp: &'a Stamp,
    /// Those that only one leg has, such as `oauth_callback`.
    pub(super) further: Option<(&'static str, &'a str)>,
}

impl Protocol<'_> {
    /// The protocol parameters of `message`, the signature among them.
    pub(super) fn sign(&self, message: &Message<'_>) -> Result<Pairs, OAuth1Error> {
        let mut pairs: Pairs = Vec::new();
        let mut add = |name: &str, value: &str| pairs.push((name.into(), value.into()));
        add("oauth_consumer_key", self.client_id);
        self.token.inspect(|token| add("oauth_token", token));
        add("oauth_signature_method", self.signature_method);
        add("oauth_timestamp", &self.stamp.timestamp.seconds().to_string());
        add("oauth_nonce", &self.stamp.nonce.text());
        add("oauth_version", "1.0");
        self.further.inspect(|(name, value)| add(name, value));
        let signature = self.signer.sign(&message.base_string(&pairs))?;
        pairs.push(("oauth_signature".into(), signature.into()));
        Ok(pairs)
    }
}

impl Message<'_> {
    /// What both sides sign (section 3.4.1).
    pub(super) fn base_string(&self, protocol: &[(Box<str>, Secret)]) -> String {
        let mut parameters = Parameters::default();
        parameters.add_form(self.url.query().unwrap_or_default());
        for (name, value) in self.form.iter().chain(protocol) {
            parameters.add(name, value.expose());
        }
        base_string(self.method, self.url, &parameters)
    }

    /// Where the protocol parameters go: the URL to ask, and what the form body and the
    /// `Authorization` header hold.
    pub(super) fn place(
        &self,
        protocol: &[(Box<str>, Secret)],
        place: ParameterPlace,
        realm: Option<&str>,
    ) -> Placed {
        let mut placed =
            Placed { url: self.url.clone(), body: form(self.form), authorization: None };
        match place {
            ParameterPlace::Header => placed.authorization = Some(header(protocol, realm)),
            ParameterPlace::Body => {
                placed.body = join(&placed.body, &form(protocol));
            }
            ParameterPlace::Query => {
                let query = self.url.query().unwrap_or_default();
                placed.url.set_query(Some(&join(query, &form(protocol))));
            }
        }
        placed
    }
}

/// The parts of a request that parameters stand in.
pub(super) struct Placed {
    pub(super) url: Url,
    pub(super) body: String,
    pub(super) authorization: Option<String>,
}

impl Placed {
    /// The headers of the request; `users` replace ours of the same names. The media type has no
    /// `charset`: there are servers that do not see a form then.
    pub(super) fn headers(&self, users: Vec<(Box<str>, Secret)>) -> Vec<(Box<str>, Secret)> {
        let mut headers: Vec<(Box<str>, Secret)> =
            vec![("Accept".into(), "*/*".into()), ("User-Agent".into(), USER_AGENT.into())];
        if !self.body.is_empty() {
            headers.push(("Content-Type".into(), "application/x-www-form-urlencoded".into()));
        }
        let authorization = self.authorization.as_deref();
        headers.extend(authorization.map(|value| ("Authorization".into(), value.into())));
        override_with(&mut headers, users);
        headers
    }
}

/// The value of an `Authorization` header (section 3.5.1). The scheme is written as the RFC has
/// it: there are servers that do not know `oauth`.
pub(super) fn header(protocol: &[(Box<str>, Secret)], realm: Option<&str>) -> String {
    let realm = realm.map(|realm| format!("realm=\"{realm}\""));
    let pairs = protocol.iter().map(|(name, value)| {
        format!("{}=\"{}\"", encode(name.as_bytes()), encode(value.expose().as_bytes()))
    });
    let all: Vec<_> = realm.into_iter().chain(pairs).collect();
    format!("OAuth {}", all.join(", "))
}

/// Parameters as a form or a query: `%20` for a space reads the same in both.
pub(super) fn form(pairs: &[(Box<str>, Secret)]) -> String {
    let pairs = pairs.iter().map(|(name, value)| {
        format!("{}={}", encode(name.as_bytes()), encode(value.expose().as_bytes()))
    });
    pairs.collect::<Vec<_>>().join("&")
}

fn join(before: &str, after: &str) -> String {
    match (before, after) {
        ("", one) | (one, "") => one.to_owned(),
        _ => format!("{before}&{after}"),
    }
}
