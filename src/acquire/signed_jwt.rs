//! The grant that asks nobody: the assertion that we sign is the token.

use super::{
    AcquireError, Attempt,
    assertion::{self, Key, Purpose},
    reply,
    request::Draft,
};
use crate::{
    clock::WallTime,
    credential::Assertion,
    token::{IssuedToken, Lifetime, LifetimeSource},
};

/// Signs the token. It lives from now to its `exp`, which is a little less than from its `iat`.
pub(super) async fn issue(
    attempt: &Attempt<'_>,
    assertion: &Assertion,
    now: WallTime,
) -> Result<IssuedToken, AcquireError> {
    let key = Key { name: "the key of the assertion", source: &assertion.signing.key };
    let mut draft = Draft::new(now);
    let token = assertion::make(attempt, Purpose::Bearer, assertion, key, &mut draft).await?;
    let expires = reply::jwt_expiry(token.expose()).unwrap_or(now + assertion.lifetime);
    let duration = expires.since(now);
    Ok(IssuedToken {
        access_token: token,
        token_type: "Bearer".into(),
        scope: None,
        refresh_token: None,
        origin: None,
        fields: [].into(),
        requested_at: attempt.sent_at,
        lifetime: Lifetime { duration, source: LifetimeSource::JwtExp },
    })
}

#[cfg(test)]
mod tests {
    use std::{sync::Arc, time::Duration};

    use super::*;
    use crate::{
        acquire::fixture::{self, Provider, literal},
        credential::{Algorithm, Credential, Grant, Signing},
        error::Fault,
    };

    fn credential(key: &str, algorithm: Algorithm) -> Credential {
        let signing = Signing { algorithm, key: literal(key), key_id: None, certificate: None };
        let grant = Grant::SignedJwt(Assertion {
            signing,
            issuer: Some(literal("issuer")),
            subject: None,
            audience: Some(literal("appstoreconnect-v1")),
            lifetime: Duration::from_secs(600),
            claims: [].into(),
        });
        Credential { grant: Arc::new(grant), ..fixture::credential() }
    }

    async fn acquire(credential: &Credential) -> Result<IssuedToken, AcquireError> {
        let nobody = Provider::new(|_| panic!("a request was sent"));
        fixture::acquirer(nobody).acquire(&fixture::attempt(credential)).await
    }

    #[tokio::test]
    async fn the_assertion_is_the_token_and_nobody_is_asked() {
        let issued = acquire(&credential("s3cret", Algorithm::HS256)).await.unwrap();
        assert_eq!(issued.access_token.expose().split('.').count(), 3);
        assert_eq!(issued.authorization(None).split(' ').next(), Some("Bearer"));
        // Its `iat` lies five seconds back.
        assert_eq!(issued.lifetime.duration, Duration::from_secs(595));
        assert_eq!(issued.lifetime.source, LifetimeSource::JwtExp);
    }

    #[tokio::test]
    async fn a_key_that_does_not_fit_is_a_matter_of_this_machine() {
        let error = acquire(&credential("no key at all", Algorithm::ES256)).await.unwrap_err();
        assert_eq!((error.reason(), error.fault()), ("assertion_key", Fault::Local));
        assert!(!error.to_string().contains("no key at all"), "{error}");
    }
}
