//! Where in the reply the answer stands.

use std::{fmt, time::Duration};

use serde_json::Value;

/// Where in the reply the answer stands.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ReplyShape {
    /// The token.
    pub access_token: Location,
    /// Which characters it may have.
    pub token_characters: TokenCharacters,
    /// The next refresh token.
    pub refresh_token: Location,
    /// How long the token lives; `None`: wherever providers usually put it.
    pub lifetime: Option<LifetimeField>,
    /// The error code.
    pub error: Option<FieldPath>,
    /// The sentence that explains it.
    pub error_description: Option<FieldPath>,
    /// What else outputs may show, by name.
    pub fields: Box<[(Box<str>, Location)]>,
}

/// Where in a reply a value stands.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Location {
    /// In a field of the body; the empty path is the whole body.
    Field(FieldPath),
    /// In a header.
    Header(Box<str>),
    /// In a cookie that the reply sets (RFC 6265, section 4.1).
    Cookie(Box<str>),
}

/// Which characters a token may have.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum TokenCharacters {
    /// Those of `b64token` (RFC 6750, section 2.1).
    #[default]
    B64token,
    /// Every visible one of ASCII (`VSCHAR` without the space; RFC 6749, appendix A.12).
    Visible,
}

/// A field of the reply: object keys or list indices from the top, written `data.tokens.0.value`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct FieldPath(pub Box<[Box<str>]>);

/// Where the lifetime stands and what it counts.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum LifetimeField {
    /// In a field.
    At {
        /// The field.
        path: FieldPath,
        /// What its value means.
        unit: LifetimeUnit,
    },
    /// Nowhere: it is always this.
    Fixed(Duration),
}

/// What the value of a lifetime field means.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum LifetimeUnit {
    /// A span in seconds.
    Seconds,
    /// A span in milliseconds.
    Milliseconds,
    /// A span in minutes.
    Minutes,
    /// A date: seconds or milliseconds since 1970, RFC 3339, or another known format.
    Date,
}

impl FieldPath {
    /// The field in a document; the empty path is the whole of it.
    pub fn find<'a>(&self, document: &'a Value) -> Option<&'a Value> {
        self.0.iter().try_fold(document, |value, key| match value {
            Value::Object(fields) => fields.get(&**key),
            Value::Array(items) => items.get(key.parse::<usize>().ok()?),
            _ => None,
        })
    }
}

impl fmt::Display for FieldPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.join("."))
    }
}
