//! Why a log-in came to nothing.

use std::{io, net::SocketAddr, time::Duration};

use crate::{
    acquire::{AcquireError, AnswerError},
    credential::Name,
    error::Fault,
};

/// Why a log-in came to nothing. Its text is one line, says what to do next, and holds no secret.
#[derive(Debug, thiserror::Error)]
pub enum LoginError {
    /// The daemon gets such a token alone.
    #[error(
        "the grant `{grant}` of {name} has no log-in; `device_code`, `authorization_code` and \
         `oauth1` have one"
    )]
    Grant {
        /// The credential.
        name: Name,
        /// Its grant.
        grant: &'static str,
    },
    /// The provider could not be asked, or refused.
    #[error(transparent)]
    Acquire(#[from] AcquireError),
    /// The browser brought no code.
    #[error(transparent)]
    Answer(#[from] AnswerError),
    /// Nobody can come back to this machine.
    #[error(
        "cannot listen on {address} for the browser to come back: {cause}; end what listens \
         there, let redirect_uri have port 0 if the provider allows that, or use --paste"
    )]
    Listen {
        /// The address of the redirect URI.
        address: SocketAddr,
        /// What the system said.
        cause: io::Error,
    },
    /// Standard input has no more to say.
    #[error("no address was pasted before the input ended; run it in a terminal")]
    Input,
    /// Nobody came.
    #[error("nobody logged in within {} s; begin again, or raise --timeout", after.as_secs())]
    Timeout {
        /// How long it waited.
        after: Duration,
    },
}

impl LoginError {
    /// Whether it can pass by itself, and on which side.
    pub fn fault(&self) -> Fault {
        match self {
            Self::Grant { .. } => Fault::Permanent,
            Self::Acquire(error) => error.fault(),
            Self::Answer(error) => error.fault(),
            Self::Listen { .. } | Self::Input => Fault::Local,
            Self::Timeout { .. } => Fault::Transient,
        }
    }

    /// A stable word.
    pub const fn reason(&self) -> &'static str {
        match self {
            Self::Grant { .. } => "login_grant",
            Self::Acquire(error) => error.reason(),
            Self::Answer(error) => error.reason(),
            Self::Listen { .. } => "login_listen",
            Self::Input => "login_input",
            Self::Timeout { .. } => "login_timeout",
        }
    }
}
