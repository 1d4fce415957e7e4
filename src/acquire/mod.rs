//! OAuth on the wire.
//!
//! ```text
//! grant ------------+
//! authentication ---+--> request --> transport (a seam) --> reply --> IssuedToken
//! parameters -------+     ^             http      ^           |
//!                         |            steps -----+           +----> AcquireError
//!    metadata ------------+---- login: device, code
//!    command (a program prints the reply) --------------> reply
//! ```
//!
//! One call is one attempt: nothing here retries or follows a redirect. The request and the reply
//! are pure apart from reading secrets, and every oddity of a real server has a row in a test.

mod assertion;
mod attempt;
mod authentication;
mod code;
mod command;
mod error;
#[cfg(test)]
mod fixture;
mod forms;
mod grant;
mod http;
mod login;
mod metadata;
mod pause;
mod redaction;
mod reply;
mod request;
mod skew;
mod steps;
mod transport;
mod wire;

use std::sync::Arc;

use self::wire::Wire;
pub use self::{
    assertion::AssertionFlaw,
    attempt::Attempt,
    error::{AcquireError, Refusal, TokenFlaw},
    http::HttpClients,
    login::{AnswerError, Authorization, DeviceAuthorization, Poll, Randomness},
    metadata::DiscoveryError,
    transport::{
        CertificateFlaw, Exchange, HttpTransport, RawResponse, TokenRequest, TransportError,
    },
};
use crate::{
    clock::Clock,
    credential::{Grant, ValueSource},
    secret::Secret,
    source,
    token::IssuedToken,
};

/// Asks for tokens.
pub struct Acquirer {
    wire: Wire,
    issuers: metadata::Issuers,
}

impl Acquirer {
    /// One that sends its requests by `transport`, and compares `clock` with those of servers.
    pub fn new(transport: Arc<dyn HttpTransport>, clock: Arc<dyn Clock>) -> Self {
        Self { wire: Wire::new(transport, clock), issuers: metadata::Issuers::default() }
    }

    /// Asks for a token, once; before that, the issuer for its endpoints, if they are not known.
    pub async fn acquire(&self, attempt: &Attempt<'_>) -> Result<IssuedToken, AcquireError> {
        let credential = attempt.credential;
        if let Grant::Command(argv) = &*credential.grant {
            return command::acquire(attempt, argv).await;
        }
        let metadata = self.metadata(credential, attempt.sent_at, attempt.deadline).await?;
        let Some(metadata) = metadata else { return self.ask(attempt).await };
        let discovered = metadata::at_token_endpoint(credential, &metadata)?;
        let issued = self.ask(&Attempt { credential: &discovered, ..*attempt }).await;
        issued.inspect_err(|error| self.doubt(&credential.endpoint, error))
    }

    /// Asks for a token at the endpoint that the credential names.
    async fn ask(&self, attempt: &Attempt<'_>) -> Result<IssuedToken, AcquireError> {
        let credential = attempt.credential;
        let server_time = self.wire.server_time(&credential.endpoint.url);
        let first = request::compose(attempt, server_time).await?;
        let answer = steps::exchange(&self.wire, attempt, first).await?;
        reply::read(attempt, &answer.raw, answer.redaction, answer.handed_in)
            .map_err(|error| error.in_step(credential.steps.len()))
    }
}

/// Reads a value of the request.
async fn read(what: &str, source: &ValueSource) -> Result<Secret, AcquireError> {
    let value = source::read(source).await;
    value.map_err(|cause| AcquireError::Source { what: what.into(), cause })
}

#[cfg(test)]
mod tests;
