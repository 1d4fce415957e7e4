//! A probe: one request with the token in hand, to see whether a resource still takes it.

use std::time::Duration;

use super::{
    AcquireError, Acquirer, HttpTransport, Nonce, RawResponse, RequestBody, SignedRequest, Stamp,
    TokenRequest, TransportError, pause, request::override_with,
};
use crate::{
    clock::WallTime,
    credential::{Credential, Grant, Method, Probe, origin},
    error::Fault,
    secret::Secret,
    token::IssuedToken,
};

/// What a resource says of a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It takes it.
    Accepted,
    /// It does not, with this status: 401 or 403 (RFC 9110, sections 15.5.2 and 15.5.4).
    Revoked(u16),
}

/// Why a probe says nothing of the token.
#[derive(Debug, thiserror::Error)]
pub enum ProbeError {
    /// The request could not be signed.
    #[error("the probe could not be signed: {0}")]
    Signature(#[from] AcquireError),
    /// There was no answer.
    #[error("the probe had no answer, which says nothing of the token: {0}")]
    Transport(#[from] TransportError),
    /// An answer that is about something else.
    #[error("{origin} answered the probe with {status}, which says nothing of the token; {}", self.advice())]
    Unclear {
        /// Scheme and host.
        origin: Box<str>,
        /// The status.
        status: u16,
        /// How long it asked to be left alone.
        retry_after: Option<Duration>,
    },
    /// A refusal of a signature that was dated by a clock which differs from the resource's. That
    /// is known now, and counts from the next probe on.
    #[error("{origin} answered the probe with {status}, and its clock differs from the one by \
             which the signature was dated, which says nothing of the token: it is asked again, by \
             its own clock; {}", self.advice())]
    Misdated {
        /// Scheme and host.
        origin: Box<str>,
        /// The status.
        status: u16,
    },
}

impl ProbeError {
    /// Whether it can pass by itself.
    pub fn fault(&self) -> Fault {
        match self {
            Self::Signature(error) => error.fault(),
            Self::Transport(error) => error.fault(),
            Self::Unclear { .. } | Self::Misdated { .. } => Fault::Transient,
        }
    }

    /// A stable word for logs and metrics.
    pub const fn reason(&self) -> &'static str {
        match self {
            Self::Signature(error) => error.reason(),
            Self::Transport(error) => error.reason(),
            Self::Unclear { .. } => "probe_unclear",
            Self::Misdated { .. } => "clock_skew",
        }
    }

    /// How long the resource asked to be left alone.
    pub const fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Unclear { retry_after, .. } => *retry_after,
            Self::Signature(_) | Self::Transport(_) | Self::Misdated { .. } => None,
        }
    }

    const fn advice(&self) -> &'static str {
        match self {
            Self::Unclear { status: 429 | 500.., .. } => "the next probe may know more",
            Self::Misdated { .. } => "set the clock of this machine",
            _ => "check `probe.url` and `probe.headers`: it should be a GET that the token opens",
        }
    }
}

impl Acquirer {
    /// Sends the probe with a token, once, and says what it means. `nonce` is for a signature.
    pub async fn probe(
        &self,
        credential: &Credential,
        probe: &Probe,
        token: &IssuedToken,
        nonce: Nonce,
    ) -> Result<Verdict, ProbeError> {
        let clock = self.wire.server_clock(&probe.url);
        let stamp = Stamp { timestamp: clock.time, nonce };
        let request = TokenRequest {
            method: Method::Get,
            url: probe.url.clone(),
            headers: self.headers(credential, probe, token, stamp).await?,
            body: Secret::default(),
        };
        let deadline = credential.parameters.timeout;
        let raw = self.wire.send(&credential.endpoint, request, deadline).await?;
        let learnt = self.wire.server_clock(&probe.url);
        let is_dated = matches!(&*credential.grant, Grant::OAuth1(_));
        let is_misdated = is_dated && learnt.correction(clock).is_some();
        match verdict(probe, &raw, learnt.time)? {
            // RFC 5849, section 3.2: a server refuses a stale timestamp as it does a token.
            Verdict::Revoked(status) if is_misdated => {
                Err(ProbeError::Misdated { origin: origin(&probe.url), status })
            }
            verdict => Ok(verdict),
        }
    }

    /// What the user names takes the place of ours: there are resources that want the token in
    /// a header of their own.
    async fn headers(
        &self,
        credential: &Credential,
        probe: &Probe,
        token: &IssuedToken,
        stamp: Stamp,
    ) -> Result<Vec<(Box<str>, Secret)>, AcquireError> {
        let scheme = credential.authorization_scheme.as_deref();
        let authorization = match &*credential.grant {
            Grant::OAuth1(oauth1) => {
                let body = RequestBody::Form(Vec::new());
                let request = SignedRequest { method: "GET".into(), url: probe.url.clone(), body };
                self.sign(oauth1, token, &request, stamp).await?
            }
            _ => token.authorization(scheme).into(),
        };
        let mut headers = vec![("Authorization".into(), authorization)];
        let users = probe.headers.iter();
        let users = users.map(|(name, text)| (name.clone(), text.of(token, scheme).into()));
        override_with(&mut headers, users.collect());
        Ok(headers)
    }
}

fn verdict(probe: &Probe, raw: &RawResponse, server_now: WallTime) -> Result<Verdict, ProbeError> {
    match raw.status {
        200..=299 => Ok(Verdict::Accepted),
        status @ (401 | 403) => Ok(Verdict::Revoked(status)),
        status => Err(ProbeError::Unclear {
            origin: origin(&probe.url),
            status,
            retry_after: pause::asked_by_resource(raw, server_now),
        }),
    }
}

#[cfg(test)]
mod tests;
