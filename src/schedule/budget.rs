//! What one server, or this machine, is asked at once: slots, spacing, a pause, and who waits.
//!
//! Token endpoints, probed servers and the reading of local values each have one.

use std::{
    collections::{BTreeSet, VecDeque},
    time::Duration,
};

use super::{
    Id,
    class::{Class, Tally, Turn, least_share, shares},
};
use crate::clock::BootTime;

/// What has been under way for longer gives its first slot back: something that hangs must not
/// keep the others waiting for its whole time-out.
const SLOW: Duration = Duration::from_secs(5);

/// How much may be under way at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Slots {
    /// Without counting what is slow.
    pub first: usize,
    /// Everything.
    pub all: usize,
}

/// A server, or this machine, and who waits for it.
#[derive(Debug)]
pub struct Budget {
    slots: Slots,
    waiting: [BTreeSet<(BootTime, Id)>; 4],
    turn: Turn,
    under_way: Tally,
    /// The latest starts, the oldest first.
    starts: VecDeque<(BootTime, Class)>,
    last_start: Option<BootTime>,
    paused_until: BootTime,
}

impl Budget {
    /// A budget that nobody has used yet.
    pub fn new(slots: Slots) -> Self {
        Self {
            slots,
            waiting: Default::default(),
            turn: Turn::default(),
            under_way: Tally::default(),
            starts: VecDeque::new(),
            last_start: None,
            paused_until: BootTime::default(),
        }
    }

    /// `id` waits, in the order of `key` among its class.
    pub fn wait(&mut self, class: Class, key: BootTime, id: Id) {
        self.waiting[class as usize].insert((key, id));
    }

    /// `id` waits no more.
    pub fn leave(&mut self, class: Class, key: BootTime, id: Id) {
        self.waiting[class as usize].remove(&(key, id));
    }

    /// Those of a class that wait, the first first.
    pub fn line(&self, class: Class) -> impl ExactSizeIterator<Item = &(BootTime, Id)> {
        self.waiting[class as usize].iter()
    }

    /// How many wait.
    pub fn waits(&self) -> usize {
        self.waiting.iter().map(BTreeSet::len).sum()
    }

    /// The key of the first of a class that waits.
    pub fn first(&self, class: Class) -> Option<BootTime> {
        self.waiting[class as usize].first().map(|(key, _)| *key)
    }

    /// The class that is next among those that `may` go and in which somebody waits.
    pub fn next_class(&self, may: impl Fn(Class) -> bool) -> Option<Class> {
        self.turn.choose(|class| !self.waiting[class as usize].is_empty() && may(class))
    }

    /// Takes the first of a class out of its line.
    pub fn pop(&mut self, class: Class) -> Option<Id> {
        self.waiting[class as usize].pop_first().map(|(_, id)| id)
    }

    /// When one more of `class` may start; `None`: not before something ends.
    pub fn opens(&self, class: Class, spacing: Duration) -> Option<BootTime> {
        let spaced = self.last_start.map_or(BootTime::default(), |start| start + spacing);
        let opens = spaced.max(self.paused_until);
        if self.under_way.sum() < least_share(self.slots.first) {
            return Some(opens);
        }
        if !self.under_way.has_room(class, self.slots.all) {
            return None;
        }
        let free = shares(class, self.slots.first)
            .map(|(members, share)| self.has_fewer(members, share))
            .max();
        Some(opens.max(free.unwrap_or_default()))
    }

    /// One of `class` starts, and the turn passes on.
    pub fn start(&mut self, class: Class, now: BootTime) {
        self.turn.pass();
        self.under_way.add(class);
        self.last_start = Some(now);
        while self.starts.front().is_some_and(|(start, _)| *start + SLOW <= now) {
            self.starts.pop_front();
        }
        self.starts.push_back((now, class));
    }

    /// What was started then has ended.
    pub fn end(&mut self, class: Class, started: BootTime) {
        self.under_way.remove(class);
        let position = self.starts.iter().position(|start| *start == (started, class));
        position.map(|position| self.starts.remove(position));
    }

    /// Nothing was sent by what was started then: it counts for no spacing.
    pub fn refund(&mut self, started: BootTime) {
        self.last_start.take_if(|last| *last == started);
    }

    /// How much is under way.
    pub fn under_way(&self) -> usize {
        self.under_way.sum()
    }

    /// Nothing starts before `until`.
    pub fn pause(&mut self, until: BootTime) {
        self.paused_until = self.paused_until.max(until);
    }

    /// Until when nothing starts.
    pub fn paused_until(&self) -> BootTime {
        self.paused_until
    }

    /// When fewer than `share` of `members` are under way, apart from what is slow by then.
    fn has_fewer(&self, members: &[Class], share: usize) -> BootTime {
        let ours = self.starts.iter().rev().filter(|(_, class)| members.contains(class));
        let oldest = ours.map(|(start, _)| *start).nth(share.saturating_sub(1));
        oldest.map_or(BootTime::default(), |start| start + SLOW)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SLOTS: Slots = Slots { first: 8, all: 16 };
    const SPACING: Duration = Duration::from_millis(100);

    fn at(millis: u64) -> BootTime {
        BootTime::from_millis(millis)
    }

    /// The moments of as many starts of `class` as there are while nothing ends.
    fn starts(budget: &mut Budget, class: Class) -> Vec<u64> {
        let mut now = at(0);
        let mut moments = Vec::new();
        while let Some(opens) = budget.opens(class, SPACING) {
            now = now.max(opens);
            budget.start(class, now);
            moments.push(now.millis());
        }
        moments
    }

    #[test]
    fn what_hangs_gives_its_first_slot_back_and_leaves_some_to_the_served() {
        let mut budget = Budget::new(SLOTS);
        assert_eq!(starts(&mut budget, Class::Failed), [0, 100, 5_000, 5_100]);
        assert_eq!(budget.opens(Class::New, SPACING), Some(at(5_200)));
        assert_eq!(starts(&mut budget, Class::New).len(), 8);
        assert_eq!(starts(&mut budget, Class::Served).len(), 4);
        assert_eq!(budget.opens(Class::Served, SPACING), None);
        budget.end(Class::Failed, at(0));
        assert!(budget.opens(Class::Served, SPACING).is_some());
    }

    #[test]
    fn starts_are_spaced_unless_nothing_was_sent() {
        let mut budget = Budget::new(SLOTS);
        budget.start(Class::New, at(500));
        assert_eq!(budget.opens(Class::New, SPACING), Some(at(600)));
        budget.end(Class::New, at(500));
        budget.refund(at(500));
        assert_eq!(budget.opens(Class::New, SPACING), Some(at(0)));
    }

    #[test]
    fn a_pause_holds_for_every_class_and_never_shrinks() {
        let mut budget = Budget::new(SLOTS);
        budget.pause(at(9_000));
        budget.pause(at(2_000));
        for class in Class::ALL {
            assert_eq!(budget.opens(class, SPACING), Some(at(9_000)), "{class:?}");
        }
    }
}
