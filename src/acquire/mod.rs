//! OAuth on the wire.
//!
//! ```text
//! grant ------------+
//! authentication ---+--> request --> transport (a seam) --> reply --> IssuedToken
//! parameters -------+                   http                  |
//!                                                             +----> AcquireError
//! ```
//!
//! One call is one request: nothing here retries, follows or remembers. The request and the reply
//! are pure apart from reading secrets, and every oddity of a real server has a row in a test.

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

use std::time::Duration;

pub use self::{
    error::{AcquireError, Refusal, TokenFlaw},
    http::HttpClients,
    transport::{Exchange, HttpTransport, RawResponse, TokenRequest, TransportError},
};
use crate::{clock::Now, credential::Credential, token::IssuedToken};

/// Asks for a token, once. `sent_at` is the moment of the call: the lifetime is counted from it.
/// `deadline` is for the whole exchange over the network.
pub async fn acquire(
    credential: &Credential,
    sent_at: Now,
    deadline: Duration,
    transport: &dyn HttpTransport,
) -> Result<IssuedToken, AcquireError> {
    let (request, redaction) = request::compose(credential).await?;
    let raw = transport.send(&credential.endpoint, request, deadline).await?;
    reply::read(credential, sent_at, &raw, redaction)
}

#[cfg(test)]
mod tests;
