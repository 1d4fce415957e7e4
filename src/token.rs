//! A token as it was issued, and how long it lives. This value passes through every room.

use std::{borrow::Cow, time::Duration};

use serde::{Deserialize, Serialize};

use crate::{
    clock::{Now, WallTime},
    secret::Secret,
};

/// Fields of a token of OAuth 1.0a (RFC 5849), which is of no use without them: the client's name,
/// its secret, and the shared secret of the token. The token carries them, so that what is
/// published is always of one log-in.
pub const CLIENT_ID: &str = "client_id";
/// See [`CLIENT_ID`].
pub const CLIENT_SECRET: &str = "client_secret";
/// See [`CLIENT_ID`].
pub const TOKEN_SECRET: &str = "token_secret";

/// A token that a provider has issued to us.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IssuedToken {
    /// The `access_token` (RFC 6749, section 5.1), whatever the provider calls it.
    pub access_token: Secret,
    /// `token_type` as the provider wrote it; `Bearer` if it wrote none.
    pub token_type: Box<str>,
    /// The granted `scope`, if the reply named one: values separated by one space.
    pub scope: Option<Box<str>>,
    /// The refresh token that goes with it, if the grant has one. Losing it may cost the grant.
    pub refresh_token: Option<RefreshToken>,
    /// Which beginning it comes of: a digest of the configured refresh token or of the log-in.
    /// It stays the same over refreshes; another one begins anew.
    pub origin: Option<Box<str>>,
    /// The fields of the reply that the configuration names.
    pub fields: Box<[(Box<str>, Secret)]>,
    /// When the request was sent: the lifetime is counted from here, so that a slow reply never
    /// makes a token look fresher than it is.
    pub requested_at: Now,
    /// How long the token is good for.
    pub lifetime: Lifetime,
}

/// What gets the next access token (RFC 6749, section 1.5).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefreshToken {
    /// The `refresh_token` itself.
    pub value: Secret,
    /// Until when it is good, if the provider has ever said.
    pub expires_at: Option<WallTime>,
    /// Whether the provider has ever replaced it: then a replay may be taken for theft.
    pub rotates: bool,
}

/// How long a token is good for, and how we know.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lifetime {
    /// Counted from the moment the request was sent.
    pub duration: Duration,
    /// Where the figure comes from.
    pub source: LifetimeSource,
}

/// Until when a token is good.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Expiry {
    /// Until this date, by this machine's wall clock.
    At(WallTime),
    /// Until somebody revokes it.
    Never,
}

/// Where a [`Lifetime`] comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LifetimeSource {
    /// The reply said how long (`expires_in`).
    ExpiresIn,
    /// The reply said until when (`expires_at`, `expires_on`).
    ExpiresAt,
    /// The access token is a JWT whose `exp` (RFC 7519, section 4.1.4) is earlier, or all we know.
    JwtExp,
    /// The configuration says so, whatever the reply says.
    Fixed,
    /// There is none: the token is good until somebody revokes it.
    Unlimited,
    /// The reply did not say: the credential's `assume_lifetime` is used.
    Assumed(Assumption),
}

/// Why a lifetime had to be assumed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Assumption {
    /// The reply had no lifetime, or `null`.
    Missing,
    /// It was zero.
    Zero,
    /// It was below zero.
    Negative,
    /// It was no number, date or duration that we know, or a date that had already passed.
    Unreadable,
}

impl IssuedToken {
    /// A Bearer token of which nothing else is known.
    pub fn bearer(access_token: Secret, requested_at: Now, lifetime: Duration) -> Self {
        Self {
            access_token,
            token_type: "Bearer".into(),
            scope: None,
            refresh_token: None,
            origin: None,
            fields: [].into(),
            requested_at,
            lifetime: Lifetime { duration: lifetime, source: LifetimeSource::ExpiresIn },
        }
    }

