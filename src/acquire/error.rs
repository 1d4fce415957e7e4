//! Why a token could not be had, whether that can pass, and what to do about it.

use std::sync::Arc;

use super::{AssertionFlaw, DiscoveryError, OAuth1Error, Refusal, TransportError, code::ErrorCode};
use crate::{
    credential::{Credential, Name, TokenCharacters},
    error::{Fault, Pause},
    source::SourceError,
    token::RefreshToken,
};

/// Why a token could not be had. Its text is one line, says what happened and what to do next,
/// and holds no secret, token or body.
#[derive(Debug, thiserror::Error)]
pub enum AcquireError {
    /// A value of the request could not be read.
    #[error("{what}: {cause}")]
    Source {
        /// Which value: `client_id`, `client_secret`, or the name of a parameter or header.
        what: Box<str>,
        /// Why not.
        cause: SourceError,
    },
    /// An assertion could not be made.
    #[error("{what} {flaw}; {}", self.advice())]
    Assertion {
        /// Which value of it.
        what: Box<str>,
        /// What is wrong with it.
        flaw: AssertionFlaw,
    },
    /// The grant begins with a log-in, and nobody has logged in for it as it is now.
    #[error("{}; run `tokenward login {name}`", if *outdated {
        "the token in hand was revoked, is near its end, or is of another client, secret, scope or \
         endpoint"
    } else {
        "nobody has logged in yet"
    })]
    LoginNeeded {
        /// The credential.
        name: Name,
        /// Whether somebody has logged in before.
        outdated: bool,
    },
    /// A leg of OAuth 1.0a failed, or a signature.
    #[error(transparent)]
    OAuth1(#[from] OAuth1Error),
    /// Where to ask could not be found out. Whoever waited for the same answer has the same error.
    #[error(transparent)]
    Discovery(Arc<DiscoveryError>),
    /// The provider does not know the refresh token any more.
    #[error("the token endpoint {refusal}; the grant is spent, revoked or expired: {}", self.mend())]
    GrantEnded {
        /// The credential.
        name: Name,
        /// Whether the grant begins with a log-in, and not with a configured refresh token.
        login: bool,
        /// What the provider said.
        refusal: Refusal,
    },
    /// A refusal of a refresh token that does not say what is wrong: glewlwyd answers a spent one
    /// with 400 and nothing else.
    #[error(
        "the token endpoint {refusal}; if that means that the grant is spent, revoked or expired, \
         {}; otherwise {}",
        self.mend(),
        self.advice()
    )]
    GrantInDoubt {
        /// The credential.
        name: Name,
        /// Whether the grant begins with a log-in, and not with a configured refresh token.
        login: bool,
        /// What the provider said.
        refusal: Refusal,
    },
    /// The refresh token was sent before and no answer came. It is not sent again while there is
    /// a good token to lose.
    #[error(
        "the answer to the last refresh was lost, and the provider may take a second use of its \
         refresh token for theft (RFC 9700, section 4.14.2): nothing is sent until the token in \
         hand has expired, unless you {}",
        self.mend()
    )]
    LostAnswer {
        /// The credential.
        name: Name,
        /// Whether the grant begins with a log-in, and not with a configured refresh token.
        login: bool,
    },
    /// The reply could not be used, but it brought another refresh token, which must not be lost.
    #[error("{cause}")]
    Rescued {
        /// What is wrong with the reply.
        cause: Box<AcquireError>,
        /// What must be kept.
        rescued: Box<Rescued>,
    },
    /// There was no reply.
    #[error(transparent)]
    Transport(#[from] TransportError),
    /// The reply was a redirect. It is never followed: it would carry the secret along.
    #[error(
        "the token endpoint answered {status} and points to {}; {}",
        target.as_deref().unwrap_or("nowhere"),
        self.advice()
    )]
    Redirect {
        /// The status code.
        status: u16,
        /// Scheme, host and path of where it points.
        target: Option<Box<str>>,
    },
    /// The reply held no token.
    #[error("the token endpoint {_0}; {}", self.advice())]
    Refused(Refusal),
    /// The same, of a request with an assertion, and the reply shows that it was dated by a clock
    /// that differs from the server's. That is known now, and counts from the next request on.
    #[error(
        "the token endpoint {refusal}; its clock is {} s {} ours, by which the assertion was \
         dated: it is asked again, by its own clock; {}",
        ahead.unsigned_abs(),
        if *ahead < 0 { "behind" } else { "ahead of" },
        self.advice()
    )]
    Misdated {
        /// What the server said.
        refusal: Refusal,
        /// By how many seconds its clock is ahead of ours.
        ahead: i64,
    },
    /// A program printed no token.
    #[error("the program {program} printed {}; {}", refusal.instead(), self.advice())]
    Printed {
        /// The program, without its arguments.
        program: Box<str>,
        /// What it printed.
        refusal: Refusal,
    },
    /// A reply lacks what the next request needs.
    #[error("the reply before it has no value for `{name}` at its place; {}", self.advice())]
    NotTaken {
        /// The name of the value.
        name: Box<str>,
    },
    /// With the values of earlier replies in it, the URL of a step is none.
    #[error("its `url` is no http URL once the values are in it; {}", self.advice())]
    StepUrl,
    /// A request that follows the first one failed, or could not be made.
    #[error("in step {step}, {cause}")]
    Step {
        /// The number of the step, from 1.
        step: usize,
        /// What went wrong.
        cause: Box<AcquireError>,
    },
    /// The device authorization endpoint refused (RFC 8628, section 3.2).
    #[error("the device authorization endpoint {_0}; {}", self.advice())]
    DeviceRefused(Refusal),
    /// It gave no code that a person could use.
    #[error("the device authorization endpoint answered without a `{what}`; {}", self.advice())]
    DeviceReply {
        /// What is missing, or is not what it should be.
        what: &'static str,
    },
    /// The reply held a token that no consumer may get.
    #[error("the access token {_0}; {}", self.advice())]
    Token(TokenFlaw),
}

