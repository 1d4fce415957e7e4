//! One credential in the schedule: what it holds, what it does next and when.

use std::{sync::Arc, time::Duration};

use super::{
    Change, Held, Outcome, Refusal, Resume,
    backoff::{self, Served},
    breaker::Breaker,
    class::Class,
    local::{Local, LocalWork},
    refresh_moment,
};
use crate::{
    clock::BootTime,
    credential::{Client, RefreshPolicy},
    error::{Evidence, Fault, PauseScope},
};

/// So many failures in a row say nothing of a credential, though its endpoint works.
const FORGIVEN: u32 = 2;

/// Where an entry waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// Being moved.
    Nowhere,
    /// Among the timers, under this moment.
    Timer(BootTime),
    /// In the ready list, under this moment.
    Ready(BootTime),
    /// For its values to be read.
    Preparing(Line),
    /// At its endpoint.
    Waiting(Line, Duration),
    /// A step of it is under way.
    Busy(Work),
}

/// A place in a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Line {
    /// Which line.
    pub class: Class,
    /// The order in it.
    pub key: BootTime,
}

/// What is under way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Work {
    /// A save, an adoption or a publication.
    Local,
    /// Its values are read.
    Prepare(Class, BootTime),
    /// A request, sent as this class at this moment.
    Request(Class, BootTime, Then),
}

/// What follows a request that is under way; the later ones matter more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Then {
    /// What its outcome says.
    AsItEnds,
    /// Another one, which a calendar or an operator wants.
    AskAgain,
    /// Another one, because inputs have changed: its outcome is outdated.
    BeginAgain,
}

/// Whether the entry stays.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Membership {
    /// It stays at its endpoint.
    Member,
    /// It moves to this endpoint when the request under way has ended.
    Moving(u32),
    /// It leaves when nothing of it is under way.
    Leaving,
}

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

/// How requests went since the last token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Progress {
    /// None has failed.
    Well,
    /// Some have failed, and it is asked again.
    Failing(Streak),
    /// Some have failed, and asking again is of little use until an input changes.
    Parked(Streak),
}

/// Failures with no token between.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Streak {
    failures: u32,
    /// When the first of these requests was sent.
    since: BootTime,
    /// Whether the server had answered others since then when the last one was sent.
    others_had_answers: bool,
    /// What they say of the credential: [`Class::Shaken`] or [`Class::Failed`].
    class: Class,
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
        let Some(held) = self.held.filter(|_| self.is_parked()) else { return };
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
        if let Progress::Failing(streak) | Progress::Parked(streak) = &mut self.progress {
            streak.others_had_answers |= breaker.has_answered_since(streak.since);
        }
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
        match self.progress {
            Progress::Well => match self.held {
                None => Line { class: Class::New, key: self.request_at },
                Some(_) => {
                    let key = self.good_until().unwrap_or_default();
                    Line { class: Class::Served, key }
                }
            },
            Progress::Failing(streak) | Progress::Parked(streak) => {
                let key = self.last_request.unwrap_or_default();
                Line { class: streak.class, key }
            }
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

    /// Requests that failed since the last token.
    pub fn failures(&self) -> u32 {
        self.streak().map_or(0, |streak| streak.failures)
    }

    fn streak(&self) -> Option<Streak> {
        match self.progress {
            Progress::Well => None,
            Progress::Failing(streak) | Progress::Parked(streak) => Some(streak),
        }
    }

    /// Whether asking again is of little use until an input changes.
    pub fn is_parked(&self) -> bool {
        matches!(self.progress, Progress::Parked(_))
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
        let failures = self.failures().saturating_add(1);
        self.ask_at(now + self.delay(refusal, failures, breaker_is_open, now, draw));
        let streak = self.streak_after(refusal, failures, now);
        self.progress = match refusal.fault {
            Fault::Permanent => Progress::Parked(streak),
            Fault::Transient | Fault::Local => Progress::Failing(streak),
        };
        if let Some(pause) = refusal.pause.filter(|pause| pause.scope == PauseScope::Credential) {
            self.pause(now + pause.span);
        }
    }

    /// Its failures with this one. It counts as shaken if it has had a token and either nobody else
    /// has had an answer since, or it has failed once or twice: that befalls everybody.
    fn streak_after(&self, refusal: &Refusal, failures: u32, now: BootTime) -> Streak {
        let before = self.streak();
        let since = before.map_or(self.last_request.unwrap_or(now), |streak| streak.since);
        let others_had_answers = before.is_some_and(|streak| streak.others_had_answers);
        let may_be_endpoint =
            refusal.fault == Fault::Transient && refusal.evidence != Evidence::Working;
        let is_alone = failures > FORGIVEN && others_had_answers;
        let has_failed = before.is_some_and(|streak| streak.class == Class::Failed);
        let is_shaken = self.held.is_some() && may_be_endpoint && !is_alone && !has_failed;
        let class = if is_shaken { Class::Shaken } else { Class::Failed };
        Streak { failures, since, others_had_answers, class }
    }

    /// How long it waits after a refusal.
    fn delay(
        &self,
        refusal: &Refusal,
        failures: u32,
        breaker_is_open: bool,
        now: BootTime,
        draw: f64,
    ) -> Duration {
        let served = self.served(now);
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
