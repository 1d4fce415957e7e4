//! What a token request asks, and how.

use std::time::Duration;

use super::ValueSource;
use crate::secret::Secret;

/// The parameters of a token request, but for its `scope`: tokens that have all of these in common
/// often differ in that alone.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Parameters {
    /// The HTTP method.
    pub method: Method,
    /// How they are sent.
    pub body: BodyFormat,
    /// `grant_type` in place of the grant's own.
    pub grant_type: Option<Box<str>>,
    /// `audience` values, each sent as a parameter of its own.
    pub audience: Box<[Box<str>]>,
    /// `resource` values (RFC 8707), each sent as a parameter of its own.
    pub resource: Box<[Box<str>]>,
    /// Further parameters, in the order of the configuration.
    pub extra: Box<[(Box<str>, ValueSource)]>,
    /// Parameters that go into the query of the URL, wherever the others go.
    pub query: Box<[(Box<str>, ValueSource)]>,
    /// Further request headers.
    pub headers: Box<[(Box<str>, ValueSource)]>,
    /// The whole exchange must be over by then; it grows to twice this as expiry nears.
    pub timeout: Duration,
}

/// An HTTP method.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Method {
    /// As RFC 6749, section 3.2 has it.
    #[default]
    Post,
    /// As some providers have it; then the parameters go into the query.
    Get,
}

/// How parameters are sent.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum BodyFormat {
    /// `application/x-www-form-urlencoded`, as RFC 6749 has it.
    Form,
    /// One JSON object.
    Json,
    /// In the query component of the URL, with an empty body.
    Query,
    /// A text with parameters in it.
    Template(Box<BodyTemplate>),
}

/// A body that the provider prescribes, such as an XML document.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct BodyTemplate {
    /// `Content-Type`; it also decides how a value is escaped: for XML, for JSON, or not at all.
    pub content_type: Box<str>,
    /// The text: pieces as they stand, and names of parameters between them.
    pub parts: Box<[BodyPart]>,
}

/// A part of a [`BodyTemplate`].
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum BodyPart {
    /// Text as it stands; whoever wrote it may have put a secret in.
    Text(Secret),
    /// The value of the parameter of this name; nothing if there is none.
    Parameter(Box<str>),
}
