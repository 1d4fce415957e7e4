//! Which token is probed next: whose calendar has called, and how gently its resource is asked.

use std::{
    collections::{BTreeSet, HashMap},
    time::Duration,
};

use super::{
    Id,
    agenda::{Agenda, Opening, Seat},
    budget::{Budget, Slots},
    class::Class,
    slab::Slab,
};
use crate::clock::BootTime;

/// How many probes one resource server gets at once.
const SLOTS: Slots = Slots { first: 8, all: 16 };

/// All that are probed have a token, so they are of one class.
const CLASS: Class = Class::Served;

/// A probe under way: its resource server, and when it was started.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ResourceId {
    server: u32,
    started: BootTime,
}

/// Every probe that waits.
#[derive(Debug, Default)]
pub struct Probes {
    servers: Slab<Server>,
    by_origin: HashMap<Box<str>, u32>,
    agenda: Agenda,
    /// Who waits, where and since when, so that nobody waits twice.
    waiting: HashMap<Id, (u32, BootTime)>,
    /// Servers that nobody needs now, by the moment from which they can be forgotten.
    resting: BTreeSet<(BootTime, u32)>,
}

/// A resource server that is probed.
#[derive(Debug)]
struct Server {
    origin: Box<str>,
    budget: Budget,
    seat: Seat,
    rests_until: Option<BootTime>,
}

impl Probes {
    /// The token of `id` is to be probed at the server of this origin. One that waits already
    /// does not wait twice.
    pub fn request(&mut self, id: Id, origin: &str, spacing: Duration, now: BootTime) {
        if self.waiting.contains_key(&id) {
            return;
        }
        let index = self.server(origin);
        self.waiting.insert(id, (index, now));
        self.servers[index].budget.wait(CLASS, now, id);
        self.seat(index, spacing, now);
    }

    /// `id` is not probed any more.
    pub fn forget(&mut self, id: Id, spacing: Duration, now: BootTime) {
        if let Some((index, since)) = self.waiting.remove(&id) {
            self.servers[index].budget.leave(CLASS, since, id);
            self.seat(index, spacing, now);
        }
    }

    /// The next probe, if one may be sent now; it goes under way.
    pub fn next(&mut self, spacing: Duration, now: BootTime) -> Option<(Id, ResourceId)> {
        self.forget_rested(now);
        while let Some(index) = self.agenda.overdue(now) {
            self.seat(index, spacing, now);
        }
        let server = self.agenda.choose(|_| true)?;
        let budget = &mut self.servers[server].budget;
        let id = budget.pop(CLASS)?;
        budget.start(CLASS, now);
        self.agenda.started();
        self.waiting.remove(&id);
        self.seat(server, spacing, now);
        Some((id, ResourceId { server, started: now }))
    }

    /// The first moment at which one may be sent, of those that may not be sent now.
    pub fn next_moment(&self) -> Option<BootTime> {
        self.agenda.next_moment()
    }

    /// A probe has ended; nobody asks that server before `paused_until`.
    pub fn ended(
        &mut self,
        ResourceId { server, started }: ResourceId,
        paused_until: Option<BootTime>,
        spacing: Duration,
        now: BootTime,
    ) {
        let budget = &mut self.servers[server].budget;
        budget.end(CLASS, started);
        budget.pause(paused_until.unwrap_or_default());
        self.seat(server, spacing, now);
    }

    /// How many servers are remembered.
    #[cfg(test)]
    fn servers(&self) -> usize {
        self.by_origin.len()
    }

    fn server(&mut self, origin: &str) -> u32 {
        if let Some(index) = self.by_origin.get(origin) {
            return *index;
        }
        let (origin, budget): (Box<str>, _) = (origin.into(), Budget::new(SLOTS));
        let (seat, rests_until) = (Seat::default(), None);
        let server = Server { origin: origin.clone(), budget, seat, rests_until };
        let index = self.servers.insert(server);
        self.by_origin.insert(origin, index);
        index
    }

    /// Puts a server where its budget says. One that nobody needs is remembered for as long as its
    /// pause or its spacing lasts.
    fn seat(&mut self, index: u32, spacing: Duration, now: BootTime) {
        let Server { budget, seat, rests_until, .. } = &mut self.servers[index];
        let opens = budget.opens(CLASS, spacing);
        let opening = budget.first(CLASS).zip(opens).map(|(key, at)| Opening { at, key });
        self.agenda.place(index, seat, [opening, None, None, None], now);
        let is_idle = budget.waits() == 0 && budget.under_way() == 0;
        let rests = opens.filter(|_| is_idle);
        if let Some(until) = std::mem::replace(rests_until, rests) {
            self.resting.remove(&(until, index));
        }
        self.resting.extend(rests.map(|until| (until, index)));
        self.forget_rested(now);
    }

