//! A request that is ready to be sent, once.

use super::{oauth1::Renewal, request::Composed, wire::ServerClock};
use crate::{
    credential::{CommandLine, Credential},
    token::{IssuedToken, RefreshToken},
};

/// A request that is ready to be sent, once.
pub struct Prepared(pub(super) Ready);

/// What there is to send.
pub(super) enum Ready {
    /// A request.
    Request(Box<Sending>),
    /// A renewal of OAuth Session 1.0.
    Renewal(Box<Renewal>),
    /// A program takes the place of the exchange.
    Program(CommandLine),
    /// There is nobody to ask.
    Issued(Box<IssuedToken>),
}

/// A request, and for what.
pub(super) struct Sending {
    pub(super) composed: Composed,
    /// The credential with the token endpoint that its issuer names.
    pub(super) discovered: Option<Credential>,
    /// What we take the server's clock for: assertions in the request are dated by it.
    pub(super) clock: ServerClock,
}

impl Prepared {
    /// The refresh token, or session handle, that it hands in, if it does. From the moment of sending, the provider
    /// may have replaced it.
    pub fn refresh_token(&self) -> Option<&RefreshToken> {
        match &self.0 {
            Ready::Request(sending) => sending.composed.handed_in.as_ref()?.token.as_ref(),
            Ready::Renewal(renewal) => Some(&renewal.handle),
            Ready::Program(_) | Ready::Issued(_) => None,
        }
    }
}
