//! Notes of what credentials wait for, so that `status` has a reason for each.

use std::time::Duration;

use super::{Ended, Refresher};
use crate::{
    clock::{BootTime, Now, WallTime},
    credential::without_query,
    error::PauseScope,
    schedule::{BreakerState, EndpointView, Id, Wait},
    waiting::{Breaker, EndpointWaiting, Pausing, Reason, Waiting},
};

/// What lasts no longer is not noted: most requests end before.
const BETWEEN_NOTES: Duration = Duration::from_secs(1);

/// Of those that wait in one line, so many have their reason noted.
const MOST: usize = 200;

/// What was noted last.
#[derive(Debug)]
pub struct Notes {
    /// Unknown at first: the note on disk is of the process before this one.
    waiting: Option<Waiting>,
    /// When it was last looked whether that is still so.
    looked_at: BootTime,
    /// Whether something has happened since.
    is_outdated: bool,
}

impl Default for Notes {
    fn default() -> Self {
        Self { waiting: None, looked_at: BootTime::default(), is_outdated: true }
    }
}

impl Notes {
    /// Something has happened.
    pub fn outdate(&mut self) {
        self.is_outdated = true;
    }
}

impl Refresher {
    /// Notes what credentials wait for, if that has changed, at most once a second; the moment up to
    /// which the loop may sleep instead of `until`.
    pub(super) fn note_waiting(&mut self, until: Option<BootTime>, now: Now) -> Option<BootTime> {
        if !self.notes.is_outdated {
            return until;
        }
        let next = self.notes.looked_at + BETWEEN_NOTES;
        if next > now.boot {
            return Some(until.map_or(next, |until| until.min(next)));
        }
        self.notes.looked_at = now.boot;
        self.notes.is_outdated = false;
        let waiting = self.waiting(now);
        if self.notes.waiting.as_ref() != Some(&waiting) {
            self.notes.waiting = Some(waiting.clone());
            let state = self.tools.state.clone();
            // A reader may miss a note that cannot be written; nothing else depends on it.
            self.tasks.spawn_blocking(move || {
                let _ = state.note_waiting(&waiting);
                Ended::Noted
            });
        }
        until
    }

    fn waiting(&self, now: Now) -> Waiting {
        let waits = self.schedule.waits(MOST, now.boot);
        let named = waits.into_iter().filter_map(|(id, wait)| {
            let name = self.name(id)?;
            Some((name, self.reason(wait, now)))
        });
        let endpoints = self.schedule.endpoints(now.boot);
        Waiting {
            endpoints: endpoints.iter().map(|view| self.endpoint(view, now)).collect(),
            credentials: named.collect(),
        }
    }

    fn name(&self, id: Id) -> Option<Box<str>> {
        self.items.get(&id).map(|item| item.credential.name.as_str().into())
    }

    fn reason(&self, wait: Wait, now: Now) -> Reason {
        match wait {
            Wait::Inputs => Reason::ReadingInputs,
            Wait::Breaker { since, next } => {
                Reason::BreakerOpen { since: wall(since, now), next_attempt_at: wall(next, now) }
            }
            Wait::Paused { until, scope, by } => {
                Reason::Paused(self.pausing(scope, until, by, now))
            }
            Wait::Queued { ahead } => Reason::Queued { ahead: Some(ahead) },
            Wait::UnderWay { since } => Reason::UnderWay { since: wall(since, now) },
        }
    }

    fn endpoint(&self, view: &EndpointView, now: Now) -> EndpointWaiting {
        let pauses =
            view.pauses.iter().map(|(scope, until, by)| self.pausing(*scope, *until, *by, now));
        EndpointWaiting {
            endpoint: without_query(&view.key.url).into(),
            breaker: match view.breaker {
                BreakerState::Closed => Breaker::Closed,
                BreakerState::HalfOpen => Breaker::HalfOpen,
                BreakerState::Open => Breaker::Open,
            },
            since: view.since.map(|since| wall(since, now)),
            next_attempt_at: view.next.map(|next| wall(next, now)),
            waiting: view.waiting,
            pauses: pauses.collect(),
        }
    }

    fn pausing(&self, scope: PauseScope, until: BootTime, by: Option<Id>, now: Now) -> Pausing {
        let asked_by = by.and_then(|id| self.name(id));
        Pausing { scope, until: wall(until, now), asked_by }
    }
}

/// A moment of this boot as a date, in whole seconds: so that a note does not change by itself.
fn wall(moment: BootTime, now: Now) -> WallTime {
    let date = now.wall + moment.since(now.boot) - now.boot.since(moment);
    WallTime::from_seconds(date.seconds())
}
