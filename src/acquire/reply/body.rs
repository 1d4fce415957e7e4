//! What a body is: found by looking at it, since headers lie (JSON comes as `text/html`, forms
//! come as `text/plain`).

use serde_json::{Map, Value};
use url::form_urlencoded;

use super::xml::{self, Markup};

/// A body, as far as it can be understood.
pub(super) enum Body {
    /// Named fields, from JSON, XML or a form; or one bare value, from JSON or plain text.
    Value(Value),
    /// Nothing, which is a normal way to refuse.
    Empty,
    /// A page for people: somebody between us and the server answered.
    Html,
    /// It starts as JSON or XML and is none, for example because it was cut off.
    Malformed,
}

impl Body {
    /// Looks at the bytes. One byte order mark may precede them (RFC 8259, section 8.1).
    pub(super) fn sniff(bytes: &[u8]) -> Self {
        let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
        // A token or a field name with a replacement character in it is refused or unknown later;
        // everything else in the reply is still worth reading.
        let text = String::from_utf8_lossy(bytes);
        let text = text.trim();
        match text.chars().next() {
            None => Self::Empty,
            Some('<') => match xml::read(text) {
                Markup::Xml(value) => Self::Value(value),
                Markup::Html => Self::Html,
                Markup::Broken => Self::Malformed,
            },
            Some('{' | '[' | '"') => {
                serde_json::from_str(text).map_or(Self::Malformed, Self::Value)
            }
            Some(_) if is_form(text) => Self::Value(form(text)),
            Some(_) => Self::Value(text.into()),
        }
    }

    /// The understood value, or `null`.
    pub(super) fn value(&self) -> &Value {
        match self {
            Self::Value(value) => value,
            Self::Empty | Self::Html | Self::Malformed => &Value::Null,
        }
    }
}

/// `name=value`, and more after `&`. A bare base64 token ends with `=` and is no form.
fn is_form(text: &str) -> bool {
    let plain = |c: char| c.is_ascii_graphic() || c == ' ';
    let named = text.split_once('=').is_some_and(|(name, value)| {
        let name_only = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.' | '%');
        !name.is_empty() && name.chars().all(name_only) && !value.trim_matches('=').is_empty()
    });
    named && text.chars().all(plain)
}

fn form(text: &str) -> Value {
    let pairs = form_urlencoded::parse(text.as_bytes());
    let fields = pairs.map(|(name, value)| (name.into_owned(), Value::from(value.into_owned())));
    Value::Object(fields.collect::<Map<_, _>>())
}
