//! Where the endpoints of an issuer are (RFC 8414 and `OpenID` Connect Discovery 1.0).
//!
//! The document is asked for with a GET that carries no secret, kept for a day, and shared by all
//! credentials of the issuer.

mod document;
mod error;
mod known;

use std::{sync::Arc, time::Duration};

use url::Url;

pub use self::error::DiscoveryError;
pub(super) use self::{
    document::{Metadata, is_same_issuer},
    known::Issuers,
};
use super::{AcquireError, Acquirer, HttpTransport, Refusal, TokenRequest, TransportError};
use crate::{
    clock::Now,
    credential::{Method, TokenEndpoint, origin},
    secret::Secret,
};

/// The two places of the document: `OpenID` Connect Discovery 1.0, section 4, appends to the
/// issuer; RFC 8414, section 3.1, puts its word before the path. The older one is asked first,
/// since every provider that people log in to has it, and most issuers have no other.
const PLACES: [fn(&Url) -> String; 2] = [
    |issuer| format!("{}/.well-known/openid-configuration", issuer.path().trim_end_matches('/')),
    |issuer| {
        format!("/.well-known/oauth-authorization-server{}", issuer.path().trim_end_matches('/'))
    },
];

impl Acquirer {
    /// What the issuer at such an endpoint says, if the others have to be discovered.
    pub(super) async fn metadata(
        &self,
        endpoint: &TokenEndpoint,
        now: Now,
        deadline: Duration,
    ) -> Result<Option<Arc<Metadata>>, AcquireError> {
        if !endpoint.discover {
            return Ok(None);
        }
        let fetch = async || {
            let both = fetch(&self.wire, endpoint, now, deadline);
            tokio::time::timeout(deadline, both).await.unwrap_or_else(|_elapsed| {
                let origin = origin(&endpoint.url);
                Err(TransportError::Timeout { origin, after: deadline }.into())
            })
        };
        let found = self.issuers.known(endpoint, now.boot, fetch).await;
        found.map(Some).map_err(AcquireError::Discovery)
    }

    /// Drops what the issuer said if an attempt failed as it would at an endpoint that has moved:
    /// the next attempt asks the issuer again.
    pub(super) fn doubt(&self, endpoint: &TokenEndpoint, error: &AcquireError) {
        let moved = match error {
            AcquireError::Transport(error) => matches!(
                error,
                TransportError::Dns { .. }
                    | TransportError::Connect { .. }
                    | TransportError::Tls { .. }
            ),
            AcquireError::Redirect { .. } => true,
            AcquireError::Refused(Refusal { status, .. }) => matches!(status, 404 | 405 | 410),
            _ => false,
        };
        if endpoint.discover && moved {
            self.issuers.forget(endpoint);
        }
    }
}

/// The issuer does not say what is needed of it.
pub(super) fn missing(endpoint: &TokenEndpoint, what: &'static str) -> AcquireError {
    let issuer = error::shown(&endpoint.url);
    AcquireError::Discovery(Arc::new(DiscoveryError::Missing { issuer, what }))
}

/// Asks at one place, and at the other if there is nothing.
async fn fetch(
    transport: &dyn HttpTransport,
    endpoint: &TokenEndpoint,
    now: Now,
    deadline: Duration,
) -> Result<Metadata, DiscoveryError> {
    let at = async |place: fn(&Url) -> String| {
        let raw = transport.send(endpoint, question(endpoint, place), deadline).await?;
        document::read(endpoint, &raw, now)
    };
    let [first, second] = PLACES;
    match at(first).await {
        Err(error) if error.is_nothing_there() => at(second).await,
        read => read,
    }
}

fn question(endpoint: &TokenEndpoint, place: fn(&Url) -> String) -> TokenRequest {
    let mut url = endpoint.url.clone();
    url.set_path(&place(&endpoint.url));
    let headers = [("Accept", "application/json"), ("User-Agent", super::request::USER_AGENT)];
    let headers = headers.map(|(name, value)| (name.into(), value.into())).into();
    TokenRequest { method: Method::Get, url, headers, body: Secret::default() }
}

#[cfg(test)]
mod tests;
