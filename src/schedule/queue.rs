//! Where everything waits: the bookkeeping behind the decisions.

use std::{
    ops::{Index, IndexMut},
    sync::Arc,
};

use super::{
    Id, Schedule,
    endpoint::{Endpoint, Opening, Seat},
    entry::{Place, Work},
    target::Target,
};
use crate::{
    clock::BootTime,
    credential::{Notification, TokenEndpoint},
};

/// Values under small numbers, which are used again.
#[derive(Debug)]
pub struct Slab<T> {
    slots: Vec<Option<T>>,
    free: Vec<u32>,
}

impl<T> Default for Slab<T> {
    fn default() -> Self {
        Self { slots: Vec::new(), free: Vec::new() }
    }
}

impl<T> Slab<T> {
    /// Makes room for as many more values, and no more than that.
    pub fn reserve(&mut self, more: usize) {
        self.slots.reserve_exact(more.saturating_sub(self.free.len()));
    }

    /// Keeps a value; its number.
    pub fn insert(&mut self, value: T) -> u32 {
        if let Some(index) = self.free.pop() {
            self.slots[index as usize] = Some(value);
            return index;
        }
        self.slots.push(Some(value));
        u32::try_from(self.slots.len() - 1).unwrap_or(u32::MAX)
    }

    /// Forgets a value.
    pub fn remove(&mut self, index: u32) {
        if self.slots[index as usize].take().is_some() {
            self.free.push(index);
        }
    }

    /// The value, if there is one.
    pub fn get(&self, index: u32) -> Option<&T> {
        self.slots.get(index as usize)?.as_ref()
    }

    /// The value, if there is one.
    pub fn get_mut(&mut self, index: u32) -> Option<&mut T> {
        self.slots.get_mut(index as usize)?.as_mut()
    }

    /// The numbers in use.
    pub fn indices(&self) -> Vec<u32> {
        (0..).zip(&self.slots).filter_map(|(index, slot)| slot.as_ref().map(|_| index)).collect()
    }
}

impl<T> Index<u32> for Slab<T> {
    type Output = T;

    fn index(&self, index: u32) -> &T {
        self.slots[index as usize].as_ref().expect("the number is in use")
    }
}

impl<T> IndexMut<u32> for Slab<T> {
    fn index_mut(&mut self, index: u32) -> &mut T {
        self.slots[index as usize].as_mut().expect("the number is in use")
    }
}

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
        while let Some(&(at, index)) = self.opening.first()
            && at <= now
        {
            self.seat_endpoint(index, now);
        }
    }

    /// Puts an entry that waits nowhere where it belongs.
    pub(super) fn seat(&mut self, id: Id, now: BootTime) {
        let entry = &mut self.entries[id.0];
        if matches!(entry.place, Place::Busy(_)) {
            return;
        }
        if entry.removed {
            let endpoint = entry.endpoint;
            self.entries.remove(id.0);
            self.leave_endpoint(endpoint, now);
            return;
        }
        let at = entry.next_moment();
        if at > now {
            entry.place = Place::Timer(at);
            self.timers.insert((at, id));
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
            Place::Waiting(expiry) => {
                let index = entry.endpoint;
                self.endpoints[index].waiting.remove(&(expiry, id));
                self.seat_endpoint(index, now);
            }
            Place::Busy(_) => return,
            Place::Nowhere => {}
        }
        self.entries[id.0].place = Place::Nowhere;
    }

    fn make_ready(&mut self, id: Id, now: BootTime) {
        let entry = &mut self.entries[id.0];
        if let Some(at) = entry.local_moment().filter(|at| *at <= now) {
            entry.place = Place::Ready(at);
            self.ready.insert((at, id));
        } else {
            let (expiry, index) = (entry.urgency(), entry.endpoint);
            entry.place = Place::Waiting(expiry);
            self.endpoints[index].waiting.insert((expiry, id));
            self.seat_endpoint(index, now);
        }
    }

    /// Puts an endpoint where its budget says.
    pub(super) fn seat_endpoint(&mut self, index: u32, now: BootTime) {
        let Some(endpoint) = self.endpoints.get_mut(index) else { return };
        match std::mem::take(&mut endpoint.seat) {
            Seat::Nowhere => {}
            Seat::Open(key) => {
                self.open.remove(&(key, index));
            }
            Seat::Opening(key) => {
                self.opening.remove(&(key, index));
            }
        }
        endpoint.seat = match endpoint.opening(self.limits.endpoint_spacing) {
            Opening::Closed => Seat::Nowhere,
            Opening::At(at) if at > now => Seat::Opening(at),
            Opening::At(_) => Seat::Open(endpoint.first_expiry()),
        };
        match endpoint.seat {
            Seat::Nowhere => {}
            Seat::Open(key) => {
                self.open.insert((key, index));
            }
            Seat::Opening(key) => {
                self.opening.insert((key, index));
            }
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
        let left = if matches!(entry.place, Place::Busy(Work::Request)) {
            entry.next_endpoint.replace(next)
        } else {
            Some(std::mem::replace(&mut entry.endpoint, next))
        };
        if let Some(left) = left {
            self.leave_endpoint(left, now);
        }
    }

    /// An endpoint that asked to be left alone is remembered, whoever comes and goes.
    pub(super) fn leave_endpoint(&mut self, index: u32, now: BootTime) {
        let endpoint = &mut self.endpoints[index];
        endpoint.users -= 1;
        if endpoint.users == 0 && endpoint.paused_until() <= now {
            self.endpoint_ids.remove(&endpoint.key);
            self.endpoints.remove(index);
        }
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
