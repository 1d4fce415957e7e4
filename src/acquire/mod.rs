//! OAuth on the wire.
//!
//! ```text
//! grant ------------+
//! authentication ---+--> request --> transport (a seam) --> reply --> IssuedToken
//! parameters -------+                   http                  |
//!                                                             +----> AcquireError
//! ```
//!
//! One call is one attempt: nothing here retries or follows a redirect. The request and the reply
//! are pure apart from reading secrets, and every oddity of a real server has a row in a test.

mod attempt;
mod authentication;
mod code;
mod error;
#[cfg(test)]
mod fixture;
mod forms;
mod grant;
mod http;
mod pause;
mod redaction;
mod reply;
mod request;
mod transport;

use std::sync::Arc;

pub use self::{
    attempt::Attempt,
    error::{AcquireError, Refusal, TokenFlaw},
    http::HttpClients,
    transport::{Exchange, HttpTransport, RawResponse, TokenRequest, TransportError},
};
use crate::{credential::ValueSource, secret::Secret, source, token::IssuedToken};

/// Asks for tokens.
pub struct Acquirer {
    transport: Arc<dyn HttpTransport>,
}

impl Acquirer {
    /// One that sends its requests by `transport`.
    pub const fn new(transport: Arc<dyn HttpTransport>) -> Self {
        Self { transport }
    }

    /// Asks for a token, once.
    pub async fn acquire(&self, attempt: &Attempt<'_>) -> Result<IssuedToken, AcquireError> {
        let composed = request::compose(attempt).await?;
        let endpoint = &attempt.credential.endpoint;
        let raw = self.transport.send(endpoint, composed.request, attempt.deadline).await?;
        reply::read(attempt, &raw, composed.redaction, composed.handed_in)
    }
}

/// Reads a value of the request.
async fn read(what: &str, source: &ValueSource) -> Result<Secret, AcquireError> {
    let value = source::read(source).await;
    value.map_err(|cause| AcquireError::Source { what: what.into(), cause })
}

#[cfg(test)]
mod tests;
