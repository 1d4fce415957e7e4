//! When a token is refreshed.

use std::{
    hash::{Hash, Hasher},
    time::Duration,
};

use super::Calendar;

/// When a token is refreshed.
#[derive(Clone, Debug, PartialEq)]
pub struct RefreshPolicy {
    /// The fraction of the lifetime after which to refresh; above 0, below 1.
    pub at: f64,
    /// Up to this fraction of the lifetime earlier, drawn once per issue; from 0, below `at`.
    pub jitter: f64,
    /// Refresh at the latest when this much of the lifetime remains.
    pub min_remaining: Duration,
    /// The least time between two requests for the credential, whatever happens.
    pub min_interval: Duration,
    /// The lifetime of a token whose reply does not say a usable one.
    pub assume_lifetime: Duration,
    /// Refresh at least this often, however long the token lives: a grant that nobody uses would
    /// die.
    pub keep_alive: Option<Duration>,
    /// A new token ends the one before at once, so that each refresh is a short outage.
    pub exclusive: bool,
    /// Further refreshes by the calendar.
    pub calendar: Option<Calendar>,
}

impl Eq for RefreshPolicy {}

impl Hash for RefreshPolicy {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (self.at.to_bits(), self.jitter.to_bits()).hash(state);
        (self.min_remaining, self.min_interval, self.assume_lifetime).hash(state);
        (self.keep_alive, self.exclusive).hash(state);
        self.calendar.hash(state);
    }
}
