//! The forms in which a server may repeat a value that it was sent.

use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD},
};
use percent_encoding::{AsciiSet, CONTROLS, NON_ALPHANUMERIC, utf8_percent_encode};
use url::form_urlencoded;

use crate::credential;

/// What browsers, and with them many libraries, encode in a path.
const PATH: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'#')
    .add(b'<')
    .add(b'>')
    .add(b'?')
    .add(b'^')
    .add(b'`')
    .add(b'{')
    .add(b'}');

/// Fewer characters of base64 than this are found in texts that hold no secret.
const SHORTEST_BASE64: usize = 8;

/// `value` as it is, percent-encoded, in base64, and escaped as JSON and HTML do it.
pub(super) fn forms(value: &str) -> impl Iterator<Item = String> {
    let escaped = [value.to_owned(), html(value), json(value), ascii_json(value)];
    let forms = escaped.into_iter().chain(percent_encoded(value)).chain(base64(value));
    forms.filter(|form| !form.is_empty())
}

fn percent_encoded(value: &str) -> impl Iterator<Item = String> + use<> {
    let encoded = [
        form_urlencoded::byte_serialize(value.as_bytes()).collect(),
        utf8_percent_encode(value, PATH).to_string(),
        credential::percent_encoded(value),
        utf8_percent_encode(value, NON_ALPHANUMERIC).to_string(),
    ];
    encoded.into_iter().flat_map(|upper_case| [lower_case_escapes(&upper_case), upper_case])
}

/// `%2F` as `%2f`, which some servers write.
fn lower_case_escapes(encoded: &str) -> String {
    let mut pieces = encoded.split('%');
    let mut text = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        let (escape, rest) = piece.split_at_checked(2).unwrap_or((piece, ""));
        text.extend(["%", &escape.to_ascii_lowercase(), rest]);
    }
    text
}

/// The value alone, and what of it stays the same when other bytes stand around it, as in a Basic
/// header or a whole body in base64. Without padding, so that the padded form is found too.
fn base64(value: &str) -> impl Iterator<Item = String> {
    let alone = [STANDARD_NO_PAD.encode(value), URL_SAFE_NO_PAD.encode(value)];
    let within = (0..3).flat_map(move |before| {
        let bytes = [&[0, 0][..before], value.as_bytes()].concat();
        // Three bytes are four characters: those that share bits with a neighbour are left out.
        let own = (before * 8).div_ceil(6)..bytes.len() * 8 / 6;
        [STANDARD_NO_PAD.encode(&bytes), URL_SAFE_NO_PAD.encode(&bytes)]
            .map(|text| text.get(own.clone()).unwrap_or_default().to_owned())
    });
    alone.into_iter().chain(within.filter(|form| form.len() >= SHORTEST_BASE64))
}

/// As HTML and XML write it, as text or in an attribute.
pub(super) fn html(value: &str) -> String {
    let escapes = [("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"), ("\"", "&quot;"), ("'", "&#39;")];
    escapes.iter().fold(value.to_owned(), |text, (from, to)| text.replace(from, to))
}

/// The inside of a JSON string: a server that quotes a JSON body in a JSON error escapes it twice.
pub(super) fn json(value: &str) -> String {
    let quoted = serde_json::Value::from(value).to_string();
    quoted.strip_prefix('"').and_then(|text| text.strip_suffix('"')).unwrap_or_default().to_owned()
}

/// The same as PHP writes it: nothing outside ASCII, and `\/`.
fn ascii_json(value: &str) -> String {
    let mut text = String::new();
    for c in json(value).chars() {
        match c {
            '/' => text.push_str("\\/"),
            c if c.is_ascii() => text.push(c),
            c => {
                text.extend(
                    c.encode_utf16(&mut [0; 2]).iter().map(|unit| format!("\\u{unit:04x}")),
                );
            }
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_form_is_there() {
        let value = "a/b+c%d&\"é ü";
        let all: Vec<_> = forms(value).collect();
        for (case, form) in [
            ("as it is", value),
            ("form", "a%2Fb%2Bc%25d%26%22%C3%A9+%C3%BC"),
            ("percent", "a%2Fb%2Bc%25d%26%22%C3%A9%20%C3%BC"),
            ("lower case", "a%2fb%2bc%25d%26%22%c3%a9%20%c3%bc"),
            ("path", "a/b+c%d&%22%C3%A9%20%C3%BC"),
            ("HTML", "a/b+c%d&amp;&quot;é ü"),
            ("JSON", "a/b+c%d&\\\"é ü"),
            ("JSON in ASCII", "a\\/b+c%d&\\\"\\u00e9 \\u00fc"),
        ] {
            assert!(all.iter().any(|other| other == form), "{case}: {form} is not in {all:#?}");
        }
    }

    #[test]
    fn base64_is_known_whatever_stands_around() {
        let value = "s3cret>?with ÿ";
        let all: Vec<_> = forms(value).collect();
        for before in ["", "i", "id", "id:", "abcd"] {
            for behind in ["", "x", "xy", "xyz"] {
                let whole = format!("{before}{value}{behind}");
                for encoded in [STANDARD_NO_PAD.encode(&whole), URL_SAFE_NO_PAD.encode(&whole)] {
                    assert!(all.iter().any(|form| encoded.contains(form.as_str())), "{whole}");
                }
            }
        }
        let short: Vec<_> = forms("abc").collect();
        assert!(short.iter().all(|form| ["abc", "YWJj"].contains(&form.as_str())), "{short:?}");
    }
}
