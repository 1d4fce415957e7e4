//! A reply that another request follows: what it hands on.

use super::{Body, grant, location::locate, redirect, refusal, server_clock};
use crate::{
    acquire::{
        AcquireError, RawResponse,
        attempt::{Attempt, HandedIn},
        redaction::Redaction,
    },
    credential::Location,
    secret::Secret,
};

/// The longest value that is handed on; none that a request could carry is longer.
const LONGEST: usize = 64 * 1024;

/// A reply that another request follows.
pub(in crate::acquire) struct Interim<'a> {
    attempt: &'a Attempt<'a>,
    raw: &'a RawResponse,
    body: Body,
}

impl<'a> Interim<'a> {
    /// A reply that is not a refusal.
    pub(in crate::acquire) fn read(
        attempt: &'a Attempt<'a>,
        raw: &'a RawResponse,
        redaction: &mut Redaction,
    ) -> Result<Self, AcquireError> {
        if (300..400).contains(&raw.status) {
            return Err(redirect(attempt.credential, raw, redaction));
        }
        let reply = Self { attempt, raw, body: Body::sniff(&raw.body) };
        let said = refusal::said(reply.body.value(), &attempt.credential.reply);
        if (200..300).contains(&raw.status) && !said.denies {
            Ok(reply)
        } else {
            Err(reply.refused(redaction))
        }
    }

    /// The refresh token that counts after this reply. It may stand here and not in the last one.
    pub(in crate::acquire) fn renew(
        &self,
        attempt: &Attempt<'_>,
        handed_in: Option<HandedIn>,
    ) -> Option<HandedIn> {
        let shape = &attempt.credential.reply;
        let before = Some(handed_in?);
        Some(grant::read(self.raw, &self.body, shape, attempt.sent_at, before).handed_in())
    }

    /// The value at a place, for use in a request. It is not shown from now on.
    pub(in crate::acquire) fn take(
        &self,
        name: &str,
        place: &Location,
        redaction: &mut Redaction,
    ) -> Result<Secret, AcquireError> {
        let usable = |text: &str| {
            !text.is_empty() && text.len() <= LONGEST && !text.contains(char::is_control)
        };
        if let Some(text) = locate(self.raw, &self.body, place).filter(|text| usable(text)) {
            let value = Secret::from(&*text);
            redaction.hide_unless_short(&value);
            return Ok(value);
        }
        // A page of a gateway lacks the value too, but that can pass.
        match (&self.body, place) {
            (Body::Html | Body::Malformed, Location::Field(_)) => Err(self.refused(redaction)),
            _ => Err(AcquireError::NotTaken { name: name.into() }),
        }
    }

    fn refused(&self, redaction: &mut Redaction) -> AcquireError {
        let Self { attempt, raw, body } = self;
        let shape = &attempt.credential.reply;
        let said = refusal::said(body.value(), shape);
        refusal::hide_tokens(raw, body, shape, redaction);
        let now = server_clock(attempt.sent_at, raw).now;
        AcquireError::Refused(refusal::read(raw, body, &said, now, redaction))
    }
}
