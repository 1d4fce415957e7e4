//! What has to be remembered from one request to the next: refresh tokens that were replaced, codes
//! and assertions that were spent, polls that were counted.
//!
//! Whatever a client hands back is signed (see `ticket`), so only what happened to it is kept here.

use std::{
    collections::{HashMap, VecDeque},
    sync::{Mutex, PoisonError},
};

use crate::clock::WallTime;

/// What was marked longest ago is forgotten, so that a sandbox can run for months.
const REMEMBERED: usize = 65_536;

/// What is known about one thing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Mark {
    /// A count, or which one of several is the latest.
    pub(super) number: u64,
    /// Since when.
    pub(super) at: WallTime,
}

/// Marks by the names of things.
#[derive(Default)]
pub(super) struct Memory(Mutex<Marks>);

#[derive(Default)]
struct Marks {
    by_name: HashMap<Box<str>, Mark>,
    oldest_first: VecDeque<Box<str>>,
}

impl Memory {
    /// What is known about a thing.
    pub(super) fn of(&self, name: &str) -> Option<Mark> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).by_name.get(name).copied()
    }

    /// Looks at a mark and changes it, with nobody in between.
    pub(super) fn change<T>(&self, name: &str, change: impl FnOnce(&mut Option<Mark>) -> T) -> T {
        let mut marks = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let before = marks.by_name.get(name).copied();
        let mut mark = before;
        let result = change(&mut mark);
        if let Some(mark) = mark {
            marks.keep(name, mark, before.is_none());
        }
        result
    }

    /// Counts one more, and says how many that makes.
    pub(super) fn count(&self, name: &str, at: WallTime) -> u64 {
        self.change(name, |mark| {
            let number = mark.map_or(0, |mark| mark.number).saturating_add(1);
            *mark = Some(Mark { number, at });
            number
        })
    }

    /// Sets a mark, whatever was there.
    pub(super) fn set(&self, name: &str, number: u64, at: WallTime) {
        self.change(name, |mark| *mark = Some(Mark { number, at }));
    }
}

impl Marks {
    fn keep(&mut self, name: &str, mark: Mark, is_new: bool) {
        if is_new {
            if self.oldest_first.len() == REMEMBERED
                && let Some(oldest) = self.oldest_first.pop_front()
            {
                self.by_name.remove(&oldest);
            }
            self.oldest_first.push_back(name.into());
        }
        self.by_name.insert(name.into(), mark);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn things_are_counted_each_for_itself() {
        let memory = Memory::default();
        let at = WallTime::from_seconds(1);
        assert_eq!(
            [memory.count("a", at), memory.count("a", at), memory.count("b", at)],
            [1, 2, 1]
        );
        memory.set("a", 7, at);
        assert_eq!(memory.of("a"), Some(Mark { number: 7, at }));
        assert_eq!(memory.of("c"), None);
    }

    #[test]
    fn what_is_remembered_is_bounded() {
        let memory = Memory::default();
        for number in 0..=REMEMBERED {
            memory.count(&number.to_string(), WallTime::default());
        }
        assert_eq!(memory.of("0"), None, "the oldest is forgotten");
        assert!(memory.of("1").is_some());
        assert!(memory.of(&REMEMBERED.to_string()).is_some());
    }
}
