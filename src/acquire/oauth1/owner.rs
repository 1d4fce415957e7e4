//! Resource owner authorization (RFC 5849, section 2.2): the page to open, and what comes back.

use std::fmt;

use url::Url;

use crate::{
    acquire::{AnswerError, login},
    credential::Callback,
    secret::Secret,
};

/// Temporary credentials, and the page where the resource owner agrees to them.
///
/// They are kept in memory alone: without the person who is looking at the page they are worth
/// nothing, and whoever begins again gets others.
pub struct OwnerAuthorization {
    /// The page to open.
    pub url: Url,
    callback: Callback,
    pub(super) token: Secret,
    pub(super) token_secret: Secret,
}

impl OwnerAuthorization {
    pub(super) fn new(
        authorize: &Url,
        callback: Callback,
        token: Secret,
        token_secret: Secret,
    ) -> Self {
        let mut url = authorize.clone();
        url.query_pairs_mut().append_pair("oauth_token", token.expose());
        Self { url, callback, token, token_secret }
    }

    /// Where the browser comes back to, if it does.
    pub const fn callback(&self) -> Option<&Url> {
        match &self.callback {
            Callback::Page(url) => Some(url),
            Callback::OutOfBand => None,
        }
    }

    /// Whether the browser was sent to `address` for this log-in. Its `oauth_token` says so; a
    /// denial often comes without one.
    pub fn is_answer(&self, address: &Url) -> bool {
        match login::value(address, "oauth_token") {
            Some(token) => token == self.token.expose(),
            None => self.denial(address).is_some(),
        }
    }

    /// The verifier in the address that the browser was sent back to.
    pub fn answer(&self, address: &Url) -> Result<Secret, AnswerError> {
        if !self.is_answer(address) {
            return Err(AnswerError::State);
        }
        if let Some(words) = self.denial(address) {
            return Err(login::refused(&words, None));
        }
        let verifier = login::value(address, "oauth_verifier").filter(|text| !text.is_empty());
        verifier.map(Secret::from).ok_or(AnswerError::NoCode)
    }

    /// How the provider says no, which the RFC leaves open: in `error`, in `oauth_problem` (OAuth
    /// Problem Reporting: `user_refused`, `permission_denied`), or with the token in `denied`.
    fn denial(&self, address: &Url) -> Option<String> {
        let denied = login::value(address, "denied").filter(|token| token == self.token.expose());
        let said = ["error", "oauth_problem"].into_iter().find_map(|it| login::value(address, it));
        said.or_else(|| denied.map(|_| "denied".to_owned()))
    }
}

impl fmt::Debug for OwnerAuthorization {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("OwnerAuthorization")
    }
}
