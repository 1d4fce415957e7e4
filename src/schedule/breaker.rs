//! A circuit breaker for one token endpoint: closed, open, half-open.
//!
//! Failures of several credentials open it. While it is open, those that have failed are asked one at
//! a time and ever more rarely, first of all those that failed together with the endpoint. Those
//! that have not failed are all asked within one ceiling, because nobody can know that they would
//! fail as well. Any answer of the authorization server closes it.

use std::time::Duration;

use super::{Id, backoff::Backoff, class::Class};
use crate::clock::BootTime;

/// How many different credentials must fail in turn, with no answer of the server between.
const OPENS_AFTER: usize = 3;

/// The delay after the first failure while it is open.
const FIRST_DELAY: Duration = Duration::from_secs(1);

/// The ceiling between two probes is a tenth of the shortest lifetime that waits, within these. The
/// lower one holds for those that have failed.
const CEILINGS: [Duration; 2] = [Duration::from_secs(2), Duration::from_secs(60)];

/// While those that failed together with the endpoint wait, the others that have failed are probes
/// this many times more rarely.
const UNLIKELY: u32 = 4;

/// The state that users see.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum BreakerState {
    /// Requests are sent as they are due.
    Closed,
    /// The last probe is under way or may be sent now.
    HalfOpen,
    /// The next probe is sent at a later moment.
    Open,
}

/// The circuit breaker of one endpoint.
#[derive(Debug, Default)]
pub struct Breaker {
    /// The different credentials that failed since the server's last answer, up to the opening.
    counted: Vec<Id>,
    /// When the last failure was counted: what had been sent by then says nothing new.
    counted_at: Option<BootTime>,
    /// When the server answered last.
    answered_at: Option<BootTime>,
    open: Option<Box<Open>>,
}

/// Since when it is open, and what has been tried.
#[derive(Debug)]
struct Open {
    since: BootTime,
    /// Requests that were sent since.
    sent: u32,
    /// The last request of each class; at first, the opening.
    probes: [BootTime; 4],
}

impl Open {
    /// Whether some failed together with the endpoint, and wait or were asked not long ago.
    fn has_likelier(&self, crowd: Crowd) -> bool {
        let last = |class: Class| self.probes[class as usize];
        crowd.shaken > 0 || last(Class::Shaken) > last(Class::Failed)
    }
}

/// Who waits at the endpoint.
#[derive(Clone, Copy, Debug)]
pub struct Crowd {
    /// The shortest lifetime of their tokens, since nobody waited.
    pub shortest: Duration,
    /// The most of them at once, since there were none, that have not failed since their last token.
    pub hopeful: usize,
    /// How many failed together with the endpoint.
    pub shaken: usize,
}

impl Crowd {
    /// Nobody.
    pub const NONE: Self = Self { shortest: Duration::MAX, hopeful: 0, shaken: 0 };
}

impl Breaker {
    /// Whether it is open or half-open.
    pub fn is_open(&self) -> bool {
        self.open.is_some()
    }

    /// Since when it is open.
    pub fn since(&self) -> Option<BootTime> {
        self.open.as_ref().map(|open| open.since)
    }

    /// Whether the server has answered anybody since `moment`.
    pub fn has_answered_since(&self, moment: BootTime) -> bool {
        self.answered_at.is_some_and(|answered| answered >= moment)
    }

    /// The authorization server has answered.
    pub fn close(&mut self, now: BootTime) {
        self.answered_at = Some(now);
        self.counted.clear();
        self.open = None;
    }

    /// A request of `id` that was sent at `started` failed. Failures of requests that had been sent
    /// when the last one was counted are the same trouble, and count once.
    pub fn failed(&mut self, id: Id, started: BootTime, now: BootTime) {
        if self.counted_at.is_some_and(|counted| started <= counted) {
            return;
        }
        if self.open.is_some() || self.counted.contains(&id) {
            return;
        }
        self.counted.push(id);
        self.counted_at = Some(now);
        if self.counted.len() >= OPENS_AFTER {
            self.open = Some(Box::new(Open { since: now, sent: 0, probes: [now; 4] }));
        }
    }

    /// A request is sent, which is a probe while it is open.
    pub fn started(&mut self, class: Class, now: BootTime) {
        if let Some(open) = &mut self.open {
            open.sent = open.sent.saturating_add(1);
            open.probes[class as usize] = now;
        }
    }

