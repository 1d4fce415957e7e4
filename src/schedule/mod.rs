//! When to act: a pure state machine.
//!
//! No I/O, no clock and no randomness inside: the moment and the draw are arguments, decisions
//! come back as [`Step`]s, and whoever performs one reports how it went as an [`Outcome`]. That
//! is what makes a month of refreshing testable in milliseconds.
//!
//! # How it decides
//!
//! Each credential has one entry. Local work (save, adopt, publish) goes to a ready list when its
//! moment has passed. A request goes through two lines: first its values are read on this machine,
//! then it waits at its token endpoint. Both have a [`Budget`], which is shared fairly by those that
//! are served, those that are new and those that have failed. An endpoint has a circuit breaker
//! as well, and pauses: of all, of a client, of a credential. A credential has at most one step
//! under way. `docs/architecture.md` has a picture of an entry's states.

mod agenda;
mod backoff;
mod breaker;
mod budget;
mod class;
mod due;
mod endpoint;
mod entry;
mod known;
mod local;
mod place;
mod probes;
mod progress;
mod queue;
mod requests;
mod slab;
mod step;
mod target;
mod wait;

use std::{
    collections::{BTreeSet, HashMap},
    sync::Arc,
    time::Duration,
};

use self::{
    agenda::Agenda,
    budget::{Budget, Slots},
    class::{Class, Tally},
    endpoint::Endpoint,
    entry::Entry,
    local::Local,
    place::{Place, Work},
    probes::Probes,
    slab::Slab,
    target::Target,
};
pub use self::{
    breaker::BreakerState,
    due::refresh_moment,
    known::{Held, Resume, Spec, View},
    probes::ResourceId,
    step::{Change, Limits, Outcome, Refusal, Step},
    wait::{EndpointView, Wait},
};
use crate::{
    clock::BootTime,
    credential::{Notification, TokenEndpoint},
};

/// A credential in the schedule. An id is used again only after [`Schedule::is_gone`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Id(pub u32);

/// A consumer in the schedule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TargetId(u32);

/// Saves and publications under way at once. More would only queue at the disk.
const CONCURRENT_LOCAL: usize = 8;

/// How many read the values for their requests at once: files, and programs that may hang.
const INPUTS: Slots = Slots { first: 16, all: 64 };

/// The schedule of every credential.
#[derive(Debug)]
pub struct Schedule {
    limits: Limits,
    entries: Slab<Entry>,
    endpoints: Slab<Endpoint>,
    targets: Slab<Target>,
    endpoint_ids: HashMap<Arc<TokenEndpoint>, u32>,
    target_ids: HashMap<Arc<Notification>, u32>,
    /// What is due later.
    timers: BTreeSet<(BootTime, Id)>,
    /// Local work that is due.
    ready: BTreeSet<(BootTime, Id)>,
    /// Who waits for the values of its request.
    inputs: Budget,
    /// Endpoints where somebody waits, by when they can be asked.
    agenda: Agenda,
    /// Consumers with something to be told.
    telling: BTreeSet<(BootTime, u32)>,
    probes: Probes,
    /// Requests under way over all endpoints, by class.
    requests: Tally,
    /// The same, by name.
    under_way: Vec<Id>,
    local: usize,
}

impl Schedule {
    /// An empty schedule.
    pub fn new(limits: Limits) -> Self {
        Self {
            limits,
            entries: Slab::default(),
            endpoints: Slab::default(),
            targets: Slab::default(),
            endpoint_ids: HashMap::new(),
            target_ids: HashMap::new(),
            timers: BTreeSet::new(),
            ready: BTreeSet::new(),
            inputs: Budget::new(INPUTS),
            agenda: Agenda::default(),
            telling: BTreeSet::new(),
            probes: Probes::default(),
            requests: Tally::default(),
            under_way: Vec::new(),
            local: 0,
        }
    }

    /// Other limits, from now on. Endpoints that were remembered for their pause alone are forgotten
    /// if that has ended.
    pub fn set_limits(&mut self, limits: Limits, now: BootTime) {
        self.limits = limits;
        for index in self.endpoints.indices() {
            self.seat_endpoint(index, now);
            self.forget_if_unused(index, now);
        }
    }

    /// Makes room for as many more credentials: what grows by doubling leaves holes in memory.
    pub fn reserve(&mut self, more: usize) {
        self.entries.reserve(more);
    }