/// A refresh token that came with nothing else of use.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rescued {
    /// The token.
    pub refresh_token: RefreshToken,
    /// [`IssuedToken::origin`](crate::token::IssuedToken::origin).
    pub origin: Option<Box<str>>,
}

/// What is wrong with a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TokenFlaw {
    /// It has no characters.
    #[error("is empty")]
    Empty,
    /// It has characters outside those that it may have.
    #[error("has characters that {}", match _0 {
        TokenCharacters::B64token => "RFC 6750 does not allow in a Bearer token",
        TokenCharacters::Visible => "no token may have",
    })]
    Characters(TokenCharacters),
    /// It is longer than 64 KiB.
    #[error("is longer than 64 KiB")]
    TooLong,
}

impl AcquireError {
    /// The same, in a step; the first request of an attempt is none, and counts as 0.
    pub(super) fn in_step(self, step: usize) -> Self {
        match self {
            error if step == 0 => error,
            Self::Rescued { cause, rescued } => {
                Self::Rescued { cause: Box::new(cause.in_step(step)), rescued }
            }
            error => Self::Step { step, cause: Box::new(error) },
        }
    }

    /// Whether it can pass by itself, and on which side.
    pub fn fault(&self) -> Fault {
        match self {
            Self::Source { cause, .. } => cause.fault(),
            Self::Assertion { .. } => Fault::Local,
            Self::OAuth1(error) => error.fault(),
            Self::Discovery(error) => error.fault(),
            Self::Transport(error) => error.fault(),
            Self::Refused(refusal)
            | Self::DeviceRefused(refusal)
            | Self::GrantInDoubt { refusal, .. } => refusal.fault(),
            // What a program prints without a name for it is a matter of this machine.
            Self::Printed { refusal, .. } => refusal.code.map_or(Fault::Local, ErrorCode::fault),
            Self::Step { cause, .. } | Self::Rescued { cause, .. } => cause.fault(),
            Self::Misdated { .. } => Fault::Transient,
            Self::LoginNeeded { .. }
            | Self::GrantEnded { .. }
            | Self::LostAnswer { .. }
            | Self::Redirect { .. }
            | Self::DeviceReply { .. }
            | Self::NotTaken { .. }
            | Self::StepUrl
            | Self::Token(_) => Fault::Permanent,
        }
    }

    /// The pause that the server asks for; at most a day.
    pub fn pause(&self) -> Option<Pause> {
        match self {
            Self::OAuth1(error) => error.pause(),
            Self::Discovery(error) => error.pause(),
            Self::Refused(refusal)
            | Self::DeviceRefused(refusal)
            | Self::GrantEnded { refusal, .. }
            | Self::GrantInDoubt { refusal, .. }
            | Self::Misdated { refusal, .. }
            | Self::Printed { refusal, .. } => refusal.pause,
            Self::Step { cause, .. } | Self::Rescued { cause, .. } => cause.pause(),
            _ => None,
        }
    }

    /// Whether another secret of the client may do better: the server does not know it by this one,
    /// or this one cannot be read.
    pub fn concerns_client_secret(&self) -> bool {
        match self {
            Self::Source { what, .. } => &**what == "client_secret",
            error => error.rejects_client(),
        }
    }

    /// Whether the server does not know the client, or not by the secret that was used.
    pub(super) fn rejects_client(&self) -> bool {
        match self {
            Self::Refused(refusal) | Self::DeviceRefused(refusal) => refusal.rejects_client(),
            _ => false,
        }
    }

