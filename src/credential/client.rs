//! The client that authenticates.

use std::path::Path;

use super::{Assertion, ValueSource};

/// The client that authenticates (RFC 6749, section 2.3).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Client {
    /// Absent for providers that know no clients.
    pub id: Option<ValueSource>,
    /// Its secrets, the preferred one first. One is used at a time; the next is tried when the
    /// provider does not know it, so that old and new can overlap while they are exchanged.
    pub secrets: Box<[ValueSource]>,
    /// How it proves who it is.
    pub authentication: ClientAuthentication,
}

/// How the client proves who it is; names as registered by RFC 7591, section 2.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum ClientAuthentication {
    /// `none`: no secret; the `client_id`, if any, goes into the request's parameters.
    None,
    /// `client_secret_basic`: the `Authorization` header.
    ClientSecretBasic(BasicEncoding),
    /// `client_secret_post`: in the request's parameters.
    ClientSecretPost,
    /// `client_secret_jwt` and `private_key_jwt`: an assertion in the request's parameters
    /// (RFC 7523, section 2.2).
    Jwt(Box<Assertion>),
    /// `tls_client_auth` and `self_signed_tls_client_auth`: the certificate of the connection
    /// (RFC 8705, section 2); the `client_id` goes into the request's parameters.
    TlsClientAuth,
}

/// How id and secret are written before they go into a Basic header.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum BasicEncoding {
    /// Form-encoded first, as RFC 6749, section 2.3.1 asks.
    Form,
    /// As they are, which some servers want.
    Raw,
}

/// The certificate that we show, and its key. Both are read again when their files change.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ClientCertificate {
    /// PEM file with the certificate and those that lead to its authority.
    pub certificate: Box<Path>,
    /// PEM file with the private key.
    pub key: Box<Path>,
}