    /// A credential joins, with what is known of it from before.
    pub fn add(&mut self, spec: &Spec, resume: &Resume, now: BootTime) -> Id {
        let endpoint = self.join_endpoint(&spec.endpoint);
        let targets = spec.notifications.iter().map(|n| self.join_target(n)).collect();
        let (refresh, client) = (spec.refresh.clone(), spec.client.clone());
        let entry = Entry::resumed(refresh, endpoint, client, targets, resume, now);
        let id = Id(self.entries.insert(entry));
        self.resume_pause(id, resume, now);
        if resume.untold {
            self.owe(id, now);
        }
        self.seat(id, now);
        id
    }

    /// A credential's configuration changed.
    pub fn update(&mut self, id: Id, spec: &Spec, change: Change, now: BootTime, draw: f64) {
        self.unseat(id, now);
        self.move_to(&spec.endpoint, id, now);
        let targets: Box<[u32]> = spec.notifications.iter().map(|n| self.join_target(n)).collect();
        let left = std::mem::replace(&mut self.entries[id.0].targets, targets);
        left.iter().for_each(|&target| self.leave_target(target, id));
        self.entries[id.0].client = spec.client.clone();
        self.entries[id.0].configure(spec.refresh.clone(), change, now, draw);
        self.seat(id, now);
    }

    /// A credential leaves. A step that is under way may still report.
    pub fn remove(&mut self, id: Id, now: BootTime) {
        self.unseat(id, now);
        let left = std::mem::take(&mut self.entries[id.0].targets);
        left.iter().for_each(|&target| self.leave_target(target, id));
        self.entries[id.0].membership = self.leaving(id, now);
        self.probes.forget(id, self.limits.endpoint_spacing, now);
        self.seat(id, now);
    }

    /// Whether the credential was removed and nothing of it is under way.
    pub fn is_gone(&self, id: Id) -> bool {
        self.entries.get(id.0).is_none()
    }

    /// Ask for a new token as soon as `min_interval` allows: a calendar or an operator
    /// wants it, or the time for it is short.
    pub fn expedite(&mut self, id: Id, now: BootTime) {
        self.unseat(id, now);
        self.entries[id.0].expedite(now);
        self.seat(id, now);
    }

    /// The answer to the request of `id` that is under way was lost.
    pub fn doubt(&mut self, id: Id) {
        if let Some(entry) = self.entries.get_mut(id.0) {
            entry.doubt();
        }
    }

    /// Whether a request of `id` is under way.
    pub fn is_asking(&self, id: Id) -> bool {
        let place = self.entries.get(id.0).map(|entry| entry.place);
        matches!(place, Some(Place::Busy(Work::Request(..))))
    }

    /// Nobody takes the token of `id` any more.
    pub fn revoke(&mut self, id: Id) {
        if let Some(entry) = self.entries.get_mut(id.0) {
            entry.revoke();
        }
    }

    /// A resource takes the token of `id`, whatever was thought of it.
    pub fn trust(&mut self, id: Id, now: BootTime) {
        self.unseat(id, now);
        self.entries[id.0].trust();
        self.seat(id, now);
    }

    /// The token of `id` is to be probed at the server of this origin.
    pub fn probe(&mut self, id: Id, origin: &str, now: BootTime) {
        self.probes.request(id, origin, self.limits.endpoint_spacing, now);
    }

    /// A probe has ended; its server asked to be left alone for so long.
    pub fn record_probe(
        &mut self,
        resource: ResourceId,
        retry_after: Option<Duration>,
        now: BootTime,
    ) {
        let until = retry_after.map(|span| now + span);
        self.probes.ended(resource, until, self.limits.endpoint_spacing, now);
    }

    /// Write the token to its outputs once more.
    pub fn republish(&mut self, id: Id, now: BootTime) {
        self.unseat(id, now);
        self.entries[id.0].republish(now);
        self.seat(id, now);
    }

    /// A refresh token came without a token to publish: make it durable.
    pub fn keep(&mut self, id: Id, now: BootTime) {
        self.unseat(id, now);
        self.entries[id.0].local.save(now);
        self.seat(id, now);
    }

    /// Somebody has logged in: take that over before anything else.
    pub fn adopt(&mut self, id: Id, now: BootTime) {
        self.unseat(id, now);
        self.entries[id.0].local.adopt(now);
        self.seat(id, now);
    }