    /// The refresh token that must be kept in spite of the error.
    pub fn rescued(&self) -> Option<&Rescued> {
        match self {
            Self::Rescued { rescued, .. } => Some(rescued),
            _ => None,
        }
    }

    /// Whether it stays open what became of a request that may have been received: the provider
    /// may have done what it asks, and we do not know.
    pub const fn leaves_open(&self) -> bool {
        match self {
            Self::Transport(error) => error.leaves_open(),
            Self::Refused(refusal) => refusal.leaves_open(),
            Self::OAuth1(error) => error.leaves_open(),
            Self::Step { cause, .. } => cause.leaves_open(),
            _ => false,
        }
    }

    /// The same for a request whose assertion had dates by another clock than the server's, which
    /// is ahead by so many seconds.
    pub(super) fn of_dates(self, ahead: i64) -> Self {
        match self {
            Self::Refused(refusal) if refusal.may_be_of_dates() => {
                Self::Misdated { refusal, ahead }
            }
            other => other,
        }
    }

    /// The same for a request that handed in a refresh token.
    pub(super) fn of_grant(self, credential: &Credential) -> Self {
        let (name, login) = (credential.name.clone(), credential.grant.needs_login());
        match self {
            Self::Refused(refusal) if refusal.ends_grant() => {
                Self::GrantEnded { name, login, refusal }
            }
            Self::Refused(refusal) if refusal.may_end_grant() => {
                Self::GrantInDoubt { name, login, refusal }
            }
            other => other,
        }
    }

    /// How a grant begins anew.
    fn mend(&self) -> String {
        match self {
            Self::GrantEnded { name, login: true, .. }
            | Self::GrantInDoubt { name, login: true, .. }
            | Self::LostAnswer { name, login: true } => {
                format!("run `tokenward login {name}`")
            }
            _ => "put a new one where `refresh_token` is read from".into(),
        }
    }

    /// A label for logs and metrics that stays the same over versions.
    pub const fn reason(&self) -> &'static str {
        match self {
            Self::Source { .. } => "source",
            Self::Assertion { flaw, .. } => flaw.reason(),
            Self::LoginNeeded { .. } => "login_needed",
            Self::OAuth1(error) => error.reason(),
            Self::Discovery(_) => "discovery",
            Self::GrantEnded { .. } => ErrorCode::InvalidGrant.name(),
            Self::LostAnswer { .. } => "lost_answer",
            Self::Transport(error) => error.reason(),
            Self::Misdated { .. } => "clock_skew",
            Self::Redirect { .. } => "redirect",
            Self::Refused(refusal)
            | Self::DeviceRefused(refusal)
            | Self::GrantInDoubt { refusal, .. }
            | Self::Printed { refusal, .. } => refusal.reason(),
            Self::DeviceReply { .. } => "device_reply",
            Self::NotTaken { .. } => "step_value",
            Self::StepUrl => "step_url",
            Self::Step { cause, .. } | Self::Rescued { cause, .. } => cause.reason(),
            Self::Token(TokenFlaw::Empty) => "token_empty",
            Self::Token(TokenFlaw::Characters(_)) => "token_characters",
            Self::Token(TokenFlaw::TooLong) => "token_too_long",
        }
    }

    /// What a person should do next. The error's text ends with it.
    pub(super) fn advice(&self) -> &'static str {
        match self {
            Self::Source { .. } => "mend where the value comes from",
            Self::Assertion { flaw, .. } => flaw.advice(),
            Self::LoginNeeded { .. } | Self::GrantEnded { .. } | Self::LostAnswer { .. } => {
                "log in"
            }
            Self::OAuth1(error) => error.advice(),
            Self::Discovery(error) => error.advice(),
            Self::Transport(error) => error.advice(),
            Self::Misdated { .. } => "set the clock of this machine",
            Self::Redirect { .. } => "set token_endpoint to the final URL; it is never followed",
            Self::Refused(refusal)
            | Self::DeviceRefused(refusal)
            | Self::GrantInDoubt { refusal, .. } => refusal.advice(),
            Self::DeviceReply { .. } => "check device_authorization_endpoint",
            Self::Printed { refusal, .. } => match refusal.code {
                Some(code) => code.advice(),
                None => "run it by hand: it has to print the reply of a token endpoint",
            },
            Self::NotTaken { .. } => "check `take` against what the provider answers",
            Self::StepUrl => "check `url` and `take` of the step",
            Self::Step { cause, .. } | Self::Rescued { cause, .. } => cause.advice(),
            Self::Token(TokenFlaw::Characters(TokenCharacters::B64token)) => {
                "check where the token stands (`response: { access_token: ... }`); if such tokens \
                 are right here, set `response: { token_characters: visible }`"
            }
            Self::Token(_) => "check where the token stands: `response: { access_token: ... }`",
        }
    }
}
