//! One credential in the schedule: what it holds, what it does next and when.

use std::{sync::Arc, time::Duration};

use super::{Change, Held, Outcome, Resume, View, backoff, refresh_moment};
use crate::{clock::BootTime, credential::RefreshPolicy, error::Fault};

/// Work on this machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Local {
    /// Make the token durable.
    Save,
    /// Take over a log-in.
    Adopt,
    /// Write it to its outputs.
    Publish,
}

/// Where an entry waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// Being moved.
    Nowhere,
    /// Among the timers, under this moment.
    Timer(BootTime),
    /// In the ready list, under this moment.
    Ready(BootTime),
    /// In its endpoint's waiting list, under this expiry.
    Waiting(BootTime),
    /// A step of it is under way.
    Busy(Work),
}

/// What is under way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Work {
    /// A request.
    Request,
    /// A save, an adoption or a publication.
    Local,
}

/// One credential.
#[derive(Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own, not a state")]
pub struct Entry {
    /// Where it waits.
    pub place: Place,
    /// Its endpoint's number.
    pub endpoint: u32,
    /// The endpoint it moves to when the request that is under way has ended.
    pub next_endpoint: Option<u32>,
    /// Its consumers' numbers.
    pub targets: Box<[u32]>,
    /// It leaves as soon as nothing is under way.
    pub removed: bool,
    policy: Arc<RefreshPolicy>,
    held: Option<Held>,
    /// The token in our hands may have been ended by one whose answer was lost.
    in_doubt: bool,
    /// A save or a publication.
    local: Option<(Local, BootTime)>,
    /// When a log-in is taken over.
    login_at: Option<BootTime>,
    request_at: BootTime,
    last_request: Option<BootTime>,
    failures: u32,
    local_failures: u32,
    parked: bool,
    /// Inputs changed during the request that is under way: its token is already outdated.
    request_again: bool,
    /// A publication is wanted after the step that is under way, or after the save that waits.
    publish_again: bool,
}

impl Entry {
    /// An entry that goes on where the last process stopped. A token from before is published
    /// once more: outputs that are whole stay untouched, a half-done publication is finished.
    pub fn resumed(
        policy: Arc<RefreshPolicy>,
        endpoint: u32,
        targets: Box<[u32]>,
        resume: &Resume,
        now: BootTime,
    ) -> Self {
        let mut entry = Self {
            place: Place::Nowhere,
            endpoint,
            next_endpoint: None,
            targets,
            removed: false,
            policy,
            held: resume.held,
            in_doubt: false,
            local: resume.held.map(|_| (Local::Publish, now)),
            login_at: None,
            request_at: now,
            last_request: resume.last_request,
            failures: 0,
            local_failures: 0,
            parked: false,
            request_again: false,
            publish_again: false,
        };
        entry.ask_at(resume.held.map_or(now, |held| held.due));
        entry
    }

    /// The configuration changed.
    pub fn configure(
        &mut self,
        policy: Arc<RefreshPolicy>,
        change: Change,
        now: BootTime,
        draw: f64,
    ) {
        if self.policy != policy {
            self.policy = policy;
            self.replan(draw);
        }
        if change.publish {
            self.republish(now);
        }
        if change.acquire {
            self.failures = 0;
            self.parked = false;
            self.expedite(now);
        }
    }

    /// The token in our hands opens nothing any more.
    pub fn revoke(&mut self) {
        self.in_doubt = true;
    }

    /// The token in our hands is good after all, until it is to be refreshed.
    pub fn trust(&mut self) {
        self.in_doubt = false;
        let Some(held) = self.held.filter(|_| self.parked) else { return };
        self.parked = false;
        self.failures = 0;
        self.ask_at(held.due);
    }

    /// A new token is wanted now.
    pub fn expedite(&mut self, now: BootTime) {
        self.request_again = matches!(self.place, Place::Busy(Work::Request));
        self.ask_at(now);
    }

    /// The answer to a request was lost. Where a new token ends the one before, that may have
    /// happened, and from now on we ask as if there were none.
    pub fn doubt(&mut self) {
        self.in_doubt = self.policy.exclusive;
    }

    /// The token is to be written once more.
    pub fn republish(&mut self, now: BootTime) {
        if self.held.is_some() {
            let is_saving = matches!(self.local, Some((Local::Save, _)));
            self.publish_again |= is_saving || matches!(self.place, Place::Busy(Work::Local));
            self.local = self.local.or(Some((Local::Publish, now)));
        }
    }

    /// A refresh token is to be made durable; a publication that is due comes after it.
    pub fn keep(&mut self, now: BootTime) {
        let publication = self.local.is_some_and(|(local, _)| local == Local::Publish);
        self.publish_again = self.publish_again || publication;
        self.local = Some((Local::Save, now));
    }

    /// A log-in is to be taken over.
    pub fn adopt(&mut self, now: BootTime) {
        self.login_at = Some(now);
    }

    /// The local work that is due goes under way.
    pub fn start_local(&mut self) -> Local {
        self.place = Place::Busy(Work::Local);
        self.next_local().map_or(Local::Publish, |(local, _)| local)
    }

    /// A request goes under way.
    pub fn start_request(&mut self, now: BootTime) {
        self.place = Place::Busy(Work::Request);
        self.last_request = Some(now);
    }