    /// What to do now.
    pub fn step(&mut self, now: BootTime) -> Step {
        self.wake(now);
        self.next_local()
            .or_else(|| self.next_preparation(now))
            .or_else(|| self.next_request(now))
            .or_else(|| self.next_telling(now))
            .or_else(|| self.next_probe(now))
            .unwrap_or_else(|| Step::Wait(self.next_moment(now)))
    }

    /// How a step of `id` went. `draw` is uniform in `[0, 1)`.
    pub fn record(&mut self, id: Id, outcome: Outcome, now: BootTime, draw: f64) {
        match self.entries[id.0].place {
            Place::Busy(Work::Request(class, started, _)) => {
                self.request_ended(id, class, started, outcome, now);
            }
            Place::Busy(Work::Prepare(class, started)) => self.inputs.end(class, started),
            _ => self.local -= 1,
        }
        let index = self.entries[id.0].endpoint;
        self.entries[id.0].record(outcome, &self.endpoints[index].breaker, now, draw);
        if let Outcome::Published { changed: true } | Outcome::NotPublished { changed: true } =
            outcome
        {
            self.owe(id, now);
        }
        self.seat_endpoint(index, now);
        self.finish_moving(id, now);
        self.seat(id, now);
    }

    /// How telling a consumer went.
    pub fn record_notification(&mut self, target: TargetId, told: bool, now: BootTime, draw: f64) {
        let Self { targets, entries, .. } = self;
        let names_it = |id: &Id| entries.get(id.0).is_some_and(|e| e.targets.contains(&target.0));
        targets[target.0].telling.retain(names_it);
        targets[target.0].finish(told, now, draw);
        self.seat_target(target.0);
        self.forget_unused_target(target.0);
    }

    /// Whether every consumer of `id` has been told of its last change.
    pub fn is_told(&self, id: Id) -> bool {
        self.entries[id.0].targets.iter().all(|&index| {
            let target = &self.targets[index];
            !target.pending.contains(&id) && !target.telling.contains(&id)
        })
    }

    /// What is known of `id`.
    pub fn view(&self, id: Id, now: BootTime) -> View {
        let entry = &self.entries[id.0];
        let wait = self.wait(id, entry, now);
        View {
            held: entry.held(),
            request_at: entry.request_at(),
            expected_at: wait.and_then(Wait::ends).unwrap_or_default().max(entry.request_at()),
            wait,
            local_at: entry.local_moment(),
            tell_at: entry.targets.iter().filter_map(|&index| self.targets[index].due()).min(),
            failures: entry.progress().failures(),
            parked: entry.progress().is_parked(),
        }
    }

    fn next_local(&mut self) -> Option<Step> {
        if self.local >= CONCURRENT_LOCAL {
            return None;
        }
        let (_, id) = self.ready.pop_first()?;
        self.local += 1;
        Some(match self.entries[id.0].start_local() {
            Some(Local::Save) => Step::Save(id),
            Some(Local::Adopt) => Step::Adopt(id),
            Some(Local::Publish) | None => Step::Publish(id),
        })
    }

    fn next_telling(&mut self, now: BootTime) -> Option<Step> {
        let &(due, index) = self.telling.first()?;
        if due > now {
            return None;
        }
        let target = &mut self.targets[index];
        target.start();
        let ids = target.telling.iter().copied().collect();
        let notification = target.notification.clone();
        self.seat_target(index);
        Some(Step::Notify(TargetId(index), notification, ids))
    }

    fn next_probe(&mut self, now: BootTime) -> Option<Step> {
        if !self.limits.allows_requests() {
            return None;
        }
        let (id, resource) = self.probes.next(self.limits.endpoint_spacing, now)?;
        Some(Step::Probe(id, resource))
    }

    /// The next moment at which [`Schedule::step`] may have something else to say.
    fn next_moment(&self, now: BootTime) -> Option<BootTime> {
        let allowed = self.limits.allows_requests();
        let preparing = Class::ALL.into_iter().filter_map(|class| {
            self.inputs.first(class)?;
            self.inputs.opens(class, Duration::ZERO).filter(|at| *at > now)
        });
        let requests = [self.agenda.next_moment(), self.probes.next_moment()].into_iter().flatten();
        let remote = preparing.chain(requests).filter(|_| allowed);
        let timer = self.timers.first().map(|first| first.0);
        let telling = self.telling.first().map(|first| first.0);
        timer.into_iter().chain(telling).chain(remote).min()
    }
}

#[cfg(test)]
mod tests;
