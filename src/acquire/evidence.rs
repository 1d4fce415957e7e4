//! What a failed request says of its endpoint, which other credentials ask as well.

use super::{
    AcquireError, Refusal,
    code::ErrorCode::{ServerError, TemporarilyUnavailable},
    refusal::BodyKind,
};
use crate::error::Evidence;

impl AcquireError {
    /// What it says of the endpoint.
    pub fn evidence(&self) -> Evidence {
        match self {
            Self::OAuth1(error) => error.evidence(),
            Self::Discovery(error) => error.evidence(),
            Self::Transport(error) => error.evidence(),
            Self::Refused(refusal) | Self::DeviceRefused(refusal) => refusal.evidence(),
            Self::Step { cause, .. } | Self::Rescued { cause, .. } => cause.evidence(),
            Self::GrantEnded { .. }
            | Self::GrantInDoubt { .. }
            | Self::Misdated { .. }
            | Self::Token(_) => Evidence::Working,
            // Nothing was sent, or what came back tells more of our configuration.
            Self::Source { .. }
            | Self::Assertion { .. }
            | Self::LoginNeeded { .. }
            | Self::LostAnswer { .. }
            | Self::Redirect { .. }
            | Self::Printed { .. }
            | Self::NotTaken { .. }
            | Self::StepUrl
            | Self::DeviceReply { .. } => Evidence::Unknown,
        }
    }
}

impl Refusal {
    /// A name of RFC 6749 comes from nobody but the authorization server, whatever the status: there
    /// are some that refuse everything with 500. Without one, status and body have to tell.
    fn evidence(&self) -> Evidence {
        match (self.code, self.status) {
            // Request Timeout, Misdirected Request, Too Early.
            (Some(ServerError | TemporarilyUnavailable), _) | (None, 408 | 421 | 425 | 500..) => {
                Evidence::Failing
            }
            (Some(_), _) => Evidence::Working,
            _ if self.throttled => Evidence::Unknown,
            (None, 200..=299) if self.denies => Evidence::Working,
            (None, 200..=299) => Evidence::Failing,
            (None, 400..=499) => self.evidence_of_body(),
            _ => Evidence::Unknown,
        }
    }

    /// What a refusal without a name says, by its body. A gateway refuses with a page or with a few
    /// words, and a web server has a page for what it does not find.
    const fn evidence_of_body(&self) -> Evidence {
        match (self.body, self.status) {
            (BodyKind::Fields, _) | (BodyKind::Empty, 400 | 401 | 403) => Evidence::Working,
            (_, 404 | 405 | 410 | 415) | (BodyKind::Text | BodyKind::Empty, _) => Evidence::Unknown,
            (BodyKind::Html | BodyKind::Malformed, _) => Evidence::Failing,
        }
    }
}

#[cfg(test)]
mod tests;
