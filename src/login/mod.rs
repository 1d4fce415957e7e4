//! A log-in: says where a person has to go, waits, and comes back with a token.
//!
//! ```text
//! device   a page and a code ------> asks until it is confirmed -----+
//! browser  a page --> listener: the browser comes back by itself ----+--> IssuedToken
//!      ^          +-> paste: a person brings the address -----------+
//!      three_legs, of OAuth 1.0a: a verifier in place of a code
//! ```
//!
//! What is said to the person goes through [`Notice`]; only the verb knows of terminals.

mod browser;
mod device;
mod error;
mod listener;
mod paste;
pub mod qr;
mod secrets;
mod three_legs;

use std::{cell::Cell, io::BufRead, time::Duration};

use url::Url;

pub use self::error::LoginError;
use crate::{
    acquire::{AcquireError, Acquirer, AnswerError, Attempt, Randomness},
    clock::{Clock, WallTime},
    credential::{Credential, Grant},
    token::IssuedToken,
};

/// How long a person has, if nobody says.
const PATIENCE: Duration = Duration::from_secs(5 * 60);

/// Who logs in, and by what means.
pub struct Login<'a> {
    /// For which credential.
    pub credential: &'a Credential,
    /// Speaks with the provider.
    pub acquirer: &'a Acquirer,
    /// The moments of the requests.
    pub clock: &'a dyn Clock,
    /// For this log-in alone.
    pub randomness: Randomness,
    /// Takes a second, the one given or a later one, that no other log-in of the client has: there
    /// are servers of OAuth 1.0a that give one token to two log-ins of one second.
    pub second: &'a dyn Fn(WallTime) -> WallTime,
    /// How long to wait for the person; without it, five minutes, or as long as a code is good.
    pub patience: Option<Duration>,
    /// Whether the person brings the answer, although the browser could come back by itself.
    pub paste: bool,
    /// Which of the client's secrets is in turn; the first, to begin with.
    pub client_secret: Cell<usize>,
    /// Tells the person.
    pub tell: &'a dyn Fn(Notice<'_>),
}

/// Something to tell the person.
#[derive(Debug)]
pub enum Notice<'a> {
    /// Open the page on any device, and confirm the code.
    Confirm {
        /// The page.
        page: &'a Url,
        /// The code.
        code: &'a str,
        /// The page with the code in it already.
        page_with_code: Option<&'a Url>,
        /// For how long it can be confirmed.
        within: Duration,
    },
    /// Open the page in a browser of this machine.
    Open {
        /// The page.
        page: &'a Url,
    },
    /// Open the page in any browser, and bring the address that it ends at.
    Bring {
        /// The page.
        page: &'a Url,
    },
    /// Open the page in any browser, and type in the verifier that it shows.
    Type {
        /// The page.
        page: &'a Url,
    },
    /// What was brought is not it: bring another.
    BringAgain(&'a AnswerError),
    /// A client secret is of no use, and the next one is tried.
    OtherSecret(&'a AcquireError),
    /// A question failed, and is asked again.
    Trouble(&'a AcquireError),
}

/// Whether the grant begins with a log-in at all.
pub fn check(credential: &Credential) -> Result<(), LoginError> {
    if credential.grant.needs_login() { Ok(()) } else { Err(no_login(credential)) }
}

fn no_login(credential: &Credential) -> LoginError {
    let Credential { name, grant, .. } = credential;
    LoginError::Grant { name: name.clone(), grant: grant.name() }
}

impl Login<'_> {
    /// Logs in. What a person pastes is read from `input`, if it comes to that.
    pub async fn perform(&self, input: Box<dyn BufRead + Send>) -> Result<IssuedToken, LoginError> {
        match &*self.credential.grant {
            Grant::DeviceCode { endpoint } => self.on_a_device(endpoint.as_deref()).await,
            Grant::AuthorizationCode(request) => self.in_a_browser(request, input).await,
            Grant::OAuth1(oauth1) => self.in_three_legs(oauth1, input).await,
            _ => Err(no_login(self.credential)),
        }
    }

    /// One request, now.
    fn attempt(&self) -> Attempt<'_> {
        Attempt {
            credential: self.credential,
            sent_at: self.clock.now(),
            deadline: self.credential.parameters.timeout,
            previous: None,
            client_secret: self.client_secret.get(),
        }
    }
}

#[cfg(test)]
mod tests;
