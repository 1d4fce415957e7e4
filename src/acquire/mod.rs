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
mod refusal;
mod reply;
mod request;
mod skew;
mod steps;
mod transport;
mod wire;

use std::sync::Arc;

pub use self::{
    assertion::AssertionFlaw,
    attempt::Attempt,
    error::{AcquireError, Rescued, TokenFlaw},
    http::HttpClients,
    login::{AnswerError, Authorization, DeviceAuthorization, Poll, Randomness},
    metadata::DiscoveryError,
    refusal::Refusal,
    transport::{
        CertificateFlaw, Exchange, HttpTransport, RawResponse, TokenRequest, TransportError,
    },
};
use self::{request::Composed, wire::Wire};
use crate::{
    clock::Clock,
    credential::{Credential, Grant, ValueSource},
    secret::Secret,
    source,
    token::{IssuedToken, RefreshToken},
};

/// Asks for tokens.
pub struct Acquirer {
    wire: Wire,
    issuers: metadata::Issuers,
}

/// A request that is ready to be sent, once.
pub struct Prepared(Ready);

/// What there is to send.
enum Ready {
    /// A request.
    Request(Box<Sending>),
    /// A program takes the place of the exchange.
    Program(Box<[Box<str>]>),
}

/// A request, and for what.
struct Sending {
    composed: Composed,
    /// The credential with the token endpoint that its issuer names.
    discovered: Option<Credential>,
}

impl Prepared {
    /// The refresh token that it hands in, if it does. From the moment of sending, the provider
    /// may have replaced it.
    pub fn refresh_token(&self) -> Option<&RefreshToken> {
        match &self.0 {
            Ready::Request(sending) => sending.composed.handed_in.as_ref()?.token.as_ref(),
            Ready::Program(_) => None,
        }
    }
}

impl Acquirer {
    /// One that sends its requests by `transport`, and compares `clock` with those of servers.
    pub fn new(transport: Arc<dyn HttpTransport>, clock: Arc<dyn Clock>) -> Self {
        Self { wire: Wire::new(transport, clock), issuers: metadata::Issuers::default() }
    }

    /// Asks for a token, once; before that, the issuer for its endpoints, if they are not known.
    pub async fn acquire(&self, attempt: &Attempt<'_>) -> Result<IssuedToken, AcquireError> {
        let prepared = self.prepare(attempt).await?;
        self.send(attempt, prepared).await
    }

    /// Reads what the request needs, and asks the issuer where to send it, if that is not known.
    /// The request itself is not sent yet: whoever hands in a refresh token makes a note of that
    /// first.
    pub async fn prepare(&self, attempt: &Attempt<'_>) -> Result<Prepared, AcquireError> {
        let credential = attempt.credential;
        if let Grant::Command(argv) = &*credential.grant {
            return Ok(Prepared(Ready::Program(argv.clone())));
        }
        let metadata = self.metadata(credential, attempt.sent_at, attempt.deadline).await?;
        let discovered =
            metadata.map(|metadata| metadata::at_token_endpoint(credential, &metadata));
        let discovered = discovered.transpose()?;
        let credential = discovered.as_ref().unwrap_or(credential);
        let server_time = self.wire.server_time(&credential.endpoint.url);
        let composed = request::compose(&Attempt { credential, ..*attempt }, server_time).await?;
        Ok(Prepared(Ready::Request(Box::new(Sending { composed, discovered }))))
    }

    /// Sends the request and those that follow it, and reads the last reply.
    pub async fn send(
        &self,
        attempt: &Attempt<'_>,
        Prepared(ready): Prepared,
    ) -> Result<IssuedToken, AcquireError> {
        let Sending { composed, discovered } = match ready {
            Ready::Request(sending) => *sending,
            Ready::Program(argv) => return command::acquire(attempt, &argv).await,
        };
        let hands_in = composed.handed_in.is_some();
        let credential = discovered.as_ref().unwrap_or(attempt.credential);
        let issued = self.ask(&Attempt { credential, ..*attempt }, composed).await;
        issued
            .inspect_err(|error| self.doubt(&attempt.credential.endpoint, error))
            .map_err(|error| if hands_in { error.of_grant(attempt.credential) } else { error })
    }

    /// Asks for a token at the endpoint that the credential names.
    async fn ask(
        &self,
        attempt: &Attempt<'_>,
        first: Composed,
    ) -> Result<IssuedToken, AcquireError> {
        let answer = steps::exchange(&self.wire, attempt, first).await?;
        reply::read(attempt, &answer.raw, answer.redaction, answer.handed_in)
            .map_err(|error| error.in_step(attempt.credential.steps.len()))
    }
}

/// Reads a value of the request.
async fn read(what: &str, source: &ValueSource) -> Result<Secret, AcquireError> {
    let value = source::read(source).await;
    value.map_err(|cause| AcquireError::Source { what: what.into(), cause })
}

#[cfg(test)]
mod tests;
