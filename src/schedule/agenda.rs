//! Which of many budgets may start something, and which may later.

use std::collections::BTreeSet;

use super::class::{Class, Turn};
use crate::clock::BootTime;

/// Numbered budgets by when they open.
#[derive(Debug, Default)]
pub struct Agenda {
    /// Those that are open for a class in which somebody waits, by the key of the first of it.
    open: [BTreeSet<(BootTime, u32)>; 4],
    /// Those that open at a later moment.
    opening: BTreeSet<(BootTime, u32)>,
    turn: Turn,
}

/// Where a budget is in an agenda.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Seat {
    open: [Option<BootTime>; 4],
    opening: Option<BootTime>,
}

/// When a budget opens for a class, and the key of the first of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Opening {
    /// The moment, which may have passed.
    pub at: BootTime,
    /// The order among other budgets that are open.
    pub key: BootTime,
}

impl Agenda {
    /// Puts the budget `index` where its openings, one for each class, say.
    pub fn place(
        &mut self,
        index: u32,
        seat: &mut Seat,
        openings: [Option<Opening>; 4],
        now: BootTime,
    ) {
        let later = openings.iter().flatten().map(|opening| opening.at).filter(|at| *at > now);
        let new = Seat {
            open: openings.map(|it| it.filter(|it| it.at <= now).map(|it| it.key)),
            opening: later.min(),
        };
        let old = std::mem::replace(seat, new);
        for (set, (old, new)) in self.open.iter_mut().zip(old.open.into_iter().zip(new.open)) {
            replace(set, index, old, new);
        }
        replace(&mut self.opening, index, old.opening, new.opening);
    }

    /// The first budget whose moment has passed: it is to be placed again.
    pub fn overdue(&self, now: BootTime) -> Option<u32> {
        self.opening.first().filter(|(at, _)| *at <= now).map(|(_, index)| *index)
    }

    /// The budget that is asked next, among those open for a class that `may` go.
    pub fn choose(&self, may: impl Fn(Class) -> bool) -> Option<u32> {
        let is_open = |class| !self.open[class as usize].is_empty() && may(class);
        let class = self.turn.choose(is_open)?;
        self.open[class as usize].first().map(|(_, index)| *index)
    }

    /// Something was started: the turn passes on.
    pub fn started(&mut self) {
        self.turn.pass();
    }

    /// When the next one opens.
    pub fn next_moment(&self) -> Option<BootTime> {
        self.opening.first().map(|(at, _)| *at)
    }
}

fn replace(
    set: &mut BTreeSet<(BootTime, u32)>,
    index: u32,
    old: Option<BootTime>,
    new: Option<BootTime>,
) {
    if old == new {
        return;
    }
    if let Some(key) = old {
        set.remove(&(key, index));
    }
    if let Some(key) = new {
        set.insert((key, index));
    }
}