    fn forget_rested(&mut self, now: BootTime) {
        while let Some(&(until, index)) = self.resting.first()
            && until <= now
        {
            self.resting.pop_first();
            self.by_origin.remove(&self.servers[index].origin);
            self.servers.remove(index);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::VecDeque;

    use super::*;

    const SPACING: Duration = Duration::from_millis(100);

    fn at(millis: u64) -> BootTime {
        BootTime::from_millis(millis)
    }

    fn requested(ids: std::ops::Range<u32>, origin: &str) -> Probes {
        let mut probes = Probes::default();
        ids.for_each(|id| probes.request(Id(id), origin, SPACING, at(0)));
        probes
    }

    /// The probes that are sent from here on if each takes `takes`, with their moments.
    fn sent(probes: &mut Probes, takes: u64) -> Vec<(u64, u32)> {
        let (mut sent, mut under_way) = (Vec::new(), VecDeque::new());
        let mut now = 0;
        loop {
            while let Some((id, resource)) = probes.next(SPACING, at(now)) {
                sent.push((now, id.0));
                under_way.push_back((now + takes, resource));
            }
            let ends = under_way.front().map(|(ends, _)| *ends);
            let opens = probes.next_moment().map(BootTime::millis);
            let Some(next) = ends.into_iter().chain(opens).min() else { return sent };
            now = next.max(now);
            if ends == Some(now) {
                let (_, resource) = under_way.pop_front().expect("under way");
                probes.ended(resource, None, SPACING, at(now));
            }
        }
    }

    #[test]
    fn probes_of_one_server_are_spaced_and_those_of_another_do_not_wait() {
        let mut probes = requested(0..3, "https://a.example");
        probes.request(Id(9), "https://b.example", SPACING, at(0));
        assert_eq!(sent(&mut probes, 10), [(0, 0), (0, 9), (100, 1), (200, 2)]);
    }

    #[test]
    fn a_server_that_hangs_gets_eight_at_once_and_eight_more_when_they_are_slow() {
        let mut probes = requested(0..17, "https://a.example");
        let moments: Vec<_> = sent(&mut probes, 30_000).iter().map(|(moment, _)| *moment).collect();
        let expected = [0, 100, 200, 300, 400, 500, 600, 700];
        assert_eq!(moments[..8], expected);
        assert_eq!(moments[8..16], expected.map(|moment| moment + 5_000));
        assert_eq!(moments[16..], [30_000]);
    }

    #[test]
    fn nobody_waits_twice_and_who_has_left_does_not_wait() {
        let mut probes = requested(1..3, "https://a.example");
        probes.request(Id(1), "https://a.example", SPACING, at(0));
        probes.forget(Id(2), SPACING, at(0));
        assert_eq!(sent(&mut probes, 10), [(0, 1)]);
        probes.request(Id(1), "https://a.example", SPACING, at(500));
        assert_eq!(probes.next(SPACING, at(500)).map(|(id, _)| id), Some(Id(1)));
    }

    #[test]
    fn a_pause_holds_for_all_probes_of_a_server_and_never_shrinks() {
        let mut probes = requested(0..2, "https://a.example");
        let (_, resource) = probes.next(SPACING, at(0)).expect("a probe");
        probes.ended(resource, Some(at(9_000)), SPACING, at(0));
        assert_eq!(probes.next(SPACING, at(8_999)), None);
        let (_, resource) = probes.next(SPACING, at(9_000)).expect("a probe");
        probes.request(Id(3), "https://a.example", SPACING, at(9_000));
        probes.ended(resource, Some(at(4_000)), SPACING, at(9_000));
        assert_eq!(probes.next_moment(), Some(at(9_100)));
    }

    #[test]
    fn a_server_is_forgotten_when_nobody_needs_it_and_its_pause_is_over() {
        let mut probes = Probes::default();
        for index in 0..100 {
            probes.request(Id(index), &format!("https://{index}.example"), SPACING, at(0));
        }
        while let Some((id, resource)) = probes.next(SPACING, at(0)) {
            let pause = (id == Id(7)).then(|| at(5_000));
            probes.ended(resource, pause, SPACING, at(0));
        }
        assert_eq!(probes.servers(), 100, "spacing holds for a moment longer");
        assert_eq!(probes.next(SPACING, at(100)), None);
        assert_eq!(probes.servers(), 1, "the one that asked for a pause");
        assert_eq!(probes.next(SPACING, at(5_000)), None);
        assert_eq!(probes.servers(), 0);
    }
}
