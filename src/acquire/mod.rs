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

mod assertion;
mod attempt;
mod authentication;
mod code;
mod error;
#[cfg(test)]
mod fixture;
mod forms;
mod grant;
mod http;
mod metadata;
mod pause;
mod redaction;
mod reply;
mod request;
mod skew;
mod transport;

use std::sync::Arc;

use self::skew::Skews;
pub use self::{
    assertion::AssertionFlaw,
    attempt::Attempt,
    error::{AcquireError, Refusal, TokenFlaw},
    http::HttpClients,
    metadata::DiscoveryError,
    transport::{
        CertificateFlaw, Exchange, HttpTransport, RawResponse, TokenRequest, TransportError,
    },
};
use crate::{clock::Clock, credential::ValueSource, secret::Secret, source, token::IssuedToken};

/// Asks for tokens.
pub struct Acquirer {
    transport: Arc<dyn HttpTransport>,
    clock: Arc<dyn Clock>,
    skews: Skews,
    issuers: metadata::Issuers,
}

impl Acquirer {
    /// One that sends its requests by `transport`, and compares `clock` with those of servers.
    pub fn new(transport: Arc<dyn HttpTransport>, clock: Arc<dyn Clock>) -> Self {
        Self { transport, clock, skews: Skews::default(), issuers: metadata::Issuers::default() }
    }

    /// Asks for a token, once; before that, the issuer for its endpoints, if they are not known.
    pub async fn acquire(&self, attempt: &Attempt<'_>) -> Result<IssuedToken, AcquireError> {
        let credential = attempt.credential;
        let metadata = self.metadata(credential, attempt.sent_at, attempt.deadline).await?;
        let Some(metadata) = metadata else { return self.ask(attempt).await };
        let discovered = metadata::at_token_endpoint(credential, &metadata)?;
        let issued = self.ask(&Attempt { credential: &discovered, ..*attempt }).await;
        issued.inspect_err(|error| self.doubt(&credential.endpoint, error))
    }

    /// Asks for a token at the endpoint that the credential names.
    async fn ask(&self, attempt: &Attempt<'_>) -> Result<IssuedToken, AcquireError> {
        let endpoint = &attempt.credential.endpoint;
        let origin = endpoint.url.origin().ascii_serialization();
        let server_time = self.skews.server_time(&origin, self.clock.now());
        let composed = request::compose(attempt, server_time).await?;
        let sent = self.clock.now();
        let raw = self.transport.send(endpoint, composed.request, attempt.deadline).await?;
        self.skews.learn(&origin, sent, self.clock.now(), &raw);
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
