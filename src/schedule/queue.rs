//! Where everything waits: the bookkeeping behind the decisions.

use std::sync::Arc;

use super::{
    Id, Schedule,
    endpoint::{Caller, Endpoint},
    place::{Membership, Place, Work},
    target::Target,
};
use crate::{
    clock::BootTime,
    credential::{Notification, TokenEndpoint},
};

impl Schedule {
    /// Moves everything whose moment has passed to where it can be picked.
    pub(super) fn wake(&mut self, now: BootTime) {
        while let Some(&(at, id)) = self.timers.first()
            && at <= now
        {
            self.timers.pop_first();
            self.entries[id.0].place = Place::Nowhere;
            self.make_ready(id, now);
        }
        while let Some(index) = self.agenda.overdue(now) {
            self.seat_endpoint(index, now);
        }
    }

    /// Puts an entry that waits nowhere where it belongs.
    pub(super) fn seat(&mut self, id: Id, now: BootTime) {
        let entry = &mut self.entries[id.0];
        if matches!(entry.place, Place::Busy(_)) {
            return;
        }
        if entry.membership == Membership::Leaving {
            let endpoint = entry.endpoint;
            self.entries.remove(id.0);
            self.leave_endpoint(endpoint, now);
            return;
        }
        let at = entry.next_moment();
        if at > now {
            self.wait_until(at, id);
        } else {
            self.make_ready(id, now);
        }
    }

    /// Takes an entry out of whatever it waits in.
    pub(super) fn unseat(&mut self, id: Id, now: BootTime) {
        let entry = &mut self.entries[id.0];
        match entry.place {
            Place::Timer(at) => {
                self.timers.remove(&(at, id));
            }
            Place::Ready(at) => {
                self.ready.remove(&(at, id));
            }
            Place::Preparing(line) => {
                self.inputs.leave(line.class, line.key, id);
            }
            Place::Waiting(line) => {
                let index = entry.endpoint;
                self.endpoints[index].leave(line, id);
                self.seat_endpoint(index, now);
            }
            Place::Busy(_) => return,
            Place::Nowhere => {}
        }
        self.entries[id.0].place = Place::Nowhere;
    }

    /// Puts an entry with something to do now into the line for it.
    fn make_ready(&mut self, id: Id, now: BootTime) {
        let entry = &mut self.entries[id.0];
        if let Some(at) = entry.local_moment().filter(|at| *at <= now) {
            entry.place = Place::Ready(at);
            self.ready.insert((at, id));
            return;
        }
        let endpoint = &mut self.endpoints[entry.endpoint];
        if let Some(paused) = endpoint.client_pause(entry.client.id.as_ref(), now) {
            let local_at = entry.local_moment().unwrap_or(paused.until);
            return self.wait_until(paused.until.min(local_at), id);
        }
        if !entry.is_prepared() {
            let line = entry.preparing_line();
            entry.place = Place::Preparing(line);
            self.inputs.wait(line.class, line.key, id);
            return;
        }
        let (line, index) = (entry.line(), entry.endpoint);
        entry.place = Place::Waiting(line);
        endpoint.wait(line, entry.lifetime(), id);
        self.seat_endpoint(index, now);
    }

    fn wait_until(&mut self, at: BootTime, id: Id) {
        self.entries[id.0].place = Place::Timer(at);
        self.timers.insert((at, id));
    }

    /// Puts an endpoint where its budget says.
    pub(super) fn seat_endpoint(&mut self, index: u32, now: BootTime) {
        if let Some(endpoint) = self.endpoints.get_mut(index) {
            let openings = endpoint.openings(self.limits.endpoint_spacing);
            self.agenda.place(index, &mut endpoint.seat, openings, now);
        }
    }

    /// Puts a consumer where its next moment says.
    pub(super) fn seat_target(&mut self, index: u32) {
        let Some(target) = self.targets.get_mut(index) else { return };
        if let Some(due) = target.seat.take() {
            self.telling.remove(&(due, index));
        }
        target.seat = target.due();
        if let Some(due) = target.seat {
            self.telling.insert((due, index));
        }
    }

