//! JWTs that we sign (RFC 7523): to prove who the client is, or as the grant itself.
//!
//! ```text
//! credential::Assertion --> claims, header --+
//! key, certificate (PEM) --> key ------------+--> jsonwebtoken --> the assertion
//! ```
//!
//! Key and values are read at each use, so that a key that was exchanged counts at once.

mod claims;
mod flaw;
mod key;

use jsonwebtoken::Header;

use self::claims::{Moment, Parties};
pub use self::flaw::AssertionFlaw;
use super::{AcquireError, attempt::Attempt, read, read_optional, request::Draft};
use crate::{
    credential::{
        Algorithm, Assertion, ClientAuthentication, Credential, Grant, ValueSource, without_query,
    },
    secret::Secret,
};

/// What an assertion is for. It decides what the claims say that the configuration leaves open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Purpose {
    /// To prove who the client is (RFC 7523, section 2.2).
    Client,
    /// As the grant (RFC 7523, section 2.1).
    Grant,
    /// In the place of a token, in the `Authorization` header.
    Bearer,
}

/// A key, and what errors call it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Key<'a> {
    pub(super) name: &'static str,
    pub(super) source: &'a ValueSource,
}

/// What a value of an assertion has to be.
#[derive(Clone, Copy, Debug)]
pub(super) enum Check {
    /// A key that signs by this algorithm.
    Key(Algorithm),
    /// A certificate.
    Certificate,
}

impl Check {
    /// Finds the flaws that [`make`] would find in `value`, which errors call `what`. Some keys
    /// show theirs only when they sign.
    pub(super) fn accepts(self, what: &str, value: &Secret) -> Result<(), AcquireError> {
        let checked = match self {
            Self::Key(algorithm) => key::read(algorithm, value).and_then(|key| {
                let header = Header::new(key::algorithm(algorithm));
                let signed = jsonwebtoken::encode(&header, &(), &key);
                signed.map(drop).map_err(|_| AssertionFlaw::Unfit(algorithm))
            }),
            Self::Certificate => key::thumbprints(value).map(drop),
        };
        checked.map_err(|flaw| AcquireError::Assertion { what: what.into(), flaw })
    }
}

/// Whether a request for this credential has an assertion in it.
pub(super) fn is_asked_of(credential: &Credential) -> bool {
    matches!(credential.client.authentication, ClientAuthentication::Jwt(_))
        || matches!(&*credential.grant, Grant::JwtBearer(_) | Grant::AppJwt(_))
}

/// Makes and signs an assertion, and keeps it out of what is shown.
pub(super) async fn make(
    attempt: &Attempt<'_>,
    purpose: Purpose,
    assertion: &Assertion,
    key: Key<'_>,
    draft: &mut Draft,
) -> Result<Secret, AcquireError> {
    let algorithm = assertion.signing.algorithm;
    let flawed = |what: &'static str| {
        move |flaw: AssertionFlaw| AcquireError::Assertion { what: what.into(), flaw }
    };
    let text = read(key.name, key.source).await?;
    if algorithm.is_mac() {
        draft.redaction.hide(&text);
    }
    let signing_key = key::read(algorithm, &text).map_err(flawed(key.name))?;
    let header = header(assertion).await?;
    let parties = parties(attempt, purpose, assertion).await?;
    let extra = extra(assertion).await?;
    let mut random = [0; 16];
    getrandom::fill(&mut random).map_err(|_| flawed("jti")(AssertionFlaw::NoRandomness))?;
    let moment = Moment { now: draft.server_time, lifetime: assertion.lifetime, random };
    let claims = claims::claims(&parties, &moment, extra);
    let signed = jsonwebtoken::encode(&header, &claims, &signing_key)
        .map(Secret::from)
        .map_err(|_| flawed(key.name)(AssertionFlaw::Unfit(algorithm)))?;
    draft.redaction.hide(&signed);
    Ok(signed)
}

async fn header(assertion: &Assertion) -> Result<Header, AcquireError> {
    let signing = &assertion.signing;
    let mut header = Header::new(key::algorithm(signing.algorithm));
    let key_id = read_optional("key_id", signing.key_id.as_ref()).await?;
    header.kid = key_id.map(|id| id.expose().to_owned());
    if let Some(source) = &signing.certificate {
        let pem = read("certificate", source).await?;
        let thumbprints = key::thumbprints(&pem)
            .map_err(|flaw| AcquireError::Assertion { what: "certificate".into(), flaw })?;
        (header.x5t, header.x5t_s256) = (Some(thumbprints.sha1), Some(thumbprints.sha256));
    }
    Ok(header)
}

/// Who speaks, of whom, and to whom.
async fn parties(
    attempt: &Attempt<'_>,
    purpose: Purpose,
    assertion: &Assertion,
) -> Result<Parties, AcquireError> {
    let client = read_optional("client_id", attempt.credential.client.id.as_ref()).await?;
    let issuer = read_optional("issuer", assertion.issuer.as_ref()).await?;
    let subject = read_optional("subject", assertion.subject.as_ref()).await?;
    let audience = read_optional("audience", assertion.audience.as_ref()).await?;
    let endpoint = || Secret::from(without_query(&attempt.credential.endpoint.url));
    Ok(match purpose {
        // RFC 7523, section 3: both are the client, whatever else it may be called.
        Purpose::Client => Parties {
            issuer: client.clone(),
            subject: client,
            audience: audience.or_else(|| Some(endpoint())),
        },
        Purpose::Grant => Parties {
            issuer: issuer.or(client),
            subject,
            audience: audience.or_else(|| Some(endpoint())),
        },
        Purpose::Bearer => Parties { issuer: issuer.or(client), subject, audience },
    })
}

/// The claims that the configuration names.
async fn extra(assertion: &Assertion) -> Result<Vec<(Box<str>, Secret)>, AcquireError> {
    let mut extra = Vec::with_capacity(assertion.claims.len());
    for (name, source) in &assertion.claims {
        extra.push((name.clone(), read(name, source).await?));
    }
    Ok(extra)
}

#[cfg(test)]
mod tests;
