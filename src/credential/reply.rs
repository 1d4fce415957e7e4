//! Where in the reply the answer stands.

use std::fmt;

/// Where in the reply the answer stands.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ReplyShape {
    /// The token.
    pub access_token: FieldPath,
    /// How long it lives; `None`: wherever providers usually put it.
    pub lifetime: Option<LifetimeField>,
    /// The error code.
    pub error: Option<FieldPath>,
    /// The sentence that explains it.
    pub error_description: Option<FieldPath>,
}

/// A field of the reply: object keys or list indices from the top, written `data.tokens.0.value`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct FieldPath(pub Box<[Box<str>]>);

/// Where the lifetime stands and what it counts.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct LifetimeField {
    /// The field.
    pub path: FieldPath,
    /// What its value means.
    pub unit: LifetimeUnit,
}

/// What the value of a lifetime field means.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum LifetimeUnit {
    /// A span in seconds.
    Seconds,
    /// A span in milliseconds.
    Milliseconds,
    /// A date: seconds or milliseconds since 1970, RFC 3339, or another known format.
    Date,
}

impl fmt::Display for FieldPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.join("."))
    }
}
