//! What a program wants to have signed: one JSON object.

use std::fmt;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use hyper::{
    Method, Request,
    body::{Body, Bytes, Incoming},
    header::CONTENT_TYPE,
};
use serde::{
    Deserialize, Deserializer,
    de::{MapAccess, SeqAccess, Visitor},
};
use url::Url;

use super::Refusal;
use crate::{
    acquire::{RequestBody, SignedRequest},
    secret::Secret,
};

/// Nobody signs more.
const LIMIT: usize = 1 << 20;

/// What is wanted.
#[derive(Debug)]
pub(super) struct Wanted {
    /// The name of a credential.
    pub(super) credential: Box<str>,
    /// The request to sign.
    pub(super) request: SignedRequest,
}

/// As it is sent.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Sent {
    credential: Box<str>,
    method: Box<str>,
    url: Box<str>,
    #[serde(default)]
    form: Option<Form>,
    #[serde(default)]
    body_base64: Option<Box<str>>,
}

/// Names and values, not encoded: a list of pairs, or an object where each name comes once.
struct Form(Vec<(Box<str>, Secret)>);

/// Reads what is wanted, if it is of a size, a type and a shape that can be.
pub(super) async fn read(request: Request<Incoming>) -> Result<Wanted, Refusal> {
    let declared = request.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    if !declared.is_some_and(is_json) {
        return Err(Refusal::MediaType);
    }
    let body = request.into_body();
    // What says its length is not read at all.
    if body.size_hint().lower() > LIMIT as u64 {
        return Err(Refusal::TooLarge { limit: LIMIT });
    }
    let collected = Limited::new(body, LIMIT).collect().await;
    let bytes: Bytes = collected.map_err(|error| cut_short(&*error))?.to_bytes();
    parse(&bytes)
}

fn is_json(media_type: &str) -> bool {
    let essence = media_type.split(';').next().unwrap_or_default();
    essence.trim().eq_ignore_ascii_case("application/json")
}

fn cut_short(error: &(dyn std::error::Error + 'static)) -> Refusal {
    if error.is::<LengthLimitError>() {
        Refusal::TooLarge { limit: LIMIT }
    } else {
        Refusal::Interrupted
    }
}

fn parse(bytes: &[u8]) -> Result<Wanted, Refusal> {
    let sent: Sent = serde_json::from_slice(bytes)
        .map_err(|error| Refusal::Shape { line: error.line(), column: error.column() })?;
    let Sent { credential, method, url, form, body_base64 } = sent;
    // A method is a token (RFC 9110, section 9.1).
    if Method::from_bytes(method.as_bytes()).is_err() {
        return Err(Refusal::Value { key: "method", mend: "write one such as GET" });
    }
    let request = SignedRequest { method, url: address(&url)?, body: content(form, body_base64)? };
    Ok(Wanted { credential, request })
}

/// Absolute, and with no character that the type would drop: the server would see another.
fn address(text: &str) -> Result<Url, Refusal> {
    let mend = "write the whole URL that the server sees, encoded, with `https://` and its query";
    let is_clean = !text.contains(|c: char| c.is_control() || c.is_whitespace());
    let url = Url::parse(text).ok().filter(|url| matches!(url.scheme(), "http" | "https"));
    url.filter(|_| is_clean).ok_or(Refusal::Value { key: "url", mend })
}

fn content(form: Option<Form>, body_base64: Option<Box<str>>) -> Result<RequestBody, Refusal> {
    match (form, body_base64) {
        (Some(_), Some(_)) => {
            let mend = "a body is a form or not: leave `form` or `body_base64` out";
            Err(Refusal::Value { key: "body_base64", mend })
        }
        (form, None) => Ok(RequestBody::Form(form.map(|Form(pairs)| pairs).unwrap_or_default())),
        (None, Some(text)) => {
            let mend = "write the bytes of the body in base64, with `+`, `/` and `=`";
            let bytes = STANDARD.decode(&*text);
            let bytes = bytes.map_err(|_| Refusal::Value { key: "body_base64", mend })?;
            Ok(RequestBody::Bytes(bytes))
        }
    }
}

impl<'de> Deserialize<'de> for Form {
    fn deserialize<D: Deserializer<'de>>(source: D) -> Result<Self, D::Error> {
        source.deserialize_any(FormVisitor)
    }
}

struct FormVisitor;