    /// The outputs of `id` changed: each of its consumers is owed a notification.
    pub(super) fn owe(&mut self, id: Id, now: BootTime) {
        for index in self.entries[id.0].targets.clone() {
            self.targets[index].add(id, now);
            self.seat_target(index);
        }
    }

    pub(super) fn join_endpoint(&mut self, key: &Arc<TokenEndpoint>) -> u32 {
        let endpoints = &mut self.endpoints;
        let index = *self
            .endpoint_ids
            .entry(key.clone())
            .or_insert_with(|| endpoints.insert(Endpoint::new(key.clone())));
        self.endpoints[index].users += 1;
        index
    }

    /// The credential asks at `key` from now on; a request that is under way ends where it began.
    pub(super) fn move_to(&mut self, key: &Arc<TokenEndpoint>, id: Id, now: BootTime) {
        let next = self.join_endpoint(key);
        let entry = &mut self.entries[id.0];
        let left = if matches!(entry.place, Place::Busy(Work::Request(..))) {
            match std::mem::replace(&mut entry.membership, Membership::Moving(next)) {
                Membership::Moving(before) => Some(before),
                Membership::Member | Membership::Leaving => None,
            }
        } else {
            Some(std::mem::replace(&mut entry.endpoint, next))
        };
        if let Some(left) = left {
            self.leave_endpoint(left, now);
        }
    }

    /// A request of `id` has ended: if the credential has moved meanwhile, it moves now.
    pub(super) fn finish_moving(&mut self, id: Id, now: BootTime) {
        let entry = &mut self.entries[id.0];
        if let Membership::Moving(next) = entry.membership {
            entry.membership = Membership::Member;
            let left = std::mem::replace(&mut entry.endpoint, next);
            self.leave_endpoint(left, now);
        }
    }

    /// An endpoint or a client that asked to be left alone is remembered while credentials come and go.
    pub(super) fn leave_endpoint(&mut self, index: u32, now: BootTime) {
        self.endpoints[index].users -= 1;
        self.forget_if_unused(index, now);
    }

    /// Forgets an endpoint that nobody uses and that nothing need be remembered of.
    pub(super) fn forget_if_unused(&mut self, index: u32, now: BootTime) {
        if self.endpoints[index].is_forgettable(now) {
            let openings = [None; 4];
            let endpoint = &mut self.endpoints[index];
            self.agenda.place(index, &mut endpoint.seat, openings, now);
            self.endpoint_ids.remove(&endpoint.key);
            self.endpoints.remove(index);
        }
    }

    /// The one that asked for `id` the last time, as far as a server can tell.
    pub(super) fn caller(&self, id: Id) -> Caller {
        let client = self.entries[id.0].asked_as.id.clone();
        client.map_or(Caller::Credential(id), Caller::Client)
    }

    pub(super) fn join_target(&mut self, key: &Arc<Notification>) -> u32 {
        let targets = &mut self.targets;
        let index = *self
            .target_ids
            .entry(key.clone())
            .or_insert_with(|| targets.insert(Target::new(key.clone())));
        self.targets[index].users += 1;
        index
    }

    /// `id` is no longer one of those the consumer is told of, unless it still names it.
    pub(super) fn leave_target(&mut self, index: u32, id: Id) {
        let stays = self.entries[id.0].targets.contains(&index);
        let target = &mut self.targets[index];
        target.users -= 1;
        if !stays {
            target.pending.remove(&id);
        }
        self.seat_target(index);
        self.forget_unused_target(index);
    }

    /// A consumer that nobody names is forgotten, but not while it is being told.
    pub(super) fn forget_unused_target(&mut self, index: u32) {
        let target = &self.targets[index];
        if target.users == 0 && target.telling.is_empty() {
            self.target_ids.remove(&target.notification);
            self.targets.remove(index);
        }
    }
}
