//! Which token is probed next: whose calendar has called, and how gently its resource is asked.

use std::{
    collections::{BTreeSet, VecDeque},
    time::Duration,
};

use super::Id;
use crate::clock::BootTime;

/// How many probes one resource server gets at once.
const CONCURRENT: usize = 8;

/// A resource server, in a [`Probes`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ResourceId(usize);

/// Every probe that waits.
#[derive(Debug, Default)]
pub struct Probes {
    /// One for each resource server that was ever probed. They are few, and small.
    resources: Vec<Resource>,
    /// Who waits, so that nobody waits twice.
    waiting: BTreeSet<Id>,
}

/// A resource server.
#[derive(Debug)]
struct Resource {
    origin: Box<str>,
    /// Who waits for it, in the order of coming.
    waiting: VecDeque<Id>,
    under_way: usize,
    last_start: Option<BootTime>,
    paused_until: BootTime,
}

impl Probes {
    /// The token of `id` is to be probed at the server of this origin. One that waits already
    /// does not wait twice.
    pub fn request(&mut self, id: Id, origin: &str) {
        if !self.waiting.insert(id) {
            return;
        }
        match self.resources.iter_mut().find(|resource| *resource.origin == *origin) {
            Some(resource) => resource.waiting.push_back(id),
            None => self.resources.push(Resource {
                origin: origin.into(),
                waiting: [id].into(),
                under_way: 0,
                last_start: None,
                paused_until: BootTime::default(),
            }),
        }
    }

    /// `id` is not probed any more.
    pub fn forget(&mut self, id: Id) {
        if self.waiting.remove(&id) {
            self.resources.iter_mut().for_each(|resource| resource.waiting.retain(|it| *it != id));
        }
    }

    /// The next probe, if one may be sent now; it goes under way.
    pub fn next(&mut self, spacing: Duration, now: BootTime) -> Option<(Id, ResourceId)> {
        let is_open = |resource: &Resource| resource.opens(spacing).is_some_and(|at| at <= now);
        let index = self.resources.iter().position(is_open)?;
        let resource = &mut self.resources[index];
        let id = resource.waiting.pop_front()?;
        resource.under_way += 1;
        resource.last_start = Some(now);
        self.waiting.remove(&id);
        Some((id, ResourceId(index)))
    }

    /// The first moment at which one may be sent.
    pub fn next_moment(&self, spacing: Duration) -> Option<BootTime> {
        self.resources.iter().filter_map(|resource| resource.opens(spacing)).min()
    }

    /// A probe has ended; nobody asks that server before `paused_until`.
    pub fn ended(&mut self, ResourceId(index): ResourceId, paused_until: Option<BootTime>) {
        if let Some(resource) = self.resources.get_mut(index) {
            resource.under_way -= 1;
            resource.paused_until = resource.paused_until.max(paused_until.unwrap_or_default());
        }
    }
}

impl Resource {
    /// When it takes the next of those who wait; `None` if nobody does, or as many probes are
    /// under way as may be.
    fn opens(&self, spacing: Duration) -> Option<BootTime> {
        if self.waiting.is_empty() || self.under_way >= CONCURRENT {
            return None;
        }
        let slot = self.last_start.map_or(BootTime::default(), |start| start + spacing);
        Some(slot.max(self.paused_until))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SPACING: Duration = Duration::from_millis(100);

    fn at(millis: u64) -> BootTime {
        BootTime::from_millis(millis)
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
            let opens = probes.next_moment(SPACING).map(|moment| moment.since(at(0)).as_millis());
            let opens = opens.map(|millis| u64::try_from(millis).expect("soon"));
            let Some(next) = ends.into_iter().chain(opens).min() else { return sent };
            now = next.max(now);
            if ends == Some(now) {
                let (_, resource) = under_way.pop_front().expect("under way");
                probes.ended(resource, None);
            }
        }
    }

    #[test]
    fn probes_of_one_server_are_spaced_and_those_of_another_do_not_wait() {
        let mut probes = Probes::default();
        (0..3).for_each(|id| probes.request(Id(id), "https://a.example"));
        probes.request(Id(9), "https://b.example");
        assert_eq!(sent(&mut probes, 10), [(0, 0), (0, 9), (100, 1), (200, 2)]);
    }

    #[test]
    fn a_server_that_hangs_gets_eight_at_once() {
        let mut probes = Probes::default();
        (0..9).for_each(|id| probes.request(Id(id), "https://a.example"));
        let moments: Vec<_> = sent(&mut probes, 30_000).iter().map(|(moment, _)| *moment).collect();
        assert_eq!(moments, [0, 100, 200, 300, 400, 500, 600, 700, 30_000]);
    }

    #[test]
    fn nobody_waits_twice_and_who_has_left_does_not_wait() {
        let mut probes = Probes::default();
        (0..2).for_each(|_| probes.request(Id(1), "https://a.example"));
        probes.request(Id(2), "https://a.example");
        probes.forget(Id(2));
        assert_eq!(sent(&mut probes, 10), [(0, 1)]);
        probes.request(Id(1), "https://a.example");
        assert_eq!(probes.next(SPACING, at(500)).map(|(id, _)| id), Some(Id(1)));
    }

    #[test]
    fn a_pause_holds_for_all_probes_of_a_server_and_never_shrinks() {
        let mut probes = Probes::default();
        (0..2).for_each(|id| probes.request(Id(id), "https://a.example"));
        let (_, resource) = probes.next(SPACING, at(0)).expect("a probe");
        probes.ended(resource, Some(at(9_000)));
        assert_eq!(probes.next(SPACING, at(8_999)), None);
        let (_, resource) = probes.next(SPACING, at(9_000)).expect("a probe");
        probes.request(Id(3), "https://a.example");
        probes.ended(resource, Some(at(4_000)));
        assert_eq!(probes.next_moment(SPACING), Some(at(9_100)));
    }
}
