//! What is kept besides tokens: enough for `status` to be honest about a daemon it cannot see,
//! and for a crash loop to stay gentle.

use std::{path::PathBuf, time::Duration};

use serde::{Deserialize, Serialize};

use super::SecretTurn;
use crate::{
    clock::WallTime,
    cluster::Receipt,
    error::{Failure, Pause, PauseScope, Task},
    token::{IssuedToken, LifetimeSource},
};

/// No pause is longer, whatever the clock showed when it was noted.
const DAY: Duration = Duration::from_secs(86_400);

/// What is known of one credential.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Record {
    /// When the last request was sent. It is written before the request is.
    pub requested_at: Option<WallTime>,
    /// When the last token was issued.
    pub issued_at: Option<WallTime>,
    /// Until when that token is good.
    pub expires_at: Option<WallTime>,
    /// How that is known.
    pub lifetime_source: Option<LifetimeSource>,
    /// With `overlap: none`: how long the token before may have been dead when the last one was
    /// published.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub outage_ms: Option<u64>,
    /// When the next request is due.
    pub next_request_at: Option<WallTime>,
    /// Until when the server asked to wait, by the last refusal.
    pub paused_until: Option<WallTime>,
    /// When it asked for that.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub paused_at: Option<WallTime>,
    /// Who is meant.
    pub pause_scope: PauseScope,
    /// Requests that failed since the last token.
    pub failures: u32,
    /// Asking again changes nothing until an input changes.
    pub parked: bool,
    /// Consumers were not told of the last change.
    pub untold: bool,
    /// Until when the refresh token is good, if the provider says so.
    pub grant_expires_at: Option<WallTime>,
    /// Whether refreshing extends the grant: its end moved on at the last refresh, or nothing is
    /// known to the contrary.
    pub grant_extends: bool,
    /// A resource did not take the token, or the one before it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rejection: Option<Rejection>,
    /// A refresh token that was sent and has no answer yet. Durable before it is sent.
    pub unanswered: Option<Unanswered>,
    /// Which of several client secrets is in turn.
    pub client_secret: SecretTurn,
    /// What is to be removed from the output directory when the credential has left, so that the
    /// next start knows it.
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    pub removable: Box<[PathBuf]>,
    /// Which Secrets hold a token of ours, as far as the cluster has confirmed it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub receipts: Vec<Receipt>,
    /// What is wrong now.
    pub problem: Option<ProblemRecord>,
}

impl Default for Record {
    fn default() -> Self {
        Self {
            requested_at: None,
            issued_at: None,
            expires_at: None,
            lifetime_source: None,
            outage_ms: None,
            next_request_at: None,
            paused_until: None,
            paused_at: None,
            pause_scope: PauseScope::default(),
            failures: 0,
            parked: false,
            untold: false,
            grant_expires_at: None,
            grant_extends: true,
            rejection: None,
            unanswered: None,
            client_secret: SecretTurn::default(),
            removable: [].into(),
            receipts: Vec::new(),
            problem: None,
        }
    }
}

impl Record {
    /// The wall clock shows this many milliseconds more than it did.
    pub fn shift(&mut self, millis: i64) {
        for date in [
            &mut self.requested_at,
            &mut self.issued_at,
            &mut self.expires_at,
            &mut self.next_request_at,
            &mut self.paused_until,
            &mut self.paused_at,
            &mut self.grant_expires_at,
        ] {
            *date = date.map(|date| date.shifted(millis));
        }
        for receipt in &mut self.receipts {
            receipt.confirmed_at = receipt.confirmed_at.shifted(millis);
            receipt.expires_at = receipt.expires_at.map(|date| date.shifted(millis));
        }
        if let Some(rejection) = &mut self.rejection {
            rejection.at = rejection.at.shifted(millis);
        }
        if let Some(unanswered) = &mut self.unanswered {
            unanswered.at = unanswered.at.shifted(millis);
            unanswered.lost_at = unanswered.lost_at.map(|date| date.shifted(millis));
        }
    }

    /// The server asked to wait, or no longer does.
    pub fn note_pause(&mut self, pause: Option<Pause>, now: WallTime) {
        self.paused_until = pause.map(|pause| now + pause.span);
        self.paused_at = pause.map(|_| now);
        self.pause_scope = pause.map_or(PauseScope::Endpoint, |pause| pause.scope);
    }

