//! Where a credential is in the schedule: what it waits in, or what of it is under way.

use super::class::Class;
use crate::clock::BootTime;

/// Where an entry waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// Being moved.
    Nowhere,
    /// Among the timers, under this moment.
    Timer(BootTime),
    /// In the ready list, under this moment.
    Ready(BootTime),
    /// For its values to be read.
    Preparing(Line),
    /// At its endpoint.
    Waiting(Line),
    /// A step of it is under way.
    Busy(Work),
}

/// A place in a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Line {
    /// Which line.
    pub class: Class,
    /// The order in it.
    pub key: BootTime,
}

/// What is under way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Work {
    /// A save, an adoption or a publication.
    Local,
    /// Its values are read.
    Prepare(Class, BootTime),
    /// A request, sent as this class at this moment.
    Request(Class, BootTime, Then),
}

/// What follows a request that is under way; the later ones matter more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Then {
    /// What its outcome says.
    AsItEnds,
    /// Another one, which a calendar or an operator wants.
    AskAgain,
    /// Another one, because inputs have changed: its outcome is outdated.
    BeginAgain,
}

/// Whether the entry stays.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Membership {
    /// It stays at its endpoint.
    Member,
    /// It moves to this endpoint when the request under way has ended.
    Moving(u32),
    /// It leaves when nothing of it is under way.
    Leaving,
}
