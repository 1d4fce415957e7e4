//! The refresh token that a reply brings, or the one that stays.

use super::{
    lifetime::{self, LONGEST},
    opened::Opened,
};
use crate::{
    acquire::{AcquireError, Rescued, attempt::HandedIn},
    clock::{Now, WallTime},
    token::RefreshToken,
};

/// Where providers say how long a refresh token lives: Keycloak, Intuit and others.
const SPANS: [&str; 5] = [
    "refresh_expires_in",
    "refresh_token_expires_in",
    "x_refresh_token_expires_in",
    "refreshExpiresIn",
    "refreshTokenExpiresIn",
];

/// Where they say until when.
const DATES: [&str; 10] = [
    "refresh_expires_at",
    "refresh_expires_on",
    "refresh_token_expires_at",
    "refresh_token_expires_on",
    "refresh_token_expire_at",
    "refresh_token_expiration",
    "refresh_token_expiry",
    "refreshExpiresAt",
    "refreshTokenExpiresAt",
    "refreshTokenExpiration",
];

/// The refresh token after a reply, and its origin.
#[derive(Default)]
pub(in crate::acquire) struct Granted {
    pub(super) refresh_token: Option<RefreshToken>,
    pub(super) origin: Option<Box<str>>,
    /// Whether a reply of this attempt brought it.
    is_new: bool,
}

impl From<HandedIn> for Granted {
    fn from(HandedIn { token, origin, is_new }: HandedIn) -> Self {
        Self { refresh_token: token, origin, is_new }
    }
}

impl Granted {
    /// What the next request of the same attempt goes on with.
    pub(super) fn handed_in(self) -> HandedIn {
        HandedIn { token: self.refresh_token, origin: self.origin, is_new: self.is_new }
    }

    /// An error, and the refresh token that must be kept in spite of it.
    pub(in crate::acquire) fn rescued_from(self, cause: AcquireError) -> AcquireError {
        match self.refresh_token {
            Some(refresh_token) if self.is_new => AcquireError::Rescued {
                cause: Box::new(cause),
                rescued: Box::new(Rescued { refresh_token, origin: self.origin }),
            },
            _ => cause,
        }
    }
}

/// A reply without a refresh token, or with an empty one, leaves the one that was handed in
/// (RFC 6749, section 6); at a log-in there is none before.
pub(super) fn read(reply: &Opened<'_>, sent_at: Now, handed_in: Option<HandedIn>) -> Granted {
    let Some(HandedIn { mut token, origin, is_new }) = handed_in else {
        return Granted::default();
    };
    let issued = reply.locate(&reply.shape.refresh_token).filter(|it| !it.trim().is_empty());
    let before = token.as_ref().map(|token| token.value.expose());
    let issued = issued.filter(|issued| Some(&**issued) != before);
    let is_new = is_new || issued.is_some();
    if let Some(issued) = issued {
        let rotates = before.is_some();
        token = Some(RefreshToken { value: (&*issued).into(), expires_at: None, rotates });
    }
    if let (Some(token), Some(expires_at)) = (&mut token, expires_at(reply, sent_at)) {
        token.expires_at = Some(expires_at);
    }
    Granted { refresh_token: token, origin, is_new }
}

/// The earliest end that is said, by our clock: a date is meant by that of the server. Zero is what
/// Keycloak writes for "I do not say", and nobody means a date that has passed or is far away.
fn expires_at(reply: &Opened<'_>, sent_at: Now) -> Option<WallTime> {
    let said = lifetime::said(reply.body.value(), &SPANS, &DATES, reply.clock.now);
    let spans = said.filter_map(|(stated, _)| stated.ok()).filter(|span| *span <= LONGEST);
    Some(sent_at.wall + spans.min()?)
}

#[cfg(test)]
mod tests;
