//! One credential in the schedule: what it holds, what it does next and when.

use std::{sync::Arc, time::Duration};

use super::{
    Change, Held, Outcome, Refusal, Resume,
    backoff::{self, Served},
    breaker::Breaker,
    class::Class,
    local::{Local, LocalWork},
    place::{Line, Membership, Place, Then, Work},
    progress::Progress,
    refresh_moment,
};
use crate::{
    clock::BootTime,
    credential::{Client, RefreshPolicy},
    error::{Evidence, Fault, PauseScope},
};

/// Whether the token in hand opens something, as far as is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Trust {
    /// It does until it expires.
    Good,
    /// A lost answer may have ended it.
    Doubted,
    /// A resource has refused it.
    Revoked,
}

/// Whether the values for the next request have been read on this machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Inputs {
    /// Not yet.
    Unread,
    /// They have: nothing here keeps the request from being sent.
    Read,
}

/// One credential.
#[derive(Debug)]
pub struct Entry {
    /// Where it waits.
    pub place: Place,
    /// Its endpoint's number.
    pub endpoint: u32,
    /// Whether it stays there.
    pub membership: Membership,
    /// Its client, whose pauses it shares.
    pub client: Arc<Client>,
    /// The client of the last request.
    pub asked_as: Arc<Client>,
    /// Its consumers' numbers.
    pub targets: Box<[u32]>,
    /// What it has to do on this machine.
    pub local: LocalWork,
    policy: Arc<RefreshPolicy>,
    held: Option<Held>,
    trust: Trust,
    progress: Progress,
    request_at: BootTime,
    last_request: Option<BootTime>,
    /// When its values were last read, or tried to be.
    last_prepared: BootTime,
    inputs: Inputs,
    /// Until when its last refusal asked this credential alone to wait.
    paused_until: BootTime,
}

