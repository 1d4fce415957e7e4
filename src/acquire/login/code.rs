//! The authorization code grant (RFC 6749, section 4.1) with PKCE (RFC 7636): the person logs in
//! in a browser, which then comes back with a code.

use std::fmt;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use url::Url;

use super::{AcquireError, Acquirer, Attempt, Draft};
use crate::{
    acquire::{code::ErrorCode, metadata, read_optional, redaction::Redaction},
    credential::{AuthorizationRequest, Fingerprint},
    error::Fault,
    secret::Secret,
    token::IssuedToken,
};

/// What makes a log-in unguessable: 128 bits of `state` (RFC 6749, section 10.10) and 256 of code
/// verifier (RFC 7636, section 7.1).
pub struct Randomness(pub [u8; 48]);

/// A log-in in a browser.
pub struct Authorization {
    /// The page to open.
    pub url: Url,
    redirect_uri: Url,
    state: Box<str>,
    verifier: Option<Secret>,
    issuer: Option<Issuer>,
}

/// Who has to answer, if we know (RFC 9207).
struct Issuer {
    url: Url,
    names_itself: bool,
}

/// Why an answer that came with the browser is of no use.
#[derive(Debug, thiserror::Error)]
pub enum AnswerError {
    /// It belongs to another log-in, or to none.
    #[error("the address is not the answer to this log-in; {}", self.advice())]
    State,
    /// The provider said no, in words of its own.
    #[error("the provider refused the log-in: {words}; {}", self.advice())]
    Refused {
        /// The error code and its explanation.
        words: Box<str>,
        /// The error code, if it is one that we know.
        code: Option<&'static str>,
        /// Whether it can pass by itself.
        fault: Fault,
    },
    /// It comes from another provider than the one that was asked (RFC 9207, section 2.4).
    #[error("the answer does not come from the issuer that was asked; {}", self.advice())]
    Issuer,
    /// It has neither a code nor an error.
    #[error("the address has no code or verifier in it; {}", self.advice())]
    NoCode,
}

impl Acquirer {
    /// The page to open for a log-in, whose answer goes to `redirect_uri`.
    pub async fn authorization(
        &self,
        attempt: &Attempt<'_>,
        request: &AuthorizationRequest,
        redirect_uri: Url,
        randomness: &Randomness,
    ) -> Result<Authorization, AcquireError> {
        let place = self.place(attempt).await?;
        let endpoint = &attempt.credential.endpoint;
        let metadata = place.metadata.as_deref();
        let page = request.endpoint.as_deref();
        let page = page.or_else(|| metadata?.authorization_endpoint.as_ref());
        let page = page.ok_or_else(|| metadata::missing(endpoint, "authorization_endpoint"))?;
        let client_id = attempt.credential.client.id.as_ref();
        let client_id = read_optional("client_id", client_id).await?;
        let (state, verifier) = randomness.0.split_at(16);
        let mut authorization = Authorization {
            url: page.clone(),
            redirect_uri,
            state: URL_SAFE_NO_PAD.encode(state).into(),
            verifier: request.pkce.then(|| URL_SAFE_NO_PAD.encode(verifier).into()),
            issuer: metadata.map(|metadata| Issuer {
                url: endpoint.url.clone(),
                names_itself: metadata.names_itself_in_answers,
            }),
        };
        authorization.write_query(attempt, request, client_id.as_ref());
        Ok(authorization)
    }

    /// Hands in the code that the browser brought.
    pub async fn redeem_code(
        &self,
        attempt: &Attempt<'_>,
        authorization: &Authorization,
        code: &Secret,
    ) -> Result<IssuedToken, AcquireError> {
        let write = |draft: &mut Draft| {
            draft.parameter("grant_type", "authorization_code");
            draft.parameter("code", code.clone());
            draft.parameter("redirect_uri", authorization.redirect_uri.as_str());
            if let Some(verifier) = &authorization.verifier {
                draft.redaction.hide(verifier);
                draft.parameter("code_verifier", verifier.clone());
            }
        };
        self.redeem(attempt, code, write).await
    }
}

impl Authorization {
    /// Where the browser will come back to.
    pub const fn redirect_uri(&self) -> &Url {
        &self.redirect_uri
    }

