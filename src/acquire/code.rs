//! The names that errors have, and what each means for us.

use crate::error::Fault;

/// The error codes of RFC 6749, sections 4.1.2.1 and 5.2, RFC 8628, section 3.5, and RFC 8707,
/// section 2.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ErrorCode {
    InvalidRequest,
    InvalidClient,
    InvalidGrant,
    UnauthorizedClient,
    UnsupportedGrantType,
    InvalidScope,
    InvalidTarget,
    AccessDenied,
    AuthorizationPending,
    SlowDown,
    ExpiredToken,
    ServerError,
    TemporarilyUnavailable,
}

impl ErrorCode {
    /// The code as its RFC writes it, or as a provider with names of its own does.
    pub(super) fn parse(text: &str) -> Option<Self> {
        Some(match text.to_ascii_lowercase().as_str() {
            "invalid_request" => Self::InvalidRequest,
            "invalid_client"
            | "incorrect_client_credentials"
            | "invalid_client_id"
            | "bad_client_id"
            | "bad_client_secret" => Self::InvalidClient,
            "invalid_grant" | "bad_refresh_token" | "invalid_refresh_token" => Self::InvalidGrant,
            "unauthorized_client" => Self::UnauthorizedClient,
            "unsupported_grant_type" => Self::UnsupportedGrantType,
            "invalid_scope" | "scope_invalid" => Self::InvalidScope,
            "invalid_target" => Self::InvalidTarget,
            "access_denied" => Self::AccessDenied,
            "authorization_pending" => Self::AuthorizationPending,
            "slow_down" => Self::SlowDown,
            "expired_token" => Self::ExpiredToken,
            "server_error" => Self::ServerError,
            "temporarily_unavailable" => Self::TemporarilyUnavailable,
            _ => return None,
        })
    }

    /// Whether waiting helps.
    pub(super) const fn fault(self) -> Fault {
        match self {
            Self::AuthorizationPending
            | Self::SlowDown
            | Self::ServerError
            | Self::TemporarilyUnavailable => Fault::Transient,
            _ => Fault::Permanent,
        }
    }

    /// The code as its RFC writes it.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::InvalidRequest => "invalid_request",
            Self::InvalidClient => "invalid_client",
            Self::InvalidGrant => "invalid_grant",
            Self::UnauthorizedClient => "unauthorized_client",
            Self::UnsupportedGrantType => "unsupported_grant_type",
            Self::InvalidScope => "invalid_scope",
            Self::InvalidTarget => "invalid_target",
            Self::AccessDenied => "access_denied",
            Self::AuthorizationPending => "authorization_pending",
            Self::SlowDown => "slow_down",
            Self::ExpiredToken => "expired_token",
            Self::ServerError => "server_error",
            Self::TemporarilyUnavailable => "temporarily_unavailable",
        }
    }

    /// What a person should do next.
    pub(super) const fn advice(self) -> &'static str {
        match self {
            // 360Learning answers so to a client_id that it does not know.
            // A token exchange is refused so, too (RFC 8693, section 2.2.2).
            Self::InvalidRequest => {
                "check client_id, body format and the extra parameters, and whether a \
                 subject_token is still valid and meant for this server"
            }
            Self::InvalidClient => "check client_id, client_secret and client_authentication",
            // Of a refresh token the error says more.
            Self::InvalidGrant => {
                "check what the grant hands in: an assertion's key, issuer and audience, the end \
                 and audience of a subject_token, or username and password"
            }
            Self::UnauthorizedClient => "let the provider allow this client this grant",
            Self::UnsupportedGrantType => "check the grant, and that token_endpoint is right",
            Self::InvalidScope => "check scope against what the provider allows this client",
            Self::InvalidTarget => "check audience and resource",
            Self::AccessDenied => {
                "let the provider, or whoever logs in, allow this client what it asks for"
            }
            Self::AuthorizationPending => "open the page that was shown, and log in there",
            Self::ExpiredToken => "log in again, and sooner",
            Self::SlowDown | Self::ServerError | Self::TemporarilyUnavailable => {
                "it is asked again; if it stays so, ask the provider"
            }
        }
    }
}