    /// What is left of a pause. However the clock was set when it was noted, it is not longer than it
    /// was then.
    pub fn pause_left(&self, now: WallTime) -> Option<Pause> {
        let until = self.paused_until?;
        let whole = self.paused_at.map_or(DAY, |at| until.since(at)).min(DAY);
        let span = until.since(now).min(whole);
        (!span.is_zero()).then_some(Pause { span, scope: self.pause_scope })
    }

    /// A token has arrived: what kept it away no longer does.
    pub fn note_token(&mut self, token: &IssuedToken) {
        self.issued_at = Some(token.requested_at.wall);
        self.expires_at = token.expiry().date();
        self.lifetime_source = Some(token.lifetime.source);
        self.grant_expires_at = token.refresh_token.as_ref().and_then(|token| token.expires_at);
        self.failures = 0;
        self.parked = false;
        self.clear(Task::Acquire);
        self.clear(Task::Probe);
        if let Some(rejection) = &mut self.rejection {
            rejection.stands = false;
        }
    }

    /// Whether a resource has refused the token that consumers have.
    pub fn is_revoked(&self) -> bool {
        self.rejection.as_ref().is_some_and(|rejection| rejection.stands)
    }

    /// A step succeeded: what was wrong with it no longer is.
    pub fn clear(&mut self, task: Task) {
        self.problem.take_if(|problem| problem.failure.task == task);
    }
}

/// A refresh token whose last use has no answer: the provider may have replaced it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unanswered {
    /// When it was first sent without an answer.
    pub at: WallTime,
    /// When it turned out that no answer would come. A process that died did not see that.
    #[serde(default)]
    pub lost_at: Option<WallTime>,
    /// Its digest.
    pub refresh_token: Box<str>,
    /// Whether it was sent once more since.
    pub repeated: bool,
}

/// A resource does not take a token.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rejection {
    /// Since when.
    pub at: WallTime,
    /// Whether it is the token in hand. If not, it is one before it, and no resource has been
    /// asked since: a second refusal is no accident.
    pub stands: bool,
    /// Whether it is such a second one.
    pub repeated: bool,
}

/// A step that failed and has not succeeded since.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProblemRecord {
    /// When.
    pub at: WallTime,
    /// What failed, why, and what to do about it.
    #[serde(flatten)]
    pub failure: Failure,
}

/// What the daemon is doing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct DaemonRecord {
    /// The process; it may be gone.
    pub process_id: u32,
    /// Of the program.
    pub version: Box<str>,
    /// The configuration file.
    pub configuration: Box<str>,
    /// When the daemon started.
    pub started_at: WallTime,
    /// When the plan in force was read.
    pub configured_at: WallTime,
    /// Why the configuration on disk is not in force, if it is not.
    pub configuration_problem: Option<Box<str>>,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> WallTime {
        WallTime::from_seconds(seconds)
    }

    #[test]
    fn a_pause_is_never_longer_than_it_was_when_it_was_noted() {
        const YEAR: i64 = 31_536_000;
        // (case, the clock when it was noted, its span, the clock now, seconds left)
        let cases = [
            ("a moment later", 1_000, 30, 1_010, Some(20)),
            ("over", 1_000, 30, 1_030, None),
            ("the clock was a year ahead", 1_000 + YEAR, 30, 1_000, Some(30)),
            ("the clock was a year behind", 1_000, 30, 1_000 + YEAR, None),
            ("longer than a day", 1_000, 200_000, 1_000, Some(86_400)),
        ];
        for (case, noted, span, now, left) in cases {
            let mut record = Record::default();
            let pause = Pause { span: Duration::from_secs(span), scope: PauseScope::Client };
            record.note_pause(Some(pause), at(noted));
            let expected = left.map(|left| Pause { span: Duration::from_secs(left), ..pause });
            assert_eq!(record.pause_left(at(now)), expected, "{case}");
        }
    }

    #[test]
    fn a_pause_that_an_older_version_noted_is_of_all_and_lasts_a_day_at_most() {
        let record: Record = serde_json::from_str(r#"{"paused_until":99000000}"#).expect("read");
        let pause = record.pause_left(at(1_000)).expect("a pause");
        assert_eq!((pause.scope, pause.span.as_secs()), (PauseScope::Endpoint, 86_400));
    }
}