    /// When it lets the next request of `class` pass. Those that have not failed share one ceiling:
    /// all of them are asked within it, however many they are.
    pub fn passes(&self, class: Class, crowd: Crowd) -> BootTime {
        let Some(open) = &self.open else { return BootTime::default() };
        let [least, most] = CEILINGS;
        let ceiling = (crowd.shortest / 10).min(most);
        let ceiling = match class {
            Class::Served | Class::New => ceiling / whole(crowd.hopeful),
            Class::Failed if open.has_likelier(crowd) => ceiling.max(least) * UNLIKELY,
            Class::Shaken | Class::Failed => ceiling.max(least),
        };
        let first = FIRST_DELAY.min(ceiling);
        open.probes[class as usize]
            + Backoff { first, ceiling }.delay(open.sent.saturating_add(1), 0.0)
    }
}

/// A count to divide by.
fn whole(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    const CROWD: Crowd = Crowd { shortest: Duration::from_secs(3600), hopeful: 0, shaken: 0 };

    fn at(millis: u64) -> BootTime {
        BootTime::from_millis(millis)
    }

    /// A breaker after failures of these credentials, each sent and failed a second after the last.
    fn after(ids: &[u32]) -> Breaker {
        let mut breaker = Breaker::default();
        for (turn, id) in (1..).zip(ids) {
            breaker.failed(Id(*id), at(turn * 1_000 - 900), at(turn * 1_000));
        }
        breaker
    }

    /// An open breaker after so many probes.
    fn probed(probes: u32) -> Breaker {
        let mut breaker = after(&[1, 2, 3]);
        (0..probes).for_each(|_| breaker.started(Class::Failed, at(3_000)));
        breaker
    }

    #[test]
    fn it_opens_after_three_different_credentials() {
        // (case, who failed, open)
        let cases: [(_, &[u32], _); 4] = [
            ("two", &[1, 2], false),
            ("two of them many times", &[1, 2, 1, 2, 1, 2], false),
            ("three", &[1, 2, 3], true),
            ("three, with repetitions", &[1, 1, 2, 2, 1, 3], true),
        ];
        for (case, ids, open) in cases {
            assert_eq!(after(ids).is_open(), open, "{case}");
        }
    }

    #[test]
    fn a_volley_is_one_failure() {
        let mut breaker = Breaker::default();
        (0..8).for_each(|id| breaker.failed(Id(id), at(u64::from(id)), at(1_000)));
        assert!(!breaker.is_open());
        breaker.failed(Id(8), at(1_001), at(1_500));
        breaker.failed(Id(9), at(1_501), at(2_000));
        assert!(breaker.is_open());
    }

    #[test]
    fn probes_get_rarer_up_to_a_ceiling_that_the_shortest_lifetime_sets() {
        // (case, lifetime in seconds, probes, seconds to the next)
        let cases = [
            ("the first", 3600, 0, 1),
            ("the fourth", 3600, 3, 8),
            ("at the ceiling", 3600, 30, 60),
            ("short lifetimes", 300, 30, 30),
            ("very short lifetimes", 5, 30, 2),
        ];
        for (case, lifetime, probes, expected) in cases {
            let breaker = probed(probes);
            let crowd = Crowd { shortest: Duration::from_secs(lifetime), ..CROWD };
            let wait = breaker.passes(Class::Failed, crowd).since(at(3_000));
            assert_eq!(wait, Duration::from_secs(expected), "{case}");
        }
    }

    #[test]
    fn those_that_have_not_failed_are_all_asked_within_one_ceiling() {
        let breaker = probed(30);
        for hopeful in [1_u32, 6, 600] {
            let crowd = Crowd { hopeful: hopeful as usize, ..CROWD };
            let wait = breaker.passes(Class::Served, crowd).since(at(3_000));
            assert_eq!(wait * hopeful, Duration::from_secs(60), "{hopeful}");
        }
    }

    #[test]
    fn an_answer_closes_it_and_what_was_sent_before_does_not_open_it_again() {
        let mut breaker = after(&[1, 2, 3]);
        breaker.close(at(3_050));
        assert!(!breaker.is_open());
        (4..9).for_each(|id| breaker.failed(Id(id), at(2_900), at(3_100)));
        assert!(!breaker.is_open());
    }
}
