//! Why a leg of OAuth 1.0a came to nothing.

use std::fmt;

use crate::error::{Evidence, Fault, Pause};

/// Why a leg of OAuth 1.0a came to nothing. Nothing of what the server said is shown: its errors
/// are prose, and some repeat the secret with which a request should have been signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OAuth1Error {
    /// The server refused.
    #[error("the {leg} answered {status}; {}", self.advice())]
    Refused {
        /// Which request.
        leg: Leg,
        /// The status code.
        status: u16,
        /// The pause that it asks for; at most a day.
        pause: Option<Pause>,
    },
    /// The reply has no value, or one that no output may have.
    #[error("the {leg} answered without a usable `{what}`; {}", self.advice())]
    Unusable {
        /// Which request.
        leg: Leg,
        /// Which value.
        what: &'static str,
    },
    /// The server refused a request that was dated by a clock which differs from its own. That is
    /// known now, and counts from the next request on.
    #[error("the {leg} answered {status}, and its clock differs from the one by which it was \
             dated: it is asked again, by its own clock; {}", self.advice())]
    Misdated {
        /// Which request.
        leg: Leg,
        /// The status code.
        status: u16,
    },
    /// `oauth_callback_confirmed` is not `true`: the server speaks OAuth 1.0, in which somebody
    /// else's permission can be slipped in.
    #[error("the temporary credential request was answered without \
             `oauth_callback_confirmed=true`; {}", self.advice())]
    NotConfirmed,
    /// The kernel gives no random bytes for a nonce.
    #[error("a nonce cannot be made: the kernel gives no random bytes; {}", self.advice())]
    NoRandomness,
    /// The private key is none.
    #[error("private_key holds no RSA key that can sign; {}", self.advice())]
    PrivateKey,
    /// A token of another grant.
    #[error("the token in hand was not issued for OAuth 1.0a; {}", self.advice())]
    OtherToken,
}

/// A request of OAuth 1.0a (RFC 5849, section 2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Leg {
    /// Section 2.1.
    TemporaryCredentials,
    /// Section 2.3.
    TokenCredentials,
    /// OAuth Session 1.0: the next token credentials, without a person.
    Renewal,
}

impl OAuth1Error {
    /// Whether it can pass by itself, and on which side.
    pub const fn fault(self) -> Fault {
        match self {
            Self::Refused { status: 408 | 421 | 425 | 429 | 500.., .. }
            | Self::Misdated { .. }
            // A page of a gateway, most likely: the session may live.
            | Self::Unusable { leg: Leg::Renewal, .. } => Fault::Transient,
            Self::Refused { .. }
            | Self::Unusable { .. }
            | Self::NotConfirmed
            | Self::OtherToken => Fault::Permanent,
            Self::PrivateKey | Self::NoRandomness => Fault::Local,
        }
    }

    /// The pause that the server asks for.
    pub const fn pause(self) -> Option<Pause> {
        match self {
            Self::Refused { pause, .. } => pause,
            _ => None,
        }
    }

    /// What it says of the endpoint. A refusal is prose here, whatever its media type, so that its
    /// status alone tells.
    pub const fn evidence(self) -> Evidence {
        match self {
            Self::Refused { status: 400 | 401 | 403, .. }
            | Self::Misdated { .. }
            | Self::NotConfirmed => Evidence::Working,
            Self::Refused { status: 408 | 421 | 425 | 500.., .. } | Self::Unusable { .. } => {
                Evidence::Failing
            }
            Self::Refused { .. } | Self::OtherToken | Self::PrivateKey | Self::NoRandomness => {
                Evidence::Unknown
            }
        }
    }

    /// Whether it stays open what became of the request: a success without a token, or a gateway
    /// that did not hear the end.
    pub const fn leaves_open(self) -> bool {
        matches!(self, Self::Unusable { .. } | Self::Refused { status: 502 | 504, .. })
    }

    /// The same for a request that was dated by another clock than the server's.
    pub(super) const fn of_dates(self) -> Self {
        match self {
            Self::Refused { leg, status: status @ (400 | 401 | 403), .. } => {
                Self::Misdated { leg, status }
            }
            other => other,
        }
    }

    /// A label that stays the same over versions.
    pub const fn reason(self) -> &'static str {
        match self {
            Self::Refused { .. } => "leg_refused",
            Self::Unusable { .. } => "leg_reply",
            Self::NotConfirmed => "callback_not_confirmed",
            Self::Misdated { .. } => "clock_skew",
            Self::NoRandomness => "no_randomness",
            Self::PrivateKey => "private_key",
            Self::OtherToken => "other_token",
        }
    }

    /// What a person should do next.
    pub const fn advice(self) -> &'static str {
        match self {
            Self::Refused { status: 300..=399, .. } => {
                "set the URL that it redirects to; no redirect is followed"
            }
            Self::Refused { status: 404 | 405 | 410, .. } => {
                "check the URL to the letter: some servers care for case and a slash at the end"
            }
            Self::Refused { status: 408 | 421 | 425 | 429 | 501.., .. } => {
                "begin again later; if it stays so, ask the provider"
            }
            Self::Refused { status: 500, .. } => {
                "check `scope` and `signature_method`: some servers fail so over what they do not \
                 know"
            }
            Self::Refused { leg: Leg::TemporaryCredentials, .. } => {
                "check client_id, client_secret, `signature_method`, `scope` and this machine's \
                 clock; behind a proxy the server has to see the URL that is configured"
            }
            Self::Refused { leg: Leg::TokenCredentials, .. } => {
                "log in again: a verifier is good for one use, and only for its own log-in"
            }
            Self::Refused { leg: Leg::Renewal, .. } => {
                "log in again: the session has ended, or the provider does not know the client \
                 any more"
            }
            Self::Misdated { .. } => "set the clock of this machine",
            Self::NoRandomness => "allow the `getrandom` system call",
            Self::Unusable { .. } => "check that the URL is that of an OAuth 1.0a endpoint",
            Self::NotConfirmed => {
                "ask the provider for an endpoint of OAuth 1.0a (RFC 5849, section 2.1)"
            }
            Self::PrivateKey => "give an RSA key in PEM (PKCS #1 or PKCS #8) without a passphrase",
            Self::OtherToken => "log in for the credential as it is configured now",
        }
    }
}

impl fmt::Display for Leg {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::TemporaryCredentials => "temporary credential request",
            Self::TokenCredentials => "token request",
            Self::Renewal => "renewal of the token",
        })
    }
}