    /// The step that was under way has ended.
    pub fn record(&mut self, outcome: Outcome, now: BootTime, draw: f64) {
        self.place = Place::Nowhere;
        match outcome {
            Outcome::Acquired { requested_at, lifetime } => {
                self.acquired(requested_at, lifetime, now, draw);
            }
            Outcome::Refused { fault, retry_after } => {
                self.refused(fault, retry_after, now, draw);
            }
            Outcome::Saved => {
                self.publish_again = false;
                self.local_done(Some((Local::Publish, now)));
            }
            Outcome::NotSaved => self.local_failed(Local::Save, now, draw),
            Outcome::Adopted(held) => self.adopted(held, now),
            Outcome::NotAdopted => {
                self.local_failures = self.local_failures.saturating_add(1);
                self.login_at = Some(now + backoff::LOCAL.delay(self.local_failures, draw));
            }
            Outcome::Kept | Outcome::Published { .. } => {
                let again = std::mem::take(&mut self.publish_again);
                self.local_done(again.then_some((Local::Publish, now)));
            }
            Outcome::NotPublished { .. } => self.local_failed(Local::Publish, now, draw),
        }
    }

    /// When there is something to do.
    pub fn next_moment(&self) -> BootTime {
        self.local_moment().map_or(self.request_at, |at| at.min(self.request_at))
    }

    /// When there is local work to do.
    pub fn local_moment(&self) -> Option<BootTime> {
        self.next_local().map(|(_, at)| at)
    }

    /// Who goes first at an endpoint: the earliest expiry, and before all who has no token.
    pub fn urgency(&self) -> BootTime {
        self.good_until().unwrap_or_default()
    }

    /// Until when consumers have a token that opens something, as far as we know.
    fn good_until(&self) -> Option<BootTime> {
        self.held.filter(|_| !self.in_doubt).map(|held| held.expires())
    }

    /// What is known now.
    pub fn view(&self) -> View {
        View {
            held: self.held,
            request_at: self.request_at,
            paused_until: BootTime::default(),
            local_at: self.local_moment(),
            tell_at: None,
            failures: self.failures,
            parked: self.parked,
        }
    }

    fn acquired(&mut self, requested_at: BootTime, lifetime: Duration, now: BootTime, draw: f64) {
        let due = refresh_moment(&self.policy, requested_at, lifetime, draw);
        self.held = Some(Held { requested_at, lifetime, due });
        self.in_doubt = false;
        self.failures = 0;
        self.local_failures = 0;
        self.parked = false;
        self.local = Some((Local::Save, now));
        let again = std::mem::take(&mut self.request_again);
        self.ask_at(if again { now } else { due });
    }

    /// A log-in is newer than everything else, and somebody waits for it: no floor holds it up.
    fn adopted(&mut self, held: Option<Held>, now: BootTime) {
        self.login_at = None;
        self.local_failures = 0;
        let Some(held) = held else { return };
        self.held = Some(held);
        self.in_doubt = false;
        self.failures = 0;
        self.parked = false;
        self.local = Some((Local::Publish, now));
        self.ask_at(held.due);
    }

    fn refused(&mut self, fault: Fault, retry_after: Option<Duration>, now: BootTime, draw: f64) {
        self.failures = self.failures.saturating_add(1);
        self.parked = fault == Fault::Permanent;
        let expires = self.good_until();
        let delay = match fault {
            Fault::Transient => {
                backoff::transient(self.policy.min_interval, self.failures, expires, now, draw)
            }
            Fault::Permanent => backoff::parked(expires, now, draw),
            Fault::Local => backoff::LOCAL.delay(self.failures, draw),
        };
        let again = std::mem::take(&mut self.request_again);
        self.ask_at(if again { now } else { now + delay.max(retry_after.unwrap_or_default()) });
    }

    fn local_done(&mut self, next: Option<(Local, BootTime)>) {
        self.local_failures = 0;
        self.local = next;
    }

    /// What is in hand is saved first, since it would overwrite the log-in; then a log-in, since
    /// it would be published over.
    fn next_local(&self) -> Option<(Local, BootTime)> {
        match (self.local, self.login_at) {
            (Some((Local::Publish, publish_at)), Some(login_at)) if publish_at < login_at => {
                Some((Local::Publish, publish_at))
            }
            (None | Some((Local::Publish, _)), Some(login_at)) => Some((Local::Adopt, login_at)),
            (local, _) => local,
        }
    }

    fn local_failed(&mut self, local: Local, now: BootTime, draw: f64) {
        self.publish_again &= local == Local::Save;
        self.local_failures = self.local_failures.saturating_add(1);
        self.local = Some((local, now + backoff::LOCAL.delay(self.local_failures, draw)));
    }

    /// The next request is due at `moment`, but not within `min_interval` of the last.
    fn ask_at(&mut self, moment: BootTime) {
        let floor = self.last_request.map_or(moment, |last| last + self.policy.min_interval);
        self.request_at = moment.max(floor);
    }

    /// A new policy moves the refresh of the token in hand; a retry that is due anyway stays.
    fn replan(&mut self, draw: f64) {
        if let Some(held) = &mut self.held {
            held.due = refresh_moment(&self.policy, held.requested_at, held.lifetime, draw);
            let due = held.due;
            if self.failures == 0 {
                self.ask_at(due);
            }
        }
    }
}
