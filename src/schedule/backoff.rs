//! How long to wait after a failure.

use std::time::Duration;

use crate::clock::BootTime;

/// An exponential delay with a ceiling.
#[derive(Clone, Copy, Debug)]
pub struct Backoff {
    /// The delay after the first failure.
    pub first: Duration,
    /// The longest delay.
    pub ceiling: Duration,
}

/// Between attempts of a step that failed on this machine: disk, group, secret file.
pub const LOCAL: Backoff =
    Backoff { first: Duration::from_secs(1), ceiling: Duration::from_secs(60) };

/// Between attempts to tell a consumer.
pub const NOTIFY: Backoff =
    Backoff { first: Duration::from_secs(1), ceiling: Duration::from_secs(300) };

/// Between requests to an endpoint that several credentials in a row have found failing.
pub const SUSPECT: Backoff =
    Backoff { first: Duration::from_secs(1), ceiling: Duration::from_secs(60) };

/// How often a parked credential asks again: somebody may have mended the other side.
const PARKED: Duration = Duration::from_secs(3600);

/// The ceiling between requests while the consumers still have a good token.
const WITH_TOKEN: Duration = Duration::from_secs(300);

/// The ceiling between requests while they have none.
const WITHOUT_TOKEN: Duration = Duration::from_secs(60);

impl Backoff {
    /// The delay after `failures` failures in a row, trimmed by up to a quarter (`draw` in
    /// `[0, 1)` says how much), so that what failed together does not come back together.
    pub fn delay(self, failures: u32, draw: f64) -> Duration {
        let doublings = failures.saturating_sub(1).min(20);
        let grown = self.first.saturating_mul(1 << doublings).min(self.ceiling);
        trimmed(grown, draw)
    }
}

/// How long a parked credential waits. When its token expires it asks once more: there is nothing
/// left to lose, and what kept it from asking may hold no longer.
pub fn parked(expires: Option<BootTime>, now: BootTime, draw: f64) -> Duration {
    let remaining = expires.map_or(Duration::ZERO, |expires| expires.since(now));
    let delay = trimmed(PARKED, draw);
    if remaining.is_zero() { delay } else { delay.min(remaining) }
}

/// `delay`, shortened by up to a quarter.
fn trimmed(delay: Duration, draw: f64) -> Duration {
    delay.mul_f64(1.0 - 0.25 * draw.clamp(0.0, 1.0))
}

/// The delay before the next request after a transient failure.
///
/// While a good token is on disk, the delay is at most a third of what remains of it, so that an
/// endpoint which recovers shortly before expiry is still found in time.
pub fn transient(
    min_interval: Duration,
    failures: u32,
    expires: Option<BootTime>,
    now: BootTime,
    draw: f64,
) -> Duration {
    let remaining = expires.map_or(Duration::ZERO, |expires| expires.since(now));
    let ceiling = if remaining.is_zero() { WITHOUT_TOKEN } else { WITH_TOKEN.min(remaining / 3) };
    let ceiling = ceiling.max(min_interval);
    Backoff { first: min_interval, ceiling }.delay(failures, draw).max(min_interval)
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn seconds(n: u64) -> Duration {
        Duration::from_secs(n)
    }

    #[test]
    fn delays_double_up_to_the_ceiling() {
        let delays: Vec<u64> = (1..=8).map(|n| LOCAL.delay(n, 0.0).as_secs()).collect();
        assert_eq!(delays, [1, 2, 4, 8, 16, 32, 60, 60]);
        assert_eq!(LOCAL.delay(u32::MAX, 0.0), seconds(60));
        assert_eq!(LOCAL.delay(7, 1.0), seconds(45));
    }

    #[test]
    fn a_parked_credential_asks_hourly_and_when_its_token_expires() {
        // (case, remaining, delay), in seconds
        let cases = [
            ("a long time left", Some(9_000), 3_600),
            ("ten minutes left", Some(600), 600),
            ("expired", Some(0), 3_600),
            ("never had one", None, 3_600),
        ];
        let now = BootTime::from_millis(5);
        for (case, remaining, delay) in cases {
            let expires = remaining.map(|left| now + seconds(left));
            assert_eq!(parked(expires, now, 0.0), seconds(delay), "{case}");
        }
    }

    #[test]
    fn retries_grow_denser_as_expiry_nears_and_never_below_min_interval() {
        let now = BootTime::default();
        // (case, failures, remaining, delay), in seconds
        let cases = [
            ("first failure", 1, Some(3000), 10),
            ("many failures, plenty left", 9, Some(3000), 300),
            ("many failures, two minutes left", 9, Some(120), 40),
            ("many failures, ten seconds left", 9, Some(10), 10),
            ("expired", 9, Some(0), 60),
            ("never had one", 9, None, 60),
        ];
        for (case, failures, remaining, delay) in cases {
            let expires = remaining.map(|left| now + seconds(left));
            assert_eq!(
                transient(seconds(10), failures, expires, now, 0.0),
                seconds(delay),
                "{case}"
            );
            assert!(transient(seconds(10), failures, expires, now, 0.99) >= seconds(10), "{case}");
        }
    }
}
