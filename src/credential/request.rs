//! What a token request asks, and how.

use std::time::Duration;

use super::ValueSource;

/// How a token is asked for. Each grant has one file in `acquire/grant/`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Grant {
    /// RFC 6749, section 4.4.
    ClientCredentials,
}

/// The parameters of a token request.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Parameters {
    /// How they are sent.
    pub body: BodyFormat,
    /// The `scope` as it is sent: its values joined as the provider wants it; empty for none.
    pub scope: Box<str>,
    /// `audience` values, each sent as a parameter of its own.
    pub audience: Box<[Box<str>]>,
    /// `resource` values (RFC 8707), each sent as a parameter of its own.
    pub resource: Box<[Box<str>]>,
    /// Further parameters, in the order of the configuration.
    pub extra: Box<[(Box<str>, ValueSource)]>,
    /// Further request headers.
    pub headers: Box<[(Box<str>, ValueSource)]>,
    /// The whole exchange must be over by then; it grows to twice this as expiry nears.
    pub timeout: Duration,
}

/// How parameters are sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum BodyFormat {
    /// `application/x-www-form-urlencoded`, as RFC 6749 has it.
    Form,
    /// One JSON object.
    Json,
    /// In the query component of the URL, with an empty body.
    Query,
}
