//! Why a request was not signed, as its sender reads it. Nothing that they sent is repeated, since
//! what stands in a request may be a secret.

use hyper::StatusCode;

use crate::{
    acquire::AcquireError,
    credential::Name,
    daemon::{HeldError, SigningError},
    error::Fault,
};

/// Why a request was not signed.
#[derive(Debug, thiserror::Error)]
pub(super) enum Refusal {
    /// Another path.
    #[error("there is nothing at this path; send the request to /sign")]
    Path,
    /// Another method.
    #[error("only POST is answered here; send the request with it")]
    Method,
    /// Another media type.
    #[error("the body is not declared as JSON; send `Content-Type: application/json`")]
    MediaType,
    /// More than anybody needs.
    #[error("the body is larger than {} KiB; sign it without `body_base64`", .limit / 1024)]
    TooLarge {
        /// In bytes.
        limit: usize,
    },
    /// It ended too early.
    #[error("the body did not come whole; send it again")]
    Interrupted,
    /// No JSON, or of another shape.
    #[error(
        "the body is not the JSON object that is expected, as seen at line {line}, column \
         {column}; write the texts `credential`, `method` and `url`, and if there is a body, \
         `form` (a list of pairs, or an object) or `body_base64`, each once"
    )]
    Shape {
        /// From 1.
        line: usize,
        /// From 1; 0 before the first.
        column: usize,
    },
    /// A value that cannot be.
    #[error("`{key}` is not valid; {mend}")]
    Value {
        /// Which.
        key: &'static str,
        /// What to write.
        mend: &'static str,
    },
    /// No such credential.
    #[error("no credential of this name is configured; `tokenward status` lists them")]
    UnknownCredential,
    /// The peer may not read any output of it.
    #[error("user {user} may not sign with {name}: {mend}")]
    Access {
        /// Who asked, by number.
        user: u32,
        /// With what.
        name: Name,
        /// How they could.
        mend: Box<str>,
    },
    /// A probe found the token revoked: a signature with it is of no use.
    #[error("a resource refuses the token of {0}; `tokenward status` says whether to log in again")]
    Revoked(Name),
    /// There is no token, or none that is any good.
    #[error(transparent)]
    Held(#[from] HeldError),
    /// It could not be signed.
    #[error(transparent)]
    Signing(#[from] SigningError),
    /// The daemon ends.
    #[error("the daemon is stopping; ask again when it runs")]
    Stopping,
}

impl Refusal {
    /// As HTTP says it.
    pub(super) fn status(&self) -> StatusCode {
        match self {
            Self::Path | Self::UnknownCredential => StatusCode::NOT_FOUND,
            Self::Method => StatusCode::METHOD_NOT_ALLOWED,
            Self::MediaType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::TooLarge { .. } => StatusCode::PAYLOAD_TOO_LARGE,
            Self::Interrupted | Self::Shape { .. } | Self::Value { .. } => StatusCode::BAD_REQUEST,
            Self::Access { .. } => StatusCode::FORBIDDEN,
            Self::Signing(SigningError::OtherGrant { .. }) => StatusCode::CONFLICT,
            Self::Signing(SigningError::Signature(error)) if error.fault() == Fault::Permanent => {
                StatusCode::CONFLICT
            }
            Self::Revoked(_) | Self::Held(_) | Self::Signing(_) | Self::Stopping => {
                StatusCode::SERVICE_UNAVAILABLE
            }
        }
    }

    /// A stable word.
    pub(super) fn reason(&self) -> &'static str {
        match self {
            Self::Path => "unknown_path",
            Self::Method => "unknown_method",
            Self::MediaType => "media_type",
            Self::TooLarge { .. } => "too_large",
            Self::Interrupted => "interrupted",
            Self::Shape { .. } | Self::Value { .. } => "invalid_request",
            Self::UnknownCredential => "unknown_credential",
            Self::Access { .. } => "access_denied",
            Self::Revoked(_) => "revoked",
            Self::Held(HeldError::NoneYet(_)) => "no_token",
            Self::Held(HeldError::Expired { .. }) => "expired_token",
            Self::Held(HeldError::State(error)) => error.reason(),
            Self::Signing(SigningError::OtherGrant { .. }) => "other_grant",
            Self::Signing(SigningError::Randomness(_)) => "no_randomness",
            Self::Signing(SigningError::Signature(error)) => AcquireError::reason(error),
            Self::Stopping => "stopping",
        }
    }
}