impl<'de> Visitor<'de> for FormVisitor {
    type Value = Form;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("pairs of texts")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut pairs: A) -> Result<Form, A::Error> {
        let mut form = Vec::new();
        while let Some((name, value)) = pairs.next_element::<(Box<str>, String)>()? {
            form.push((name, value.into()));
        }
        Ok(Form(form))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Form, A::Error> {
        let mut form = Vec::new();
        while let Some((name, value)) = entries.next_entry::<Box<str>, String>()? {
            form.push((name, value.into()));
        }
        Ok(Form(form))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHAPE: &str = "not the JSON object that is expected";

    fn sent(members: &str) -> Result<Wanted, String> {
        let text =
            format!(r#"{{ "credential": "lrs", "method": "GET", "url": "https://h/" {members} }}"#);
        parse(text.as_bytes()).map_err(|refusal| refusal.to_string())
    }

    fn pairs(members: &str) -> Vec<(String, String)> {
        match sent(members).unwrap().request.body {
            RequestBody::Form(pairs) => pairs
                .iter()
                .map(|(name, value)| (name.to_string(), value.expose().into()))
                .collect(),
            RequestBody::Bytes(_) => panic!("no form: {members}"),
        }
    }

    #[test]
    fn a_body_is_a_form_in_two_ways_or_bytes() {
        let both = [("a", "1 "), ("b", "ä&")].map(|(a, b)| (a.to_owned(), b.to_owned()));
        assert_eq!(pairs(""), []);
        assert_eq!(pairs(r#", "form": [["a", "1 "], ["b", "ä&"]]"#), both);
        assert_eq!(pairs(r#", "form": { "a": "1 ", "b": "ä&" }"#), both);
        let twice = pairs(r#", "form": [["a", "1"], ["a", "1"]]"#);
        assert_eq!(twice.len(), 2, "as forms have it");
        let body = sent(r#", "body_base64": "/wA=""#).unwrap().request.body;
        assert!(matches!(body, RequestBody::Bytes(bytes) if bytes == [255, 0]));
    }

    #[test]
    fn what_cannot_be_is_named_and_not_repeated() {
        let of = |url: &str| format!(r#"{{"credential":"a","method":"GET","url":"{url}"}}"#);
        let method =
            |it: &str| format!(r#"{{"credential":"a","method":"{it}","url":"https://h"}}"#);
        let more =
            |it: &str| format!(r#"{{"credential":"a","method":"GET","url":"https://h/",{it}}}"#);
        for (case, text, said) in [
            ("nothing", String::new(), SHAPE),
            ("not JSON", "hunter2".into(), "line 1, column 1;"),
            ("cut short", of("https://h/").replace('}', ""), SHAPE),
            ("a list", r#"["hunter2"]"#.into(), SHAPE),
            ("a key is missing", r#"{"credential":"hunter2"}"#.into(), SHAPE),
            ("an unknown key", more(r#""hunter2": 1"#), SHAPE),
            ("a key twice", more(r#""url": "https://h/""#), SHAPE),
            ("a number for a text", more(r#""form": [["hunter2", 2]]"#), SHAPE),
            ("a text for a form", more(r#""form": "hunter2""#), SHAPE),
            ("a pair of three", more(r#""form": [["hunter2", "", ""]]"#), SHAPE),
            ("no base64", more(r#""body_base64": "hunter2-""#), "`body_base64` is not valid"),
            ("two bodies", more(r#""form": [], "body_base64": """#), "a form or not"),
            ("no method", method(""), "`method` is not valid"),
            ("a method with a space", method("hunter2 x"), "`method` is not valid"),
            ("a control character", method(r"hunter2\n"), "`method` is not valid"),
            ("no URL", of("hunter2"), "`url` is not valid"),
            ("a relative URL", of("/hunter2"), "`url` is not valid"),
            ("another scheme", of("mailto:hunter2"), "`url` is not valid"),
            ("a line break in a URL", of(r"https://hunter2\n/"), "`url` is not valid"),
            ("a space in a URL", of("https://h/hunter2 "), "`url` is not valid"),
            ("nested too deep", "[".repeat(100_000), SHAPE),
        ] {
            let refusal = parse(text.as_bytes()).expect_err(case).to_string();
            assert!(refusal.contains(said), "{case}: {refusal}");
            assert!(!refusal.contains("hunter2"), "{case}: {refusal}");
        }
        let refusal = parse(b"\xff").expect_err("not UTF-8").to_string();
        assert!(refusal.contains(SHAPE), "{refusal}");
    }

    #[test]
    fn a_media_type_may_have_parameters() {
        for (text, expected) in [
            ("application/json", true),
            ("Application/JSON; charset=utf-8", true),
            ("application/x-www-form-urlencoded", false),
            ("text/json", false),
            ("", false),
        ] {
            assert_eq!(is_json(text), expected, "{text}");
        }
    }
}