    /// Until when the token is good.
    pub fn expiry(&self) -> Expiry {
        if self.lifetime.is_unlimited() {
            Expiry::Never
        } else {
            Expiry::At(self.requested_at.wall + self.lifetime.duration)
        }
    }

    /// A field of the reply, by its name in the configuration.
    pub fn field(&self, name: &str) -> Option<&str> {
        let (_, value) = self.fields.iter().find(|(field, _)| **field == *name)?;
        Some(value.expose())
    }

    /// The value of an `Authorization` header: the scheme and the token. Providers write `bearer`
    /// in any case; resource servers mostly want RFC 6750's.
    pub fn authorization(&self, scheme: Option<&str>) -> String {
        let token = self.access_token.expose();
        match scheme.unwrap_or(&self.token_type) {
            "" => token.to_owned(),
            scheme if scheme.eq_ignore_ascii_case("bearer") => format!("Bearer {token}"),
            scheme => format!("{scheme} {token}"),
        }
    }
}

impl RefreshToken {
    /// One that no provider has said anything of yet.
    pub const fn first(value: Secret) -> Self {
        Self { value, expires_at: None, rotates: false }
    }
}

impl Lifetime {
    /// That of a token which does not expire. Its `duration`, a thousand years, is longer than any
    /// machine runs, so that what reckons with it needs no case of its own.
    pub const UNLIMITED: Self = Self {
        duration: Duration::from_secs(1000 * 365 * 24 * 60 * 60),
        source: LifetimeSource::Unlimited,
    };

    /// Whether the token is good until somebody revokes it.
    pub fn is_unlimited(&self) -> bool {
        self.source == LifetimeSource::Unlimited
    }
}

impl Expiry {
    /// How a token that does not expire is written where a date would stand.
    const NEVER: &str = "never";

    /// Seconds since 1970, or `never`.
    pub fn text(self) -> Cow<'static, str> {
        match self {
            Self::At(date) => date.seconds().to_string().into(),
            Self::Never => Self::NEVER.into(),
        }
    }

    /// Reads what [`Expiry::text`] has written.
    pub fn parse(text: &str) -> Option<Self> {
        if text == Self::NEVER {
            return Some(Self::Never);
        }
        text.parse().ok().map(Self::at)
    }

    /// This many seconds after 1970.
    pub const fn at(seconds: i64) -> Self {
        Self::At(WallTime::from_seconds(seconds))
    }

    /// The date, if there is one.
    pub const fn date(self) -> Option<WallTime> {
        match self {
            Self::At(date) => Some(date),
            Self::Never => None,
        }
    }

    /// Whether it lies behind `now`.
    pub fn has_passed(self, now: WallTime) -> bool {
        self.date().is_some_and(|date| date <= now)
    }
}

impl LifetimeSource {
    /// Why the figure is ours and not the provider's, if it is.
    pub const fn assumption(self) -> Option<Assumption> {
        match self {
            Self::Assumed(assumption) => Some(assumption),
            Self::ExpiresIn | Self::ExpiresAt | Self::JwtExp | Self::Fixed | Self::Unlimited => {
                None
            }
        }
    }
}

impl Assumption {
    /// The stable word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::Zero => "zero",
            Self::Negative => "negative",
            Self::Unreadable => "unreadable",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_has_the_scheme_that_is_configured_or_the_tokens_type() {
        for (token_type, scheme, expected) in [
            ("bearer", None, "Bearer t"),
            ("BEARER", None, "Bearer t"),
            ("DPoP", None, "DPoP t"),
            ("bearer", Some("Bearer"), "Bearer t"),
            ("bearer", Some("token"), "token t"),
            ("bearer", Some(""), "t"),
            ("Application Access Token", Some("bearer"), "Bearer t"),
        ] {
            let token = IssuedToken::bearer("t".into(), Now::default(), Duration::ZERO);
            let token = IssuedToken { token_type: token_type.into(), ..token };
            assert_eq!(token.authorization(scheme), expected, "{token_type} {scheme:?}");
        }
    }
}
