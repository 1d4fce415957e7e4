//! A reply that another request follows: what it hands on.

use super::{body::Body, grant, opened::Opened};
use crate::{
    acquire::{
        AcquireError, RawResponse,
        attempt::{Attempt, HandedIn},
        redaction::Redaction,
    },
    clock::Now,
    credential::Location,
    secret::Secret,
};

/// The longest value that is handed on; none that a request could carry is longer.
const LONGEST: usize = 64 * 1024;

/// A reply that another request follows.
pub(in crate::acquire) struct Interim<'a> {
    reply: Opened<'a>,
    sent_at: Now,
}

impl<'a> Interim<'a> {
    /// A reply that is not a refusal.
    pub(in crate::acquire) fn read(
        attempt: &Attempt<'a>,
        raw: &'a RawResponse,
        redaction: &mut Redaction,
    ) -> Result<Self, AcquireError> {
        let reply = Opened::open(attempt, raw, redaction)?;
        if reply.is_success() {
            Ok(Self { reply, sent_at: attempt.sent_at })
        } else {
            Err(AcquireError::Refused(reply.refusal(redaction)))
        }
    }

    /// The refresh token that counts after this reply. It may stand here and not in the last one.
    pub(in crate::acquire) fn renew(&self, handed_in: Option<HandedIn>) -> Option<HandedIn> {
        let before = Some(handed_in?);
        Some(grant::read(&self.reply, self.sent_at, before).handed_in())
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
        if let Some(text) = self.reply.locate(place).filter(|text| usable(text)) {
            let value = Secret::from(&*text);
            redaction.hide_unless_short(&value);
            return Ok(value);
        }
        Err(match (&self.reply.body, place) {
            // A page of a gateway lacks the value too, but that can pass.
            (Body::Html | Body::Malformed, Location::Field(_)) => {
                AcquireError::Refused(self.reply.refusal(redaction))
            }
            _ => AcquireError::NotTaken { name: name.into() },
        })
    }
}
