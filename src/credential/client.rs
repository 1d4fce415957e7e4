//! The client that authenticates.

use super::ValueSource;

/// The client that authenticates (RFC 6749, section 2.3).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Client {
    /// Absent only with [`ClientAuthentication::None`], for providers that know no clients.
    pub id: Option<ValueSource>,
    /// Absent only with [`ClientAuthentication::None`].
    pub secret: Option<ValueSource>,
    /// How the two are sent.
    pub authentication: ClientAuthentication,
}

/// How the client proves who it is; names as registered by RFC 7591, section 2.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ClientAuthentication {
    /// `none`: no secret; the `client_id`, if any, goes into the request's parameters.
    None,
    /// `client_secret_basic`: the `Authorization` header.
    ClientSecretBasic(BasicEncoding),
    /// `client_secret_post`: in the request's parameters.
    ClientSecretPost,
}

/// How id and secret are written before they go into a Basic header.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum BasicEncoding {
    /// Form-encoded first, as RFC 6749, section 2.3.1 asks.
    Form,
    /// As they are, which some servers want.
    Raw,
}
