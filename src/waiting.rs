//! Why credentials that are due are not asked for yet, in words for people.
//!
//! The refresher notes it on disk while somebody waits, because `status` is another process.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{clock::WallTime, error::PauseScope};

/// What is waited for at some moment.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Waiting {
    /// Endpoints where somebody waits, whose breaker is not closed or that are paused.
    pub endpoints: Vec<EndpointWaiting>,
    /// The reason of each credential that waits, by its name. Where very many wait at one endpoint,
    /// only the first of them are here.
    pub credentials: BTreeMap<Box<str>, Reason>,
}

/// A token endpoint that somebody waits for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EndpointWaiting {
    /// Its URL, without a query.
    pub endpoint: Box<str>,
    /// Its circuit breaker.
    pub breaker: Breaker,
    /// Since when that is not closed.
    pub since: Option<WallTime>,
    /// When it is asked next, if that is known.
    pub next_attempt_at: Option<WallTime>,
    /// How many credentials wait for it.
    pub waiting: usize,
    /// The pauses that are in force there.
    pub pauses: Vec<Pausing>,
}

/// A pause that is in force.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pausing {
    /// Who is meant.
    pub scope: PauseScope,
    /// Until when.
    pub until: WallTime,
    /// The credential that heard it.
    pub asked_by: Option<Box<str>>,
}

/// The state of a circuit breaker.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Breaker {
    /// Requests are sent as they are due.
    #[default]
    Closed,
    /// A probe is under way or may be sent.
    HalfOpen,
    /// The next probe is sent later.
    Open,
}

/// Why a credential is not asked for yet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "reason", rename_all = "snake_case")]
pub enum Reason {
    /// A value that the request needs cannot be read on this machine.
    InputMissing {
        /// When it is read again.
        next_attempt_at: Option<WallTime>,
    },
    /// The values that the request needs are being read.
    ReadingInputs,
    /// The circuit breaker of its endpoint is open.
    BreakerOpen {
        /// Since when.
        since: WallTime,
        /// When the endpoint is asked next.
        next_attempt_at: WallTime,
    },
    /// A server asked to wait.
    Paused(Pausing),
    /// Others are asked for first.
    Queued {
        /// How many of them are in the same line; unknown where very many wait.
        ahead: Option<usize>,
    },
    /// Its request is under way.
    UnderWay {
        /// Since when.
        since: WallTime,
    },
    /// The last attempt failed, and the next is due later.
    Retry {
        /// When.
        next_attempt_at: WallTime,
    },
    /// The server refuses, and asking again is of little use until an input changes.
    Parked {
        /// When it is asked all the same.
        next_attempt_at: WallTime,
    },
}

impl Breaker {
    /// Its number in metrics: the worse, the higher.
    pub const fn number(self) -> i64 {
        match self {
            Self::Closed => 0,
            Self::HalfOpen => 1,
            Self::Open => 2,
        }
    }
}

impl Reason {
    /// Every stable word.
    pub const WORDS: [&str; 8] = [
        "input_missing",
        "reading_inputs",
        "breaker_open",
        "paused",
        "queued",
        "under_way",
        "retry",
        "parked",
    ];

    /// The stable word.
    pub const fn as_str(&self) -> &'static str {
        Self::WORDS[match self {
            Self::InputMissing { .. } => 0,
            Self::ReadingInputs => 1,
            Self::BreakerOpen { .. } => 2,
            Self::Paused(_) => 3,
            Self::Queued { .. } => 4,
            Self::UnderWay { .. } => 5,
            Self::Retry { .. } => 6,
            Self::Parked { .. } => 7,
        }]
    }

    /// When it is asked for next, if that is known.
    pub fn next_attempt_at(&self) -> Option<WallTime> {
        match self {
            Self::InputMissing { next_attempt_at } => *next_attempt_at,
            Self::BreakerOpen { next_attempt_at, .. }
            | Self::Retry { next_attempt_at }
            | Self::Parked { next_attempt_at } => Some(*next_attempt_at),
            Self::Paused(pausing) => Some(pausing.until),
            Self::ReadingInputs | Self::Queued { .. } | Self::UnderWay { .. } => None,
        }
    }
}

impl EndpointWaiting {
    /// An endpoint that nobody waits for.
    pub fn calm(endpoint: Box<str>) -> Self {
        Self {
            endpoint,
            breaker: Breaker::Closed,
            since: None,
            next_attempt_at: None,
            waiting: 0,
            pauses: Vec::new(),
        }
    }
}