impl Entry {
    /// An entry that goes on where the last process stopped. A token from before is published
    /// once more: outputs that are whole stay untouched, a half-done publication is finished.
    pub fn resumed(
        policy: Arc<RefreshPolicy>,
        endpoint: u32,
        client: Arc<Client>,
        targets: Box<[u32]>,
        resume: &Resume,
        now: BootTime,
    ) -> Self {
        let mut entry = Self {
            place: Place::Nowhere,
            endpoint,
            membership: Membership::Member,
            asked_as: client.clone(),
            client,
            targets,
            local: LocalWork::publication(resume.held.map(|_| now)),
            policy,
            held: resume.held.or(resume.past),
            trust: Trust::Good,
            progress: Progress::Well,
            request_at: now,
            last_request: resume.last_request,
            last_prepared: BootTime::default(),
            inputs: Inputs::Unread,
            paused_until: BootTime::default(),
        };
        entry.ask_at(resume.held.map_or(now, |held| held.due));
        if let Some((PauseScope::Credential, until)) = resume.pause {
            entry.pause(until);
        }
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
            self.replan(now, draw);
        }
        if change.publish {
            self.republish(now);
        }
        if change.acquire {
            self.then(Then::BeginAgain);
            self.begin_again(now);
        }
    }

    /// A resource does not take the token in hand.
    pub fn revoke(&mut self) {
        self.trust = Trust::Revoked;
    }

    /// The token in hand is good after all, until it is to be refreshed.
    pub fn trust(&mut self) {
        self.trust = Trust::Good;
        let Some(held) = self.held.filter(|_| self.progress.is_parked()) else { return };
        self.progress = Progress::Well;
        self.ask_at(held.due);
    }

    /// The answer to a request was lost. Where a new token ends the one before, that may have
    /// happened, and from now on it is asked for as if there were none.
    pub fn doubt(&mut self) {
        if self.policy.exclusive && self.trust == Trust::Good {
            self.trust = Trust::Doubted;
        }
    }

    /// A new token is wanted now.
    pub fn expedite(&mut self, now: BootTime) {
        self.then(Then::AskAgain);
        self.ask_at(now);
    }

    /// The token is to be written once more.
    pub fn republish(&mut self, now: BootTime) {
        if self.held.is_some() {
            self.local.publish(now);
        }
    }

    /// The local work that is due goes under way.
    pub fn start_local(&mut self) -> Option<Local> {
        let local = self.local.start()?;
        self.place = Place::Busy(Work::Local);
        Some(local)
    }

    /// Its values are being read.
    pub fn start_preparing(&mut self, class: Class, now: BootTime) {
        self.last_prepared = now;
        self.place = Place::Busy(Work::Prepare(class, now));
    }

    /// A request goes under way.
    pub fn start_request(&mut self, class: Class, breaker: &Breaker, now: BootTime) {
        self.progress.asked(breaker);
        self.place = Place::Busy(Work::Request(class, now, Then::AsItEnds));
        self.last_request = Some(now);
        self.asked_as = self.client.clone();
        self.inputs = Inputs::Unread;
    }

    /// The step that was under way has ended; `breaker` is its endpoint's.
    pub fn record(&mut self, outcome: Outcome, breaker: &Breaker, now: BootTime, draw: f64) {
        let was = std::mem::replace(&mut self.place, Place::Nowhere);
        match outcome {
            Outcome::Prepared => self.inputs = Inputs::Read,
            Outcome::Acquired { requested_at, lifetime, grant } => {
                let due = refresh_moment(&self.policy, requested_at, lifetime, grant, draw);
                self.acquired(Held { requested_at, lifetime, grant, due }, now);
            }
            Outcome::Refused(refusal) => self.refused(&refusal, breaker.is_open(), now, draw),
            Outcome::Adopted(held) => self.adopted(held, now),
            Outcome::Saved => {
                self.local.succeeded();
                self.local.saved(now);
            }
            Outcome::Kept | Outcome::Published { .. } => self.local.succeeded(),
            Outcome::NotSaved => self.local.failed(Local::Save, now, draw),
            Outcome::NotAdopted => self.local.failed(Local::Adopt, now, draw),
            Outcome::NotPublished { .. } => self.local.failed(Local::Publish, now, draw),
        }
        match was {
            Place::Busy(Work::Request(_, _, Then::AskAgain)) => self.ask_at(now),
            Place::Busy(Work::Request(_, _, Then::BeginAgain)) => self.begin_again(now),
            _ => {}
        }
    }

    /// When there is something to do.
    pub fn next_moment(&self) -> BootTime {
        self.local_moment().map_or(self.request_at, |at| at.min(self.request_at))
    }

    /// When there is local work to do.
    pub fn local_moment(&self) -> Option<BootTime> {
        self.local.next().map(|(_, at)| at)
    }

    /// When the next request is due.
    pub fn request_at(&self) -> BootTime {
        self.request_at
    }

    /// Nothing is asked for before `until`: the server asked this credential to wait.
    pub fn pause(&mut self, until: BootTime) {
        self.paused_until = until;
        self.request_at = self.request_at.max(until);
    }

    /// Until when the server asked this credential alone to wait.
    pub fn paused_until(&self) -> BootTime {
        self.paused_until
    }

    /// Whether the values for the next request have been read.
    pub fn is_prepared(&self) -> bool {
        self.inputs == Inputs::Read
    }

    /// Its place in the line for reading values: those that have failed, by when they were tried last.
    pub fn preparing_line(&self) -> Line {
        let line = self.line();
        if line.class.has_failed() { Line { key: self.last_prepared, ..line } } else { line }
    }

    /// Its place in a line. Those that are served wait by the expiry of their token, one that is
    /// doubted or refused first; those that are new, by when they came; those that have failed, by
    /// when they were asked last.
    pub fn line(&self) -> Line {
        match (self.progress.class(), self.held) {
            (None, None) => Line { class: Class::New, key: self.request_at },
            (None, Some(_)) => {
                Line { class: Class::Served, key: self.good_until().unwrap_or_default() }
            }
            (Some(class), _) => Line { class, key: self.last_request.unwrap_or_default() },
        }
    }

    /// How long its tokens live, as far as is known.
    pub fn lifetime(&self) -> Duration {
        self.held.map_or(self.policy.assume_lifetime, |held| held.lifetime)
    }

    /// The token in hand.
    pub fn held(&self) -> Option<Held> {
        self.held
    }

    /// How requests went since the last token.
    pub fn progress(&self) -> Progress {
        self.progress
    }

    /// Until when consumers have a token that opens something, as far as is known.
    fn good_until(&self) -> Option<BootTime> {
        self.held.filter(|_| self.trust == Trust::Good).map(|held| held.expires())
    }

    fn served(&self, now: BootTime) -> Served {
        match (self.held, self.good_until()) {
            (None, _) => Served::Never,
            (Some(_), Some(until)) if until > now => Served::For(until.since(now)),
            (Some(held), until) => {
                let gone = until.map_or(Duration::ZERO, |until| now.since(until));
                Served::Until { gone, lifetime: held.lifetime }
            }
        }
    }

    /// What follows the request that is under way, if one is; what matters more stays.
    fn then(&mut self, next: Then) {
        if let Place::Busy(Work::Request(_, _, then)) = &mut self.place {
            *then = (*then).max(next);
        }
    }

    /// Inputs have changed: what refusals said of those before does not count.
    fn begin_again(&mut self, now: BootTime) {
        self.progress = Progress::Well;
        self.inputs = Inputs::Unread;
        self.paused_until = BootTime::default();
        self.ask_at(now);
    }

    fn acquired(&mut self, held: Held, now: BootTime) {
        self.hold(held);
        self.local.succeeded();
        self.local.save(now);
    }

    /// A log-in is newer than everything else, and somebody waits for it: no floor holds it up.
    fn adopted(&mut self, held: Option<Held>, now: BootTime) {
        self.local.succeeded();
        let Some(held) = held else { return };
        self.hold(held);
        self.local.saved(now);
    }

    fn hold(&mut self, held: Held) {
        self.held = Some(held);
        self.trust = Trust::Good;
        self.progress = Progress::Well;
        self.paused_until = BootTime::default();
        self.ask_at(held.due);
    }

    fn refused(&mut self, refusal: &Refusal, breaker_is_open: bool, now: BootTime, draw: f64) {
        let asked_at = self.last_request.unwrap_or(now);
        self.progress = self.progress.refused(refusal, self.held.is_some(), asked_at);
        self.ask_at(now + self.delay(refusal, breaker_is_open, now, draw));
        if let Some(pause) = refusal.pause.filter(|pause| pause.scope == PauseScope::Credential) {
            self.pause(now + pause.span);
        }
    }

    /// How long it waits after a refusal.
    fn delay(
        &self,
        refusal: &Refusal,
        breaker_is_open: bool,
        now: BootTime,
        draw: f64,
    ) -> Duration {
        let (served, failures) = (self.served(now), self.progress.failures());
        let min_interval = self.policy.min_interval;
        match (refusal.fault, refusal.evidence) {
            // The breaker paces it from here on.
            (Fault::Transient, _) if breaker_is_open => min_interval,
            (Fault::Transient, _) => backoff::transient(min_interval, failures, served, draw),
            // The server itself says so, and perhaps it does not know the client yet.
            (Fault::Permanent, Evidence::Working) if !matches!(served, Served::For(_)) => {
                backoff::REFUSED.delay(failures, draw)
            }
            (Fault::Permanent, _) => backoff::parked(served, draw),
            (Fault::Local, _) => backoff::LOCAL.delay(failures, draw),
        }
    }

    /// The next request is due at `moment`, but not within `min_interval` of the last.
    fn ask_at(&mut self, moment: BootTime) {
        let floor = self.last_request.map_or(moment, |last| last + self.policy.min_interval);
        self.request_at = moment.max(floor).max(self.paused_until);
    }

    /// A new policy moves the refresh of the token in hand. A retry that is due anyway stays, and
    /// so does a request that is due by now or wanted earlier than the old policy has it.
    fn replan(&mut self, now: BootTime, draw: f64) {
        let Some(held) = &mut self.held else { return };
        let Held { requested_at, lifetime, grant, .. } = *held;
        let due = refresh_moment(&self.policy, requested_at, lifetime, grant, draw);
        let before = std::mem::replace(&mut held.due, due);
        let is_wanted = self.request_at < before || self.request_at <= now;
        if self.progress == Progress::Well {
            self.ask_at(if is_wanted { due.min(self.request_at) } else { due });
        }
    }
}
