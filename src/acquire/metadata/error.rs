//! Why an issuer's metadata are of no use.

use url::Url;

use crate::{
    acquire::TransportError,
    credential::without_query,
    error::{Evidence, Fault, Pause},
};

/// Why the metadata of an issuer could not be had, or cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum DiscoveryError {
    /// There was no reply.
    #[error("the issuer's metadata could not be had: {_0}")]
    Transport(#[from] TransportError),
    /// The reply was no document.
    #[error("the issuer {issuer} answered {status} to the question for its metadata; {}", self.advice())]
    Status {
        /// The issuer.
        issuer: Box<str>,
        /// The status code.
        status: u16,
        /// The pause that it asks for.
        pause: Option<Pause>,
    },
    /// The document is not JSON.
    #[error("the metadata of the issuer {issuer} are no JSON object; {}", self.advice())]
    Malformed {
        /// The issuer.
        issuer: Box<str>,
    },
    /// The document is of another issuer (RFC 8414, section 3.3).
    #[error("the metadata of the issuer {issuer} are those of {said:?}; {}", self.advice())]
    OtherIssuer {
        /// The one that was asked.
        issuer: Box<str>,
        /// The one that they name.
        said: Box<str>,
    },
    /// The document lacks what is needed.
    #[error("the metadata of the issuer {issuer} have no `{what}`; {}", self.advice())]
    Missing {
        /// The issuer.
        issuer: Box<str>,
        /// What is missing.
        what: &'static str,
    },
    /// An endpoint in it would be asked without protection, or is no URL.
    #[error("the issuer {issuer} names a `{what}` that is not https; {}", self.advice())]
    Endpoint {
        /// The issuer.
        issuer: Box<str>,
        /// Which endpoint.
        what: &'static str,
    },
}

impl DiscoveryError {
    /// Whether it can pass by itself.
    pub fn fault(&self) -> Fault {
        match self {
            Self::Transport(error) => error.fault(),
            // A page in place of a document is somebody's between us and the issuer.
            Self::Malformed { .. } => Fault::Transient,
            Self::Status { status, .. } => match status {
                408 | 421 | 425 | 429 | 500.. => Fault::Transient,
                _ => Fault::Permanent,
            },
            Self::OtherIssuer { .. } | Self::Missing { .. } | Self::Endpoint { .. } => {
                Fault::Permanent
            }
        }
    }

    /// What a person should do next.
    pub const fn advice(&self) -> &'static str {
        match self {
            Self::Transport(error) => error.advice(),
            Self::Status { status: 300..=399, .. } => "set issuer to the final URL",
            Self::Status { status: 429 | 500.., .. } => {
                "it is asked again; if it stays so, ask the provider"
            }
            Self::Status { .. } | Self::Malformed { .. } => {
                "check issuer, or set token_endpoint in its place"
            }
            Self::OtherIssuer { .. } => "set issuer to exactly that, if you trust it",
            Self::Missing { .. } => "set the endpoints themselves in place of issuer",
            Self::Endpoint { .. } => "set the endpoints themselves, or ask the provider",
        }
    }

    /// The pause that the issuer asks for.
    pub const fn pause(&self) -> Option<Pause> {
        match self {
            Self::Status { pause, .. } => *pause,
            _ => None,
        }
    }

    /// What it says of the token endpoint, which nobody has asked yet: an issuer that is down
    /// mostly shares its host.
    pub const fn evidence(&self) -> Evidence {
        match self {
            Self::Transport(error) => error.evidence(),
            Self::Status { status: 500.., .. } => Evidence::Failing,
            _ => Evidence::Unknown,
        }
    }

    /// Whether the document may stand at another place.
    pub(super) const fn is_nothing_there(&self) -> bool {
        matches!(self, Self::Status { status: 400..=499, pause: None, .. })
            && !matches!(self, Self::Status { status: 408 | 421 | 425 | 429, .. })
    }
}

/// An issuer as it may be shown.
pub(super) fn shown(issuer: &Url) -> Box<str> {
    without_query(issuer).into()
}
