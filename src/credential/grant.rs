//! How a token is asked for.

use std::time::Duration;

use url::Url;

use super::{Assertion, CommandLine, Endpoint, OAuth1, ValueSource};

/// How a token is asked for. Each grant has one file in `acquire/grant/`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Grant {
    /// RFC 6749, section 4.4: the client asks for itself.
    ClientCredentials,
    /// RFC 6749, section 6: with a refresh token that somebody else obtained.
    RefreshToken {
        /// The first refresh token. A changed one replaces whatever came of the one before.
        seed: ValueSource,
    },
    /// RFC 6749, section 4.1, with PKCE (RFC 7636). `tokenward login` begins it.
    AuthorizationCode(AuthorizationRequest),
    /// RFC 8628. `tokenward login` begins it.
    DeviceCode {
        /// `device_authorization_endpoint` (RFC 8414); `None`: what the issuer says.
        endpoint: Option<Endpoint>,
    },
    /// RFC 6749, section 4.3; RFC 9700, section 2.4 advises against it.
    Password {
        /// The user's name.
        username: ValueSource,
        /// The user's password.
        password: ValueSource,
    },
    /// RFC 7523, section 2.1: with an assertion that we sign.
    JwtBearer(Assertion),
    /// RFC 8693: another token for one that we have.
    TokenExchange(TokenExchange),
    /// With an assertion of ours in the `Authorization` header and no `grant_type` at all, as
    /// GitHub Apps want it.
    AppJwt(Assertion),
    /// No request: the assertion itself is the token.
    SignedJwt(Assertion),
    /// OAuth 1.0a (RFC 5849). `tokenward login` gets the token, which is mostly good for ever.
    OAuth1(OAuth1),
    /// No `grant_type` at all: the request is what `parameters` and `headers` say.
    None,
    /// No request: a program prints the token reply.
    Command(CommandLine),
}

/// What an authorization request says besides who asks and for what (RFC 6749, section 4.1.1).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct AuthorizationRequest {
    /// `authorization_endpoint` (RFC 8414); `None`: what the issuer says.
    pub endpoint: Option<Endpoint>,
    /// Where the browser is sent back to; on loopback, the port may be 0 for any free one.
    pub redirect_uri: Url,
    /// Whether a code challenge is sent (RFC 7636, `S256`).
    pub pkce: bool,
    /// Further parameters.
    pub parameters: Box<[(Box<str>, Box<str>)]>,
}

/// A token exchange (RFC 8693, section 2.1).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct TokenExchange {
    /// The token that we have.
    pub subject_token: ValueSource,
    /// What kind of token it is.
    pub subject_token_type: Box<str>,
    /// The token of who acts for the subject.
    pub actor_token: Option<ValueSource>,
    /// What kind of token that is.
    pub actor_token_type: Box<str>,
    /// What kind of token is wanted.
    pub requested_token_type: Option<Box<str>>,
}

/// How a refresh token is handed in, by grants that have one.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Renewal {
    /// Where, if not at the token endpoint.
    pub url: Option<Endpoint>,
    /// `grant_type`; empty for none.
    pub grant_type: Box<str>,
    /// The name of the parameter that holds the refresh token.
    pub parameter: Box<str>,
    /// Further parameters, for refreshes only.
    pub extra: Box<[(Box<str>, ValueSource)]>,
    /// What to do when the answer to a refresh is lost; `None`: whatever has shown to be safe.
    pub after_lost_answer: Option<AfterLostAnswer>,
}

/// What to do when a refresh token was sent and no answer came. The provider may have replaced
/// it: then some take a replay for theft and revoke everything, and others forgive it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum AfterLostAnswer {
    /// Do not send it again while the token in hand is good.
    Stop,
    /// Send it once more if that can be done within this time.
    RetryOnceWithin(Duration),
    /// Go on: the provider does not mind.
    Retry,
}

impl Grant {
    /// Whether it goes on with a refresh token, which must never be lost.
    pub const fn has_refresh_token(&self) -> bool {
        matches!(
            self,
            Self::RefreshToken { .. } | Self::AuthorizationCode(_) | Self::DeviceCode { .. }
        )
    }

    /// Whether somebody has to log in before the daemon can go on alone.
    pub const fn needs_login(&self) -> bool {
        matches!(self, Self::AuthorizationCode(_) | Self::DeviceCode { .. } | Self::OAuth1(_))
    }

    /// Its name, as the configuration writes it.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::ClientCredentials => "client_credentials",
            Self::RefreshToken { .. } => "refresh_token",
            Self::AuthorizationCode(_) => "authorization_code",
            Self::DeviceCode { .. } => "device_code",
            Self::Password { .. } => "password",
            Self::JwtBearer(_) => "jwt_bearer",
            Self::TokenExchange(_) => "token_exchange",
            Self::AppJwt(_) => "app_jwt",
            Self::SignedJwt(_) => "signed_jwt",
            Self::OAuth1(_) => "oauth1",
            Self::None => "none",
            Self::Command(_) => "command",
        }
    }
}
