//! Requests: who is asked for next, and what the end of a request says to its endpoint.

use std::time::Duration;

use super::{
    Id, Outcome, Resume, Schedule, Step, class::Class, endpoint::Paused, place::Membership,
};
use crate::{
    clock::BootTime,
    error::{Evidence, Fault, Pause, PauseScope},
};

impl Schedule {
    /// The next credential whose values are read.
    pub(super) fn next_preparation(&mut self, now: BootTime) -> Option<Step> {
        if !self.limits.allows_requests() {
            return None;
        }
        let is_open = |class| self.inputs.opens(class, Duration::ZERO).is_some_and(|at| at <= now);
        let class = self.inputs.next_class(is_open)?;
        let id = self.inputs.pop(class)?;
        self.inputs.start(class, now);
        self.entries[id.0].start_preparing(class, now);
        Some(Step::Prepare(id))
    }

    /// The next credential that is asked for.
    pub(super) fn next_request(&mut self, now: BootTime) -> Option<Step> {
        let (requests, limit) = (self.requests, self.limits.concurrent_requests);
        let spacing = self.limits.endpoint_spacing;
        loop {
            let has_room = |class| requests.has_room(class, limit);
            let index = self.agenda.choose(has_room)?;
            let endpoint = &self.endpoints[index];
            let is_open = |class| endpoint.opens(class, spacing).is_some_and(|at| at <= now);
            let class = endpoint.budget.next_class(|class| has_room(class) && is_open(class))?;
            let (_, id) = *endpoint.budget.line(class).next()?;
            let client = self.entries[id.0].client.id.as_ref();
            if endpoint.client_pause(client, now).is_none() {
                self.start_request(id, class, now);
                return Some(Step::Acquire(id));
            }
            // Its client was paused while it waited.
            self.unseat(id, now);
            self.seat(id, now);
        }
    }

    /// Sends the request of `id`, which is the first of its class at its endpoint.
    fn start_request(&mut self, id: Id, class: Class, now: BootTime) {
        self.agenda.started();
        self.requests.add(class);
        self.under_way.push(id);
        let entry = &mut self.entries[id.0];
        let index = entry.endpoint;
        let endpoint = &mut self.endpoints[index];
        endpoint.pop(class);
        entry.start_request(class, &endpoint.breaker, now);
        endpoint.started(class, now);
        self.seat_endpoint(index, now);
    }

    /// What the end of a request says to its endpoint.
    pub(super) fn request_ended(
        &mut self,
        id: Id,
        class: Class,
        started: BootTime,
        outcome: Outcome,
        now: BootTime,
    ) {
        self.requests.remove(class);
        self.under_way.retain(|other| *other != id);
        let endpoint = &mut self.endpoints[self.entries[id.0].endpoint];
        endpoint.budget.end(class, started);
        let Outcome::Refused(refusal) = outcome else { return endpoint.served(now) };
        if refusal.fault == Fault::Local {
            endpoint.budget.refund(started);
        }
        match refusal.evidence {
            Evidence::Working => endpoint.breaker.close(now),
            Evidence::Failing => endpoint.breaker.failed(id, started, now),
            Evidence::Unknown => {}
        }
        if let Some(pause) = refusal.pause {
            self.pause(id, started, pause, now);
        }
    }

    /// The server asked to wait, in reply to a request of `id` that was sent at `started`.
    fn pause(&mut self, id: Id, started: BootTime, pause: Pause, now: BootTime) {
        let caller = self.caller(id);
        let endpoint = &mut self.endpoints[self.entries[id.0].endpoint];
        let paused = Paused { until: now + pause.span, by: Some(id) };
        match pause.scope {
            PauseScope::Credential => {}
            PauseScope::Client => endpoint.pause_client(caller, paused, started, now),
            PauseScope::Endpoint => endpoint.pause(paused.until, paused.by),
        }
    }

    /// A pause that the process before this one has heard of.
    pub(super) fn resume_pause(&mut self, id: Id, resume: &Resume, now: BootTime) {
        let Some((scope, until)) = resume.pause else { return };
        let caller = self.caller(id);
        let endpoint = &mut self.endpoints[self.entries[id.0].endpoint];
        match scope {
            PauseScope::Credential => {}
            PauseScope::Client => {
                endpoint.resume_client(caller, Paused { until, by: Some(id) }, now);
            }
            PauseScope::Endpoint => endpoint.pause(until, Some(id)),
        }
        self.seat_endpoint(self.entries[id.0].endpoint, now);
    }

    /// `id` leaves; the endpoint that it was about to move to is left at once.
    pub(super) fn leaving(&mut self, id: Id, now: BootTime) -> Membership {
        if let Membership::Moving(next) = self.entries[id.0].membership {
            self.leave_endpoint(next, now);
        }
        Membership::Leaving
    }
}