    /// The parameters of RFC 6749, section 4.1.1. What the user names replaces ours; what the
    /// endpoint's URL has stays.
    fn write_query(
        &mut self,
        attempt: &Attempt<'_>,
        request: &AuthorizationRequest,
        client_id: Option<&Secret>,
    ) {
        let parameters = &*attempt.credential.parameters;
        let challenge = self.verifier.as_ref().map(challenge);
        let mut ours = vec![("response_type", "code")];
        ours.extend(client_id.map(|id| ("client_id", id.expose())));
        ours.push(("redirect_uri", self.redirect_uri.as_str()));
        if !attempt.credential.scope.is_empty() {
            ours.push(("scope", &attempt.credential.scope));
        }
        ours.push(("state", &self.state));
        if let Some(challenge) = &challenge {
            ours.extend([("code_challenge", &**challenge), ("code_challenge_method", "S256")]);
        }
        ours.extend(parameters.audience.iter().map(|value| ("audience", &**value)));
        ours.extend(parameters.resource.iter().map(|value| ("resource", &**value)));
        let users = &request.parameters;
        ours.retain(|(name, _)| !users.iter().any(|(other, _)| **other == **name));
        let mut query = self.url.query_pairs_mut();
        query.extend_pairs(ours);
        query.extend_pairs(users.iter().map(|(name, value)| (&**name, &**value)));
    }

    /// Whether the browser was sent to `address` for this log-in.
    pub fn is_answer(&self, address: &Url) -> bool {
        value(address, "state").is_some_and(|state| *state == *self.state)
    }

    /// The code in the address that the browser was sent back to (RFC 6749, section 4.1.2).
    pub fn answer(&self, address: &Url) -> Result<Secret, AnswerError> {
        if !self.is_answer(address) {
            return Err(AnswerError::State);
        }
        if let Some(issuer) = &self.issuer {
            issuer.check(value(address, "iss").as_deref())?;
        }
        if let Some(code) = value(address, "error") {
            return Err(refused(&code, value(address, "error_description").as_deref()));
        }
        let code = value(address, "code").filter(|code| !code.is_empty());
        code.map(Secret::from).ok_or(AnswerError::NoCode)
    }
}

impl Issuer {
    /// RFC 9207, section 2.4.
    fn check(&self, said: Option<&str>) -> Result<(), AnswerError> {
        let good = match said {
            Some(said) => metadata::is_same_issuer(&self.url, said),
            None => !self.names_itself,
        };
        if good { Ok(()) } else { Err(AnswerError::Issuer) }
    }
}

/// RFC 7636, section 4.2.
fn challenge(verifier: &Secret) -> String {
    URL_SAFE_NO_PAD.encode(Fingerprint::of(verifier.expose().as_bytes()).0)
}

/// A parameter of the answer. Its first value counts: whoever can append to the address cannot
/// change it.
pub(in crate::acquire) fn value(address: &Url, name: &str) -> Option<String> {
    address.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
}

/// What the provider says in place of a code.
pub(in crate::acquire) fn refused(code: &str, description: Option<&str>) -> AnswerError {
    let words: Vec<_> = [Some(code), description].into_iter().flatten().collect();
    let known = ErrorCode::parse(code);
    AnswerError::Refused {
        words: Redaction::default().show(&words.join(": ")),
        code: known.map(ErrorCode::name),
        fault: known.map_or(Fault::Permanent, ErrorCode::fault),
    }
}

impl AnswerError {
    /// Whether it can pass by itself.
    pub const fn fault(&self) -> Fault {
        match self {
            Self::Refused { fault, .. } => *fault,
            Self::State | Self::Issuer | Self::NoCode => Fault::Permanent,
        }
    }

    /// Whether the person may have taken the wrong address, and can bring another.
    pub const fn is_a_slip(&self) -> bool {
        matches!(self, Self::State | Self::NoCode)
    }

    /// A stable word.
    pub const fn reason(&self) -> &'static str {
        match self {
            Self::State => "login_state",
            Self::Refused { code: Some(code), .. } => code,
            Self::Refused { code: None, .. } => "login_refused",
            Self::Issuer => "login_issuer",
            Self::NoCode => "login_no_code",
        }
    }

    /// What a person should do next.
    pub const fn advice(&self) -> &'static str {
        match self {
            Self::State => "open the page that was shown last, and take the address it ends at",
            Self::Refused { .. } => "log in again, and agree; or ask the provider",
            Self::Issuer => "somebody may be mixing up log-ins: check issuer, then log in again",
            Self::NoCode => "take the whole address that the browser ends at",
        }
    }
}

impl fmt::Debug for Authorization {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Authorization")
    }
}

impl fmt::Debug for Randomness {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[redacted]")
    }
}
