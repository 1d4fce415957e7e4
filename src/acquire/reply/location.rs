//! Where in a reply a value stands.

use std::borrow::Cow;

use serde_json::Value;

use super::body::Body;
use crate::{acquire::RawResponse, credential::Location};

/// The text at a location. Whole numbers count as text, because some sessions have one for a name;
/// others do not, because their digits may have been lost on the way.
pub(super) fn locate<'a>(
    raw: &'a RawResponse,
    body: &'a Body,
    location: &Location,
) -> Option<Cow<'a, str>> {
    match location {
        Location::Field(path) => match path.find(body.value())? {
            Value::String(text) => Some(text.into()),
            Value::Number(number) if !number.is_f64() => Some(number.to_string().into()),
            _ => None,
        },
        Location::Header(name) => raw.header(name).map(Cow::Borrowed),
        Location::Cookie(name) => cookie(raw, name).map(Cow::Borrowed),
    }
}

/// The value of a cookie (RFC 6265, section 4.1.1); the last one counts.
fn cookie<'a>(raw: &'a RawResponse, name: &str) -> Option<&'a str> {
    let set = raw.headers.iter().rev().filter(|(key, _)| key.eq_ignore_ascii_case("set-cookie"));
    set.filter_map(|(_, value)| value.split(';').next()?.split_once('='))
        .find(|(key, _)| key.trim() == name)
        .map(|(_, value)| value.trim().trim_matches('"'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::acquire::fixture::{path, raw};

    #[test]
    fn a_value_is_found_wherever_it_stands() {
        let at = |written: &str| Location::Field(path(written));
        let header = |name: &str| Location::Header(name.into());
        let cookie = |name: &str| Location::Cookie(name.into());
        let json = r#"{"a":{"b":["x","y"]},"n":12345678901234567890,"f":1.5,"t":true}"#;
        let big = r#"{"n":123456789012345678901234567890}"#;
        let xml = "<?xml version='1.0'?><r><s v='1'><id>i</id></s><k>1</k><k>2</k></r>";
        for (place, body, expected) in [
            (at("a.b.1"), json, Some("y")),
            (at("n"), json, Some("12345678901234567890")),
            (at("n"), big, None),
            (at("f"), json, None),
            (at("t"), json, None),
            (at("a"), json, None),
            (at("r.s.id"), xml, Some("i")),
            (at("r.s.@v"), xml, Some("1")),
            (at("r.k.1"), xml, Some("2")),
            (at("r.s"), xml, None),
            (at(""), "plain", Some("plain")),
            (at("b"), "a=1&b=2", Some("2")),
            (header("x-token"), "", Some("h")),
            (header("x-none"), json, None),
            (cookie("B1SESSION"), "", Some("new")),
            (cookie("b1session"), "", None),
            (cookie("quoted"), "", Some("q=1")),
            (cookie("Path"), "", None),
        ] {
            let headers = [
                ("X-TOKEN", " h "),
                ("Set-Cookie", "B1SESSION=old"),
                ("set-cookie", "B1SESSION=new; HttpOnly; Path=/b1s"),
                ("Set-Cookie", "quoted=\"q=1\";Secure"),
                ("Set-Cookie", "no value"),
            ];
            let raw = raw(200, &headers, body.as_bytes());
            let sniffed = Body::sniff(&raw.body);
            assert_eq!(locate(&raw, &sniffed, &place).as_deref(), expected, "{place:?} {body}");
        }
    }
}
