//! What else of a reply the outputs may show.

use serde_json::Value;

use super::opened::Opened;
use crate::{credential::Location, secret::Secret, token::IssuedToken};

/// The configured fields. One that this reply does not have is taken from `before`, since a reply
/// to a refresh often leaves out what the first one said; if that has none either, it is left out.
pub(super) fn read(reply: &Opened<'_>, before: Option<&IssuedToken>) -> Box<[(Box<str>, Secret)]> {
    let field = |(name, location): &(Box<str>, Location)| {
        let kept = || before.and_then(|before| before.field(name)).map(Secret::from);
        let value = said(reply, location).map(Secret::from).or_else(kept)?;
        Some((name.clone(), value))
    };
    reply.shape.fields.iter().filter_map(field).collect()
}

/// The text at a location; what is no text, as JSON writes it. A line break in it could add a line
/// to a file, so a text with control characters counts as none.
fn said(reply: &Opened<'_>, location: &Location) -> Option<String> {
    let structure = || match location {
        Location::Field(path) => path.find(reply.body.value()).filter(|value| !value.is_null()),
        Location::Header(_) | Location::Cookie(_) => None,
    };
    let text = match reply.locate(location) {
        Some(text) => Some(text.into_owned()),
        None => structure().map(Value::to_string),
    };
    text.filter(|text| !text.contains(char::is_control))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        acquire::{
            attempt::{Attempt, HandedIn},
            fixture::{self, path, raw},
            redaction::Redaction,
            reply,
        },
        credential::{Credential, ReplyShape},
        token::RefreshToken,
    };

    fn shape(fields: &[(&str, Location)]) -> ReplyShape {
        let fields = fields.iter().map(|(name, place)| ((*name).into(), place.clone())).collect();
        ReplyShape { fields, ..fixture::shape() }
    }

    #[test]
    fn each_kind_of_value_is_a_text() {
        let at = |written: &str| Location::Field(path(written));
        for (name, place, expected) in [
            ("text", at("url"), Some("https://eu.example")),
            ("nested", at("user.id"), Some("7")),
            ("fraction", at("ratio"), Some("0.5")),
            ("truth", at("active"), Some("true")),
            ("object", at("user"), Some(r#"{"id":7}"#)),
            ("list", at("list"), Some(r#"["a\n",1]"#)),
            ("header", Location::Header("X-Zone".into()), Some("eu")),
            ("cookie", Location::Cookie("route".into()), Some("n1")),
            ("empty", at("empty"), Some("")),
            ("null", at("null"), None),
            ("absent", at("none.such"), None),
            ("absent header", Location::Header("x-none".into()), None),
            ("line break", at("lines"), None),
        ] {
            let body = br#"{"access_token":"t","url":"https://eu.example","user":{"id":7},
                "ratio":0.5,"active":true,"list":["a\n",1],"empty":"","null":null,
                "lines":"a\nEVIL=1"}"#;
            let headers = [("x-zone", " eu "), ("Set-Cookie", "route=\"n1\"; Path=/")];
            let issued =
                fixture::read_as(shape(&[("f", place)]), &raw(200, &headers, body)).unwrap();
            assert_eq!(issued.field("f"), expected, "{name}");
        }
    }

    /// A refresh that leaves a field out, and another beginning that does.
    #[test]
    fn a_refresh_keeps_what_the_first_reply_said() {
        let names = ["kept", "changed"].map(|name| (name, Location::Field(path(name))));
        let shape = std::sync::Arc::new(shape(&names));
        let credential = Credential { reply: shape, ..fixture::credential() };
        let handed_in = |origin: &str| {
            let token = RefreshToken::first("r".into());
            Some(HandedIn { token: Some(token), origin: Some(origin.into()), is_new: false })
        };
        let read = |body: &[u8], previous, handed_in| {
            let attempt = Attempt { previous, ..fixture::attempt(&credential) };
            let raw = raw(200, &[], body);
            reply::read(&attempt, &raw, Redaction::default(), handed_in).unwrap()
        };
        let first = br#"{"access_token":"t1","kept":"a","changed":"b"}"#;
        let first = read(first, None, handed_in("log-in"));
        let next = br#"{"access_token":"t2","changed":"c"}"#;
        for (name, handed_in, kept) in [
            ("refresh", handed_in("log-in"), Some("a")),
            ("another log-in", handed_in("other"), None),
            ("no refresh", None, None),
        ] {
            let issued = read(next, Some(&first), handed_in);
            assert_eq!(
                (issued.field("kept"), issued.field("changed")),
                (kept, Some("c")),
                "{name}"
            );
        }
    }
}
