//! Time, as two clocks that only this file reads.
//!
//! Lifetimes and delays run on the *boot* clock, which counts suspended time and ignores clock
//! steps. Dates that leave the process (files, logs, `status`) use the *wall* clock.

use std::{
    fmt,
    ops::{Add, Sub},
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use nix::time::{ClockId, clock_gettime};
use serde::{Deserialize, Serialize};

/// A date: milliseconds since 1970-01-01T00:00:00Z.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct WallTime(i64);

/// A moment on the boot clock: milliseconds since the machine was started.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct BootTime(u64);

/// Both clocks, read together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Now {
    /// The date.
    pub wall: WallTime,
    /// The moment that durations are counted from.
    pub boot: BootTime,
}

/// A wall clock that moved by more than this against the boot clock was stepped, not slewed.
pub const STEP: Duration = Duration::from_secs(60);

/// Where the program reads the time. Tests use [`ManualClock`].
pub trait Clock: Send + Sync {
    /// Both clocks now.
    fn now(&self) -> Now;
}

/// The machine's clocks: `CLOCK_REALTIME` and `CLOCK_BOOTTIME`.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

/// A clock that moves only when told to.
#[derive(Debug, Default)]
pub struct ManualClock(std::sync::Mutex<Now>);

impl Now {
    /// What the wall clock shows more than the boot clock, in milliseconds. It stays the same
    /// through suspension, and changes when the wall clock is stepped.
    pub fn offset(self) -> i64 {
        self.wall.0.saturating_sub(i64::try_from(self.boot.0).unwrap_or(i64::MAX))
    }
}

impl WallTime {
    /// From whole seconds since 1970.
    pub const fn from_seconds(seconds: i64) -> Self {
        Self(seconds.saturating_mul(1000))
    }

    /// From milliseconds since 1970.
    pub const fn from_millis(millis: i64) -> Self {
        Self(millis)
    }

    /// Whole seconds since 1970, rounded down: an expiry is never shown later than it is.
    pub const fn seconds(self) -> i64 {
        self.0.div_euclid(1000)
    }

    /// Milliseconds since 1970.
    pub const fn millis(self) -> i64 {
        self.0
    }

    /// The same moment by a clock that shows this many milliseconds more.
    #[must_use]
    pub const fn shifted(self, millis: i64) -> Self {
        Self(self.0.saturating_add(millis))
    }

    /// How long ago `earlier` was; zero if it lies ahead.
    pub fn since(self, earlier: Self) -> Duration {
        Duration::from_millis(u64::try_from(self.0.saturating_sub(earlier.0)).unwrap_or(0))
    }
}

impl BootTime {
    /// From milliseconds since the machine was started.
    pub const fn from_millis(millis: u64) -> Self {
        Self(millis)
    }

    /// Milliseconds since the machine was started.
    pub const fn millis(self) -> u64 {
        self.0
    }

    /// How long ago `earlier` was; zero if it lies ahead.
    pub const fn since(self, earlier: Self) -> Duration {
        Duration::from_millis(self.0.saturating_sub(earlier.0))
    }
}

impl Add<Duration> for WallTime {
    type Output = Self;

    fn add(self, span: Duration) -> Self {
        Self(self.0.saturating_add(i64::try_from(span.as_millis()).unwrap_or(i64::MAX)))
    }
}

impl Sub<Duration> for WallTime {
    type Output = Self;

    fn sub(self, span: Duration) -> Self {
        Self(self.0.saturating_sub(i64::try_from(span.as_millis()).unwrap_or(i64::MAX)))
    }
}

impl Add<Duration> for BootTime {
    type Output = Self;

    fn add(self, span: Duration) -> Self {
        Self(self.0.saturating_add(u64::try_from(span.as_millis()).unwrap_or(u64::MAX)))
    }
}

impl Sub<Duration> for BootTime {
    type Output = Self;

    fn sub(self, span: Duration) -> Self {
        Self(self.0.saturating_sub(u64::try_from(span.as_millis()).unwrap_or(u64::MAX)))
    }
}

impl fmt::Display for WallTime {
    /// RFC 3339 in UTC, to the second.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match jiff::Timestamp::from_second(self.seconds()) {
            Ok(timestamp) => write!(f, "{timestamp}"),
            Err(_) => write!(f, "@{}", self.seconds()),
        }
    }
}

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "this is the one room that reads the clock")]
    fn now(&self) -> Now {
        let wall = match SystemTime::now().duration_since(UNIX_EPOCH) {
            Ok(after) => i64::try_from(after.as_millis()).unwrap_or(i64::MAX),
            Err(before) => -i64::try_from(before.duration().as_millis()).unwrap_or(i64::MAX),
        };
        Now { wall: WallTime(wall), boot: boot_time() }
    }
}

/// `CLOCK_BOOTTIME` cannot fail on Linux with a valid pointer (`clock_gettime(2)`); a kernel
/// without it would count from zero, and every token would be refreshed by its date alone.
fn boot_time() -> BootTime {
    clock_gettime(ClockId::CLOCK_BOOTTIME)
        .map(|spec| BootTime(u64::try_from(Duration::from(spec).as_millis()).unwrap_or(u64::MAX)))
        .unwrap_or_default()
}

/// `CLOCK_MONOTONIC` in microseconds, which systemd dates a reload with (`sd_notify(3)`).
pub fn monotonic_micros() -> u64 {
    clock_gettime(ClockId::CLOCK_MONOTONIC)
        .map(|spec| u64::try_from(Duration::from(spec).as_micros()).unwrap_or(u64::MAX))
        .unwrap_or_default()
}

impl ManualClock {
    /// A clock that shows `now`.
    pub fn new(now: Now) -> Self {
        Self(std::sync::Mutex::new(now))
    }

    /// Both clocks go forward.
    pub fn advance(&self, span: Duration) {
        let mut now = self.lock();
        *now = Now { wall: now.wall + span, boot: now.boot + span };
    }

    /// The wall clock is stepped to `wall`, as NTP or an operator would.
    pub fn step_wall(&self, wall: WallTime) {
        self.lock().wall = wall;
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Now> {
        self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Now {
        *self.lock()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_expiry_is_never_shown_later_than_it_is() {
        assert_eq!(WallTime::from_millis(1_999).seconds(), 1);
        assert_eq!(WallTime::from_millis(-1).seconds(), -1);
        assert_eq!(WallTime::from_seconds(1_790_000_000).to_string(), "2026-09-21T14:13:20Z");
    }

    #[test]
    fn a_step_of_the_wall_clock_leaves_the_boot_clock_alone() {
        let clock = ManualClock::default();
        clock.advance(Duration::from_secs(60));
        clock.step_wall(WallTime::from_seconds(-5));
        assert_eq!(clock.now().boot, BootTime::from_millis(60_000));
        assert_eq!(clock.now().wall, WallTime::from_seconds(-5));
    }

    #[test]
    fn arithmetic_saturates() {
        assert_eq!(BootTime::default() - Duration::from_secs(1), BootTime::default());
        assert_eq!(BootTime(u64::MAX) + Duration::MAX, BootTime(u64::MAX));
        assert_eq!(BootTime::default().since(BootTime(5)), Duration::ZERO);
    }
}
