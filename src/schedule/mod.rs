//! When to act: a pure state machine.
//!
//! No I/O, no clock and no randomness inside: the moment and the draw are arguments, decisions
//! come back as [`Step`]s, and whoever performs one reports how it went as an [`Outcome`]. That
//! is what makes a month of refreshing testable in milliseconds.
//!
//! # How it decides
//!
//! Each credential has one entry with at most two things to do: *local* work (save, adopt, publish)
//! and the next *request*. Whichever comes first waits in one queue by its moment. When that moment
//! passes, local work goes to a ready list, and a request to its endpoint's waiting list, the
//! earliest expiry first. A credential has at most one step under way.

mod backoff;
mod due;
mod endpoint;
mod entry;
mod known;
mod probes;
mod queue;
mod step;
mod target;

use std::{
    collections::{BTreeSet, HashMap},
    sync::Arc,
    time::Duration,
};

pub use self::{
    due::refresh_moment,
    known::{Held, Resume, Spec, View},
    probes::ResourceId,
    step::{Change, Limits, Outcome, Step},
};
use self::{
    endpoint::Endpoint,
    entry::{Entry, Local, Place, Work},
    probes::Probes,
    queue::Slab,
    target::Target,
};
use crate::{
    clock::BootTime,
    credential::{Notification, TokenEndpoint},
    error::Fault,
};

/// A credential in the schedule. An id is used again only after [`Schedule::is_gone`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Id(pub u32);

/// A consumer in the schedule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TargetId(u32);

