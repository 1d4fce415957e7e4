//! What was asked, and how it was answered.

use std::{
    collections::{HashMap, VecDeque},
    fmt,
    sync::{Mutex, PoisonError},
};

use crate::clock::WallTime;

/// Older requests are forgotten, so that a sandbox can run for months.
const REMEMBERED: usize = 65_536;

/// A request that the sandbox has had. It holds no query, header or body, and so no secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    /// When it was answered.
    pub at: WallTime,
    /// The path of its URL.
    pub path: Box<str>,
    /// The system or habit that answered; `-` if none stands at this path.
    pub system: &'static str,
    /// How it was answered.
    pub outcome: Outcome,
}

/// How a request was answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// With this HTTP status, be it whole or not.
    Answered(u16),
    /// Not at all, on purpose.
    Unanswered,
}

/// What was asked, and how often.
#[derive(Default)]
pub(super) struct Journal {
    seen: Mutex<VecDeque<Seen>>,
    tallies: Mutex<HashMap<&'static str, Tally>>,
}

/// How many requests a system or habit has had.
#[derive(Clone, Copy, Default)]
pub(super) struct Tally {
    /// Since the start.
    pub(super) turn: u64,
    /// Within the running minute.
    pub(super) this_minute: u32,
    minute: i64,
}

impl Journal {
    /// Counts a request before it is answered.
    pub(super) fn count(&self, system: &'static str, now: WallTime) -> Tally {
        let minute = now.seconds().div_euclid(60);
        let mut tallies = self.tallies.lock().unwrap_or_else(PoisonError::into_inner);
        let tally = tallies.entry(system).or_default();
        if tally.minute != minute {
            *tally = Tally { turn: tally.turn, this_minute: 0, minute };
        }
        tally.turn += 1;
        tally.this_minute = tally.this_minute.saturating_add(1);
        *tally
    }

    /// Notes how it was answered.
    pub(super) fn note(&self, seen: Seen) {
        let mut all = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        if all.len() == REMEMBERED {
            all.pop_front();
        }
        all.push_back(seen);
    }

    /// Every request remembered, oldest first.
    pub(super) fn all(&self) -> Vec<Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).iter().cloned().collect()
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Answered(status) => write!(f, "{status}"),
            Self::Unanswered => f.write_str("unanswered"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_minute_starts_a_new_count() {
        let journal = Journal::default();
        for (second, turn, this_minute) in [(0, 1, 1), (59, 2, 2), (60, 3, 1), (61, 4, 2)] {
            let tally = journal.count("plain", WallTime::from_seconds(second));
            assert_eq!((tally.turn, tally.this_minute), (turn, this_minute), "at {second} s");
        }
        assert_eq!(journal.count("other", WallTime::default()).turn, 1);
    }

    #[test]
    fn what_is_remembered_is_bounded() {
        let journal = Journal::default();
        for second in 0..=REMEMBERED {
            let at = WallTime::from_seconds(i64::try_from(second).expect("it fits"));
            let outcome = Outcome::Answered(200);
            journal.note(Seen { at, path: "/".into(), system: "-", outcome });
        }
        let all = journal.all();
        assert_eq!((all.len(), all[0].at.seconds()), (REMEMBERED, 1));
    }
}
