//! A reply without a token: what it means for us.

use std::fmt;

use super::code::ErrorCode;
use crate::error::{Fault, Pause};

/// A reply without a token.
#[derive(Debug)]
pub struct Refusal {
    pub(super) status: u16,
    pub(super) body: BodyKind,
    pub(super) code: Option<ErrorCode>,
    pub(super) denies: bool,
    pub(super) words: Option<Box<str>>,
    pub(super) pause: Option<Pause>,
    pub(super) throttled: bool,
}

/// What the body of a reply is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum BodyKind {
    Fields,
    Text,
    Empty,
    Html,
    Malformed,
}

impl Refusal {
    /// Whether the refresh token itself is what the provider refuses. Entra names its rate limit
    /// `invalid_grant` too.
    pub(super) fn ends_grant(&self) -> bool {
        !self.throttled && matches!(self.code, Some(ErrorCode::InvalidGrant))
    }

    /// Whether the client is not known, or not by what it proved itself with.
    pub(super) fn rejects_client(&self) -> bool {
        // A page with 403 is the word of a gateway, and so transient.
        let by_status = matches!(self.status, 401 | 403) && self.fault() == Fault::Permanent;
        let is_named = self.code.map(|code| code == ErrorCode::InvalidClient);
        !self.throttled && is_named.unwrap_or(by_status)
    }

    /// Whether it may be the refresh token that is refused: RFC 6749, section 5.2, has 400 for
    /// that, but the name is missing.
    pub(super) fn may_end_grant(&self) -> bool {
        self.status == 400 && self.code.is_none() && self.fault() == Fault::Permanent
    }

    /// Whether it may be due to the dates of an assertion: servers refuse the client, the grant or
    /// the request for them, and do not say what it is.
    pub(super) fn may_be_of_dates(&self) -> bool {
        matches!(self.status, 400 | 401 | 403) && self.fault() == Fault::Permanent
    }

    /// A success that says nothing we understand, a gateway that did not hear the end, or half a
    /// reply.
    pub(super) const fn leaves_open(&self) -> bool {
        if self.code.is_some() || self.denies || self.throttled {
            return false;
        }
        match (self.status, self.body) {
            (200..=299 | 502 | 504, _) => true,
            (400..=499, _) => false,
            (_, body) => matches!(body, BodyKind::Malformed),
        }
    }

    pub(super) fn fault(&self) -> Fault {
        if self.throttled {
            return Fault::Transient;
        }
        match self.status {
            // Request Timeout, Misdirected Request, Too Early, Too Many Requests.
            408 | 421 | 425 | 429 => Fault::Transient,
            // No credentials and no URL of ours get better by waiting.
            401 | 404 | 405 | 410 | 415 => Fault::Permanent,
            // A gateway's page or half a reply is not the authorization server's own word.
            400..=499 if matches!(self.body, BodyKind::Html | BodyKind::Malformed) => {
                Fault::Transient
            }
            400..=499 => self.code.map_or(Fault::Permanent, ErrorCode::fault),
            200..=299 => self.code.map_or(Fault::Transient, ErrorCode::fault),
            _ => Fault::Transient,
        }
    }

    pub(super) const fn reason(&self) -> &'static str {
        if self.throttled {
            return "throttled";
        }
        match (self.code, self.body, self.status) {
            (Some(code), ..) => code.name(),
            (None, BodyKind::Html, _) => "html_reply",
            (None, BodyKind::Malformed, _) => "malformed_reply",
            (None, _, 200..=299) if self.denies => "error_reply",
            (None, _, 200..=299) => "no_token",
            (None, ..) => "http_status",
        }
    }

    pub(super) const fn advice(&self) -> &'static str {
        if self.throttled {
            return "it is asked again after a pause; if it stays so, ask for fewer tokens";
        }
        match (self.code, self.body, self.status) {
            (Some(code), ..) => code.advice(),
            (None, BodyKind::Html, _) => "check token_endpoint, and the proxies before it",
            (None, BodyKind::Malformed, _) => "if it stays so, look at proxies between",
            (None, _, 200..=299) if self.denies => {
                "look up in the provider's documentation what that means"
            }
            (None, _, 200..=299) => {
                "say where the provider puts the token: `response: { access_token: ... }`"
            }
            (None, _, 404 | 405 | 410) => "check token_endpoint",
            (None, _, 415) => "check the body format that the provider wants",
            (None, _, 408 | 421 | 425 | 500..) => {
                "it is asked again; if it stays so, ask the provider"
            }
            (None, ..) => "check client_id, client_secret and client_authentication",
        }
    }

    /// What there was in place of a token.
    pub(super) fn instead(&self) -> String {
        match (&self.words, self.body) {
            (Some(words), _) => format!(r#"an error: "{words}""#),
            (None, BodyKind::Fields) => "fields without a token".into(),
            (None, BodyKind::Text) => "plain text instead of a token".into(),
            (None, BodyKind::Empty) => "nothing".into(),
            (None, BodyKind::Html) => "an HTML page instead of a token".into(),
            (None, BodyKind::Malformed) => "malformed JSON or XML".into(),
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "answered {}", self.status)?;
        match (&self.words, self.body) {
            (Some(words), _) => write!(f, r#": "{words}""#)?,
            (None, BodyKind::Fields) => f.write_str(" without a token")?,
            (None, BodyKind::Empty) => f.write_str(" with an empty body")?,
            (None, _) => write!(f, " with {}", self.instead())?,
        }
        match self.pause {
            Some(pause) => write!(f, " and asks to wait {} s", pause.span.as_secs()),
            None => Ok(()),
        }
    }
}
