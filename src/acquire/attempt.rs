//! One attempt to get a token: for whom, when, and with what in hand.

use std::time::Duration;

use crate::{
    clock::Now,
    credential::Credential,
    token::{IssuedToken, RefreshToken},
};

/// One attempt to get a token.
#[derive(Clone, Copy, Debug)]
pub struct Attempt<'a> {
    /// For what.
    pub credential: &'a Credential,
    /// The moment of the call: the lifetime is counted from it.
    pub sent_at: Now,
    /// For the whole exchange over the network; an issuer that has to be asked first has as long.
    pub deadline: Duration,
    /// The token before, with the refresh token that may be needed now. It may be of other inputs
    /// than the credential's, and it may have expired.
    pub previous: Option<&'a IssuedToken>,
    /// Which of the client's secrets is used; after the last comes the first.
    pub client_secret: usize,
}

/// What a token of a grant with refresh tokens comes of.
#[derive(Clone, Debug)]
pub(super) struct HandedIn {
    /// The refresh token that was handed in; `None` at a log-in, which brings the first.
    pub(super) token: Option<RefreshToken>,
    /// [`IssuedToken::origin`].
    pub(super) origin: Option<Box<str>>,
    /// Whether a reply of this very attempt brought it: then no error may lose it.
    pub(super) is_new: bool,
}
