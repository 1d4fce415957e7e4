//! A reply taken apart: what every reader of one asks first.

use std::borrow::Cow;

use url::Url;

use super::{
    body::Body,
    date,
    lifetime::ServerClock,
    location::locate,
    refusal::{self, Said},
};
use crate::{
    acquire::{AcquireError, RawResponse, Refusal, attempt::Attempt, redaction::Redaction},
    clock::Now,
    credential::{Location, ReplyShape, TokenEndpoint, without_query},
};

/// What stands behind this in a `Location` is not looked at.
const LONGEST_LOCATION: usize = 4096;

/// A reply taken apart.
pub(super) struct Opened<'a> {
    pub(super) raw: &'a RawResponse,
    pub(super) body: Body,
    /// Where this provider puts what.
    pub(super) shape: &'a ReplyShape,
    /// What the server's clock showed.
    pub(super) clock: ServerClock,
    said: Said,
}

impl<'a> Opened<'a> {
    /// Any reply but a redirect, which nobody follows.
    pub(super) fn open(
        attempt: &Attempt<'a>,
        raw: &'a RawResponse,
        redaction: &Redaction,
    ) -> Result<Self, AcquireError> {
        if (300..400).contains(&raw.status) {
            return Err(redirect(&attempt.credential.endpoint, raw, redaction));
        }
        let body = Body::sniff(&raw.body);
        let shape = &*attempt.credential.reply;
        let said = refusal::said(body.value(), shape);
        Ok(Self { raw, body, shape, clock: server_clock(attempt.sent_at, raw), said })
    }

    /// Whether it is no error, neither by its status nor by what it says.
    pub(super) fn is_success(&self) -> bool {
        (200..300).contains(&self.raw.status) && !self.said.denies
    }

    /// The text at a place.
    pub(super) fn locate(&self, place: &Location) -> Option<Cow<'_, str>> {
        locate(self.raw, &self.body, place)
    }

    /// What it amounts to if what was asked for is not in it.
    pub(super) fn refusal(&self, redaction: &mut Redaction) -> Refusal {
        refusal::hide_tokens(self.raw, &self.body, self.shape, redaction);
        refusal::read(self.raw, &self.body, &self.said, self.clock.now, redaction)
    }
}

/// The server's clock: dates in its reply are meant by that one, and ours may be wrong.
pub(super) fn server_clock(sent_at: Now, raw: &RawResponse) -> ServerClock {
    match raw.header("Date").and_then(date::http) {
        Some(now) => ServerClock { now, known: true },
        None => ServerClock { now: sent_at.wall, known: false },
    }
}

/// Where a redirect points, without its query: servers put codes and errors there, and some put
/// into the path what they were sent. A secret is looked for before the path is encoded anew.
fn redirect(endpoint: &TokenEndpoint, raw: &RawResponse, redaction: &Redaction) -> AcquireError {
    let target = raw
        .header("Location")
        .and_then(|to| endpoint.url.join(&redaction.redact(to, LONGEST_LOCATION)).ok());
    let target = target.filter(Url::has_host).map(|url| redaction.show(&without_query(&url)));
    AcquireError::Redirect { status: raw.status, target }
}
