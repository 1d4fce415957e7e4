//! OAuth on the wire.
//!
//! ```text
//! grant ------------+
//! authentication ---+--> request --> transport (a seam) --> reply --> IssuedToken
//! parameters -------+     ^             http      ^           |
//!                         |            steps -----+           +----> AcquireError
//!    metadata ------------+---- login: device, code
//!    command (a program prints the reply) --------------> reply
//!    inputs: what a request needs, read before its turn
//!    oauth1: its own requests, signatures and replies --> transport
//!    probe: the token in hand --> transport --> Verdict
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
mod evidence;
#[cfg(test)]
mod fixture;
mod forms;
mod grant;
mod http;
mod inputs;
mod login;
mod metadata;
mod oauth1;
mod pause;
mod place;
mod prepared;
mod probe;
mod redaction;
mod refusal;
mod reply;
mod request;
mod signed_jwt;
mod skew;
mod steps;
mod transport;
mod value;
mod wire;

use std::sync::Arc;

use url::Url;

pub use self::{
    assertion::AssertionFlaw,
    attempt::Attempt,
    error::{AcquireError, Rescued, TokenFlaw},
    http::HttpClients,
    inputs::read_inputs,
    login::{AnswerError, Authorization, DeviceAuthorization, Poll, Randomness},
    metadata::DiscoveryError,
    oauth1::{Leg, Nonce, OAuth1Error, OwnerAuthorization, RequestBody, SignedRequest, Stamp},
    prepared::Prepared,
    probe::{ProbeError, Verdict},
    refusal::Refusal,
    transport::{
        CertificateFlaw, Exchange, HttpTransport, RawResponse, TokenRequest, TransportError,
    },
};
use self::{
    prepared::{Ready, Sending},
    request::Composed,
    value::{read, read_optional},
    wire::{ServerClock, Wire},
};
use crate::{
    clock::{Clock, WallTime},
    credential::{Credential, Grant},
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

    /// What the clock of the server behind `url` shows, as far as its replies have said.
    pub fn server_time(&self, url: &Url) -> WallTime {
        self.wire.server_clock(url).time
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
        match &*attempt.credential.grant {
            Grant::Command(program) => return Ok(Prepared(Ready::Program(program.clone()))),
            Grant::SignedJwt(assertion) => {
                let issued = signed_jwt::issue(attempt, assertion, self.wire.now()).await?;
                return Ok(Prepared(Ready::Issued(Box::new(issued))));
            }
            Grant::OAuth1(oauth1) => {
                let renewal = self.prepare_renewal(attempt, oauth1).await?;
                return Ok(Prepared(Ready::Renewal(Box::new(renewal))));
            }
            _ => {}
        }
        let place = self.place(attempt).await?;
        let clock = self.wire.server_clock(&place.credential.endpoint.url);
        let composed = request::compose(&place.attempt(attempt), clock.time).await?;
        let discovered = place.discovered();
        Ok(Prepared(Ready::Request(Box::new(Sending { composed, discovered, clock }))))
    }

    /// Sends the request and those that follow it, and reads the last reply.
    pub async fn send(
        &self,
        attempt: &Attempt<'_>,
        Prepared(ready): Prepared,
    ) -> Result<IssuedToken, AcquireError> {
        let Sending { composed, discovered, clock } = match ready {
            Ready::Request(sending) => *sending,
            Ready::Renewal(renewal) => return self.renew(attempt, *renewal).await,
            Ready::Program(program) => return command::acquire(attempt, &program).await,
            Ready::Issued(issued) => return Ok(*issued),
        };
        let hands_in = composed.handed_in.is_some();
        let credential = discovered.as_ref().unwrap_or(attempt.credential);
        let issued = self.ask(&Attempt { credential, ..*attempt }, composed).await;
        issued
            .inspect_err(|error| self.doubt(&attempt.credential.endpoint, error))
            .map_err(|error| self.explain(error, credential, clock))
            .map_err(|error| if hands_in { error.of_grant(attempt.credential) } else { error })
    }

    /// A refusal that came with another time than the assertion in the request was dated by may
    /// be due to that alone.
    fn explain(
        &self,
        error: AcquireError,
        credential: &Credential,
        taken_for: ServerClock,
    ) -> AcquireError {
        let clock = self.wire.server_clock(&credential.endpoint.url);
        match clock.correction(taken_for) {
            Some(ahead) if assertion::is_asked_of(credential) => error.of_dates(ahead),
            _ => error,
        }
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

#[cfg(test)]
mod tests;