/// Saves and publications under way at once. More would only queue at the disk.
const CONCURRENT_LOCAL: usize = 8;

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
    /// Endpoints that take a request now, by the expiry of the first that waits.
    open: BTreeSet<(BootTime, u32)>,
    /// Endpoints where somebody waits and that open at a moment.
    opening: BTreeSet<(BootTime, u32)>,
    /// Consumers with something to be told.
    telling: BTreeSet<(BootTime, u32)>,
    probes: Probes,
    requests: usize,
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
            open: BTreeSet::new(),
            opening: BTreeSet::new(),
            telling: BTreeSet::new(),
            probes: Probes::default(),
            requests: 0,
            local: 0,
        }
    }

    /// Other limits, from now on.
    pub fn set_limits(&mut self, limits: Limits, now: BootTime) {
        self.limits = limits;
        for index in self.endpoints.indices() {
            self.seat_endpoint(index, now);
        }
    }

    /// Makes room for as many more credentials: what grows by doubling leaves holes in memory.
    pub fn reserve(&mut self, more: usize) {
        self.entries.reserve(more);
    }

    /// A credential joins, with what is known of it from before.
    pub fn add(&mut self, spec: &Spec, resume: &Resume, now: BootTime) -> Id {
        let endpoint = self.join_endpoint(&spec.endpoint);
        if let Some(until) = resume.paused_until {
            self.endpoints[endpoint].pause(until);
        }
        let targets = spec.notifications.iter().map(|n| self.join_target(n)).collect();
        let entry = Entry::resumed(spec.refresh.clone(), endpoint, targets, resume, now);
        let id = Id(self.entries.insert(entry));
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
        self.entries[id.0].configure(spec.refresh.clone(), change, now, draw);
        self.seat(id, now);
    }

    /// A credential leaves. A step that is under way may still report.
    pub fn remove(&mut self, id: Id, now: BootTime) {
        self.unseat(id, now);
        let left = std::mem::take(&mut self.entries[id.0].targets);
        left.iter().for_each(|&target| self.leave_target(target, id));
        self.entries[id.0].removed = true;
        self.probes.forget(id);
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
        self.entries.get(id.0).is_some_and(|entry| entry.place == Place::Busy(Work::Request))
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
    pub fn probe(&mut self, id: Id, origin: &str) {
        self.probes.request(id, origin);
    }

    /// A probe has ended; its server asked to be left alone for so long.
    pub fn record_probe(
        &mut self,
        resource: ResourceId,
        retry_after: Option<Duration>,
        now: BootTime,
    ) {
        self.probes.ended(resource, retry_after.map(|span| now + span));
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
        self.entries[id.0].keep(now);
        self.seat(id, now);
    }

    /// Somebody has logged in: take that over before anything else.
    pub fn adopt(&mut self, id: Id, now: BootTime) {
        self.unseat(id, now);
        self.entries[id.0].adopt(now);
        self.seat(id, now);
    }

    /// What to do now.
    pub fn step(&mut self, now: BootTime) -> Step {
        self.wake(now);
        self.next_local()
            .or_else(|| self.next_request(now))
            .or_else(|| self.next_telling(now))
            .or_else(|| self.next_probe(now))
            .unwrap_or_else(|| Step::Wait(self.next_moment()))
    }

    /// How a step of `id` went. `draw` is uniform in `[0, 1)`.
    pub fn record(&mut self, id: Id, outcome: Outcome, now: BootTime, draw: f64) {
        match outcome {
            Outcome::Acquired { .. } | Outcome::Refused { .. } => self.requests -= 1,
            _ => self.local -= 1,
        }
        let index = self.entries[id.0].endpoint;
        let endpoint = &mut self.endpoints[index];
        match outcome {
            Outcome::Acquired { .. } => {
                endpoint.in_flight -= 1;
                endpoint.succeeded();
            }
            Outcome::Refused { fault, retry_after } => {
                endpoint.in_flight -= 1;
                retry_after.inspect(|span| endpoint.pause(now + *span));
                if fault == Fault::Transient {
                    endpoint.failed(id);
                }
            }
            _ => {}
        }
        self.entries[id.0].record(outcome, now, draw);
        if let Outcome::Published { changed: true } | Outcome::NotPublished { changed: true } =
            outcome
        {
            self.owe(id, now);
        }
        self.seat_endpoint(index, now);
        if let Some(next) = self.entries[id.0].next_endpoint.take() {
            self.entries[id.0].endpoint = next;
            self.leave_endpoint(index, now);
        }
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
    pub fn view(&self, id: Id) -> View {
        let entry = &self.entries[id.0];
        let mut view = entry.view();
        view.paused_until = self.endpoints[entry.endpoint].paused_until();
        view.tell_at = entry.targets.iter().filter_map(|&index| self.targets[index].due()).min();
        view
    }

    fn next_local(&mut self) -> Option<Step> {
        if self.local >= CONCURRENT_LOCAL {
            return None;
        }
        let (_, id) = self.ready.pop_first()?;
        self.local += 1;
        Some(match self.entries[id.0].start_local() {
            Local::Save => Step::Save(id),
            Local::Adopt => Step::Adopt(id),
            Local::Publish => Step::Publish(id),
        })
    }

    fn next_request(&mut self, now: BootTime) -> Option<Step> {
        if self.requests >= self.limits.concurrent_requests {
            return None;
        }
        let &(_, index) = self.open.first()?;
        let endpoint = &mut self.endpoints[index];
        let (_, id) = endpoint.waiting.pop_first()?;
        endpoint.started(now);
        self.requests += 1;
        self.entries[id.0].start_request(now);
        self.seat_endpoint(index, now);
        Some(Step::Acquire(id))
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
    fn next_moment(&self) -> Option<BootTime> {
        let may_request = self.requests < self.limits.concurrent_requests;
        let opening = self.opening.first().filter(|_| may_request);
        let probe = self.probes.next_moment(self.limits.endpoint_spacing);
        [self.timers.first().map(|first| first.0), opening.map(|first| first.0)]
            .into_iter()
            .chain([self.telling.first().map(|first| first.0)])
            .chain([probe.filter(|_| self.limits.allows_requests())])
            .flatten()
            .min()
    }
}

#[cfg(test)]
mod tests;
