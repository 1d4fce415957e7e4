//! What has to be remembered from one request to the next: refresh tokens that were replaced, codes
//! and assertions that were spent, polls that were counted.
//!
//! Whatever a client hands back is signed (see `ticket`), so only what happened to it is kept here.
//! The exception is what must be as short as a real provider's, such as the tokens of OAuth 1.0a:
//! what those stand for is kept as a text.

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

/// Marks and texts by the names of things.
#[derive(Default)]
pub(super) struct Memory {
    marks: Mutex<Kept<Mark>>,
    texts: Mutex<Kept<String>>,
}

struct Kept<T> {
    by_name: HashMap<Box<str>, T>,
    oldest_first: VecDeque<Box<str>>,
}

impl Memory {
    /// What is known about a thing.
    pub(super) fn of(&self, name: &str) -> Option<Mark> {
        self.change(name, |mark| *mark)
    }

    /// Looks at a mark and changes it, with nobody in between.
    pub(super) fn change<T>(&self, name: &str, change: impl FnOnce(&mut Option<Mark>) -> T) -> T {
        self.marks.lock().unwrap_or_else(PoisonError::into_inner).change(name, change)
    }

    /// Looks at a text and changes it, with nobody in between.
    pub(super) fn rewrite<T>(
        &self,
        name: &str,
        change: impl FnOnce(&mut Option<String>) -> T,
    ) -> T {
        self.texts.lock().unwrap_or_else(PoisonError::into_inner).change(name, change)
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

impl<T> Default for Kept<T> {
    fn default() -> Self {
        Self { by_name: HashMap::new(), oldest_first: VecDeque::new() }
    }
}

impl<T> Kept<T> {
    fn change<R>(&mut self, name: &str, change: impl FnOnce(&mut Option<T>) -> R) -> R {
        let mut thing = self.by_name.remove(name);
        let is_new = thing.is_none();
        let result = change(&mut thing);
        if let Some(thing) = thing {
            if is_new {
                self.make_room(name);
            }
            self.by_name.insert(name.into(), thing);
        }
        result
    }

    fn make_room(&mut self, name: &str) {
        if self.oldest_first.len() == REMEMBERED
            && let Some(oldest) = self.oldest_first.pop_front()
        {
            self.by_name.remove(&oldest);
        }
        self.oldest_first.push_back(name.into());
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
    fn a_text_is_kept_until_it_is_taken() {
        let memory = Memory::default();
        memory.rewrite("a", |text| *text = Some("x".into()));
        assert_eq!(memory.rewrite("a", |text| text.clone()), Some("x".into()));
        assert_eq!(memory.rewrite("a", Option::take), Some("x".into()));
        assert_eq!(memory.rewrite("a", Option::take), None, "it was taken");
        assert_eq!(memory.of("a"), None, "a text is no mark");
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
