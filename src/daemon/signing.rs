//! One request of a consumer, signed with the token in hand: for the verb and the control socket.

use crate::{
    acquire::{AcquireError, Acquirer, Nonce, SignedRequest, Stamp},
    credential::{Credential, Grant, Name},
    secret::Secret,
    token::IssuedToken,
};

/// Why a request was not signed.
#[derive(Debug, thiserror::Error)]
pub enum SigningError {
    /// Only OAuth 1.0a signs requests.
    #[error(
        "the grant `{grant}` of {name} signs nothing; `tokenward get {name} --format header` \
         prints its header"
    )]
    OtherGrant {
        /// Of which credential.
        name: Name,
        /// Which grant.
        grant: Box<str>,
    },
    /// A nonce could not be made.
    #[error("cannot read random bytes for the nonce: {0}; allow the system call `getrandom`")]
    Randomness(getrandom::Error),
    /// The key, or a token that is none of OAuth 1.0a.
    #[error(transparent)]
    Signature(#[from] AcquireError),
}

/// The value of the `Authorization` header for a request, dated by the clock of its server.
pub async fn sign(
    acquirer: &Acquirer,
    credential: &Credential,
    token: &IssuedToken,
    request: &SignedRequest,
) -> Result<Secret, SigningError> {
    let Grant::OAuth1(oauth1) = &*credential.grant else {
        let (name, grant) = (credential.name.clone(), credential.grant.name().into());
        return Err(SigningError::OtherGrant { name, grant });
    };
    let mut nonce = [0; 16];
    getrandom::fill(&mut nonce).map_err(SigningError::Randomness)?;
    let stamp = Stamp { timestamp: acquirer.server_time(&request.url), nonce: Nonce(nonce) };
    Ok(acquirer.sign(oauth1, token, request, stamp).await?)
}

#[cfg(test)]
mod tests {
    use std::{sync::Arc, time::Duration};

    use super::*;
    use crate::{
        acquire::{HttpClients, RequestBody},
        clock::{Now, SystemClock},
        credential::fixture,
    };

    #[tokio::test]
    async fn a_token_of_another_grant_signs_nothing_and_is_not_shown() {
        let acquirer = Acquirer::new(Arc::new(HttpClients::default()), Arc::new(SystemClock));
        let token = IssuedToken::bearer("hunter2".into(), Now::default(), Duration::ZERO);
        let url = "https://api.example.com/".parse().unwrap();
        let request =
            SignedRequest { method: "GET".into(), url, body: RequestBody::Form(Vec::new()) };
        let credential = fixture::credential();
        let error = sign(&acquirer, &credential, &token, &request).await.unwrap_err();
        assert!(matches!(error, SigningError::OtherGrant { .. }), "{error}");
        assert!(error.to_string().contains("signs nothing; `tokenward get"), "{error}");
        assert!(!error.to_string().contains("hunter2"), "{error}");
    }
}
