//! A token as it was issued, and how long it lives. This value passes through every room.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::{
    clock::{Now, WallTime},
    secret::Secret,
};

/// A token that a provider has issued to us.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IssuedToken {
    /// The `access_token` (RFC 6749, section 5.1), whatever the provider calls it.
    pub access_token: Secret,
    /// `token_type` as the provider wrote it; `Bearer` if it wrote none.
    pub token_type: Box<str>,
    /// The granted `scope`, if the reply named one: values separated by one space.
    pub scope: Option<Box<str>>,
    /// When the request was sent: the lifetime is counted from here, so that a slow reply never
    /// makes a token look fresher than it is.
    pub requested_at: Now,
    /// How long the token is good for.
    pub lifetime: Lifetime,
}

/// How long a token is good for, and how we know.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lifetime {
    /// Counted from the moment the request was sent.
    pub duration: Duration,
    /// Where the figure comes from.
    pub source: LifetimeSource,
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
    /// The date at which the token stops being good, by this machine's wall clock.
    pub fn expires_at(&self) -> WallTime {
        self.requested_at.wall + self.lifetime.duration
    }
}

impl LifetimeSource {
    /// Why the figure is ours and not the provider's, if it is.
    pub const fn assumption(self) -> Option<Assumption> {
        match self {
            Self::Assumed(assumption) => Some(assumption),
            Self::ExpiresIn | Self::ExpiresAt | Self::JwtExp => None,
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
