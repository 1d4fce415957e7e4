//! In which manner a server behaves where servers differ: the habits are `plain` in another one.

use crate::sandbox::request::BasicReading;

/// How a server behaves.
#[derive(Clone, Copy)]
pub(in crate::sandbox) struct Manner {
    /// How Basic credentials are read.
    pub(in crate::sandbox) basic: BasicReading,
    /// The client's secret.
    pub(in crate::sandbox) secret: &'static str,
    /// How a token request must come.
    pub(in crate::sandbox) asked: Asked,
    /// Something that the request must have.
    pub(in crate::sandbox) wants: Option<Wanted>,
    /// What becomes of a refresh token that is used.
    pub(in crate::sandbox) rotation: Rotation,
    /// How long a refresh token lives, in seconds.
    pub(in crate::sandbox) refresh_lifetime: u64,
    /// What becomes of the access token when there is a new one.
    pub(in crate::sandbox) overlap: Overlap,
    /// How a log-in goes.
    pub(in crate::sandbox) login: Login,
    /// What follows the true issuer in the metadata.
    pub(in crate::sandbox) issuer_suffix: &'static str,
    /// By how many seconds its clock is ahead.
    pub(in crate::sandbox) clock_ahead: i64,
}

/// How a token request must come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::sandbox) enum Asked {
    /// With POST; as a form, as JSON or in the query.
    Usual,
    /// With GET, in the query.
    Get,
    /// With POST, as an XML document with an element for each parameter.
    Xml,
    /// As usual, but without `grant_type`.
    WithoutGrantType,
    /// As usual, but refreshes go elsewhere.
    RefreshElsewhere,
}

/// Something that a request must have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::sandbox) enum Wanted {
    /// A header, and its value.
    Header(&'static str, &'static str),
    /// A parameter of the query, and its value.
    Query(&'static str, &'static str),
    /// Another value of `scope` than words with spaces between them.
    Scope(&'static str),
}

/// What becomes of a refresh token that is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::sandbox) enum Rotation {
    /// It stays, and there is no other.
    Kept,
    /// It stays, and there is one more.
    Added,
    /// It is replaced; if it comes again, everything that came of it dies (RFC 9700, section
    /// 4.14.2).
    Replaced,
    /// It is replaced, and can come again for a minute.
    Forgiven,
}

/// What becomes of the access token when there is a new one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::sandbox) enum Overlap {
    /// It stays good until it expires.
    UntilExpiry,
    /// It dies.
    None,
}

/// How a log-in goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::sandbox) enum Login {
    /// It is approved.
    Approved,
    /// It is approved, but the first poll of a device is told to slow down.
    SlowDown,
    /// It is refused.
    Denied,
    /// The code expires while the device waits.
    Expired,
    /// The browser comes back with another `state`.
    OtherState,
    /// The browser comes back from another issuer (RFC 9207).
    OtherIssuer,
}

impl Manner {
    /// A server as it should be.
    pub(in crate::sandbox) const GOOD: Self = Self {
        basic: BasicReading::Either,
        secret: super::CLIENT.secret,
        asked: Asked::Usual,
        wants: None,
        rotation: Rotation::Replaced,
        refresh_lifetime: 90 * 86_400,
        overlap: Overlap::UntilExpiry,
        login: Login::Approved,
        issuer_suffix: "",
        clock_ahead: 0,
    };
}
