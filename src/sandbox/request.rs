//! A request as it arrived, and the ways to read parameters and credentials out of it.

use base64::{Engine, prelude::BASE64_STANDARD};
use hyper::{HeaderMap, Method, body::Bytes, header};
use serde_json::Value;
use url::form_urlencoded;

/// A request as it arrived. It has no `Debug`, because it carries a secret.
pub(super) struct Request {
    pub(super) method: Method,
    pub(super) path: String,
    pub(super) query: String,
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
}

/// The parameters of a token request, in their order.
pub(super) struct Parameters(Vec<(String, String)>);

/// The user and the password of HTTP Basic authentication (RFC 7617), as they were sent.
pub(super) struct BasicCredentials {
    pub(super) user: String,
    pub(super) password: String,
}

/// A client that a system knows. Its secret is made up and public.
pub(super) struct Client {
    pub(super) id: &'static str,
    pub(super) secret: &'static str,
}

/// How a server reads Basic credentials.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum BasicReading {
    /// As they are, which is what many servers do.
    Raw,
    /// Form-encoded (RFC 6749, section 2.3.1).
    Form,
    /// In whichever way fits.
    Either,
}

impl Request {
    /// The value of a header, empty if it is absent or no text.
    pub(super) fn text_header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    /// The media type of the body: in lower case, without parameters, empty if absent.
    pub(super) fn media_type(&self) -> String {
        let essence = self.text_header("content-type").split(';').next().unwrap_or_default();
        essence.trim().to_ascii_lowercase()
    }

    /// The body as a form; `None` if it does not say that it is one.
    pub(super) fn form(&self) -> Option<Parameters> {
        (self.media_type() == "application/x-www-form-urlencoded")
            .then(|| Parameters::decode(&self.body))
    }

    /// The body as a JSON object; `None` if it is none.
    pub(super) fn json(&self) -> Option<Parameters> {
        if self.media_type() != "application/json" {
            return None;
        }
        match serde_json::from_slice(&self.body) {
            Ok(Value::Object(members)) => Some(Parameters(
                members.into_iter().flat_map(|(name, value)| flatten(&name, value)).collect(),
            )),
            _ => None,
        }
    }

    /// The body as an XML document whose elements are the parameters; `None` if it does not say
    /// that it is one. Elements within elements are told apart by nothing but their names.
    pub(super) fn xml(&self) -> Option<Parameters> {
        if !["application/xml", "text/xml"].contains(&&*self.media_type()) {
            return None;
        }
        let mut found = Vec::new();
        let mut rest = std::str::from_utf8(&self.body).ok()?;
        while let Some((_, tag)) = rest.split_once('<') {
            let (name, inner) = tag.split_once('>')?;
            rest = inner;
            if let Some((value, after)) = inner.split_once(&format!("</{name}>"))
                && !value.contains('<')
            {
                found.push((name.to_owned(), xml_unescaped(value)));
                rest = after;
            }
        }
        Some(Parameters(found))
    }

    /// The query, if there is no body.
    pub(super) fn query(&self) -> Option<Parameters> {
        self.body.is_empty().then(|| self.in_query())
    }

    /// The query, beside whatever body.
    pub(super) fn in_query(&self) -> Parameters {
        Parameters::decode(self.query.as_bytes())
    }

    /// The credentials of the `Authorization` header, if it is a Basic one.
    pub(super) fn basic(&self) -> Option<BasicCredentials> {
        let value = self.headers.get(header::AUTHORIZATION)?.to_str().ok()?;
        let (scheme, encoded) = value.split_once(' ')?;
        if !scheme.eq_ignore_ascii_case("basic") {
            return None;
        }
        let decoded = String::from_utf8(BASE64_STANDARD.decode(encoded.trim()).ok()?).ok()?;
        let (user, password) = decoded.split_once(':')?;
        Some(BasicCredentials { user: user.to_owned(), password: password.to_owned() })
    }
}

/// A list becomes several parameters of one name, as in a form.
fn flatten(name: &str, value: Value) -> Vec<(String, String)> {
    let text = |value: Value| match value {
        Value::String(text) => text,
        other => other.to_string(),
    };
    match value {
        Value::Array(items) => items.into_iter().map(|v| (name.to_owned(), text(v))).collect(),
        other => vec![(name.to_owned(), text(other))],
    }
}

/// The five entities that XML knows by itself (XML 1.0, section 4.6).
fn xml_unescaped(text: &str) -> String {
    let entities =
        [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&apos;", "'"), ("&amp;", "&")];
    entities.iter().fold(text.to_owned(), |text, (entity, sign)| text.replace(entity, sign))
}

impl Parameters {
    /// Those of a form or of a query.
    pub(super) fn decode(encoded: &[u8]) -> Self {
        Self(form_urlencoded::parse(encoded).into_owned().collect())
    }

    /// The value of a parameter; an empty one counts as absent (RFC 6749, section 3.2).
    pub(super) fn one(&self, name: &str) -> Option<&str> {
        self.all(name).next().filter(|value| !value.is_empty())
    }

    /// Every value of a parameter.
    pub(super) fn all<'a>(&'a self, name: &str) -> impl Iterator<Item = &'a str> {
        self.0.iter().filter(move |(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// The names, once for each value.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|(name, _)| name.as_str())
    }

    /// The client's credentials among the parameters (RFC 6749, section 2.3.1).
    pub(super) fn credentials(&self) -> Option<(&str, &str)> {
        Some((self.one("client_id")?, self.one("client_secret")?))
    }
}

impl BasicCredentials {
    /// Whether these are the client's, read in this way.
    pub(super) fn are_of(&self, client: &Client, reading: BasicReading) -> bool {
        let raw = client.is(&self.user, &self.password);
        let form = client.is(&form_decoded(&self.user), &form_decoded(&self.password));
        match reading {
            BasicReading::Raw => raw,
            BasicReading::Form => form,
            BasicReading::Either => raw || form,
        }
    }

    /// Whether they are this id and this secret, in either encoding.
    pub(super) fn says(&self, id: &str, secret: &str) -> bool {
        (&*self.user, &*self.password) == (id, secret)
            || (form_decoded(&self.user), form_decoded(&self.password))
                == (id.to_owned(), secret.to_owned())
    }
}

impl Client {
    /// Whether these are its credentials.
    pub(super) fn is(&self, id: &str, secret: &str) -> bool {
        self.id == id && self.secret == secret
    }
}

fn form_decoded(text: &str) -> String {
    let spaced = text.replace('+', " ");
    percent_encoding::percent_decode_str(&spaced).decode_utf8_lossy().into_owned()
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// A request as systems and habits see it.
    pub(in crate::sandbox) fn request(path: &str, headers: &[(&str, &str)], body: &str) -> Request {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            let name = header::HeaderName::from_bytes(name.as_bytes()).expect("a header name");
            map.insert(name, value.parse().expect("a header value"));
        }
        let (path, query) = path.split_once('?').unwrap_or((path, ""));
        Request {
            method: Method::POST,
            path: path.to_owned(),
            query: query.to_owned(),
            headers: map,
            body: Bytes::copy_from_slice(body.as_bytes()),
        }
    }

    /// An `Authorization` header.
    pub(in crate::sandbox) fn basic(user: &str, password: &str) -> String {
        format!("Basic {}", BASE64_STANDARD.encode(format!("{user}:{password}")))
    }

    pub(in crate::sandbox) const FORM: (&str, &str) =
        ("content-type", "application/x-www-form-urlencoded");
    pub(in crate::sandbox) const JSON: (&str, &str) = ("content-type", "application/json");

    #[test]
    fn parameters_are_read_from_a_form_from_json_and_from_the_query() {
        let rows = [
            ("form", request("/", &[FORM], "scope=a+b%20c&x=&x=2").form()),
            ("json", request("/", &[JSON], r#"{"scope":"a b c","x":["",2]}"#).json()),
            ("query", request("/?scope=a%20b+c&x=&x=2", &[], "").query()),
        ];
        for (name, parameters) in rows {
            let parameters = parameters.expect(name);
            assert_eq!(parameters.one("scope"), Some("a b c"), "{name}");
            assert_eq!(parameters.one("x"), None, "{name}: empty counts as absent");
            assert_eq!(parameters.all("x").collect::<Vec<_>>(), ["", "2"], "{name}");
        }
    }

    #[test]
    fn parameters_are_read_from_xml() {
        let xml = ("content-type", "text/xml; charset=utf-8");
        let body = "<?xml version=\"1.0\"?>\n<request><control><client_id>a</client_id></control>\
                    <client_secret>&lt;&amp;lt;&quot;</client_secret></request>";
        let parameters = request("/", &[xml], body).xml().expect("parameters");
        assert_eq!(parameters.credentials(), Some(("a", "<&lt;\"")));
        assert!(request("/", &[FORM], body).xml().is_none());
    }

    #[test]
    fn a_body_is_read_only_as_what_it_says_it_is() {
        let charset = ("content-type", "Application/X-WWW-Form-Urlencoded; charset=utf-8");
        assert!(request("/", &[charset], "a=b").form().is_some());
        assert!(request("/", &[JSON], "a=b").form().is_none());
        assert!(request("/", &[FORM], "{}").json().is_none());
        assert!(request("/", &[JSON], "[]").json().is_none());
        assert!(request("/?a=b", &[], "body").query().is_none());
    }

    #[test]
    fn basic_credentials_are_read_raw_or_form_encoded() {
        let client = Client { id: "we:ird", secret: "s+1%" };
        let form = BasicCredentials { user: "we%3Aird".into(), password: "s%2B1%25".into() };
        let raw = BasicCredentials { user: "we:ird".into(), password: "s+1%".into() };
        for (name, credentials, reading, expected) in [
            ("form as form", &form, BasicReading::Form, true),
            ("form as raw", &form, BasicReading::Raw, false),
            ("form as either", &form, BasicReading::Either, true),
            ("raw as form", &raw, BasicReading::Form, false),
            ("raw as raw", &raw, BasicReading::Raw, true),
            ("raw as either", &raw, BasicReading::Either, true),
        ] {
            assert_eq!(credentials.are_of(&client, reading), expected, "{name}");
        }
    }

    #[test]
    fn what_is_no_basic_header_gives_no_credentials() {
        for value in ["Bearer x", "Basic", "Basic !!!", "Basic bm9jb2xvbg=="] {
            assert!(request("/", &[("authorization", value)], "").basic().is_none(), "{value}");
        }
        let sent = request("/", &[("authorization", "bAsIc dTpwOnE=")], "").basic();
        assert!(sent.is_some_and(|sent| sent.user == "u" && sent.password == "p:q"));
    }
}
