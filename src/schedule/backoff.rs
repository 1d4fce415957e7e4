//! How long to wait after a failure.

use std::time::Duration;

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

/// Between requests of a client that the server refuses and that has no token: it may not be known
/// yet.
pub const REFUSED: Backoff =
    Backoff { first: Duration::from_secs(60), ceiling: Duration::from_secs(3600) };

/// How often a parked credential asks again: somebody may have put the other side right.
const PARKED: Duration = Duration::from_secs(3600);

/// The ceiling between requests while the consumers still have a good token.
const WITH_TOKEN: Duration = Duration::from_secs(300);

/// The ceiling between requests while they have none.
const WITHOUT_TOKEN: Duration = Duration::from_secs(60);

/// After expiry the ceiling is this part of the time since: at first the retries are as dense as
/// right before it, and they reach [`WITHOUT_TOKEN`] an hour later.
const SINCE_EXPIRY: u32 = 60;

/// And it is no longer than this part of the lifetime: who lives on short tokens is missed soon.
const OF_LIFETIME: u32 = 10;

impl Backoff {
    /// The delay after `failures` failures in a row, trimmed by up to a quarter (`draw` in
    /// `[0, 1)` says how much), so that what failed together does not come back together.
    pub fn delay(self, failures: u32, draw: f64) -> Duration {
        let doublings = failures.saturating_sub(1).min(20);
        let grown = self.first.saturating_mul(1 << doublings).min(self.ceiling);
        trimmed(grown, draw)
    }
}

/// What consumers have when a request fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Served {
    /// A good token, for this much longer.
    For(Duration),
    /// A token that ended a while ago, or may have ended just now.
    Until {
        /// How long ago.
        gone: Duration,
        /// For how long it was good.
        lifetime: Duration,
    },
    /// Nothing yet.
    Never,
}

impl Served {
    /// For how much longer.
    fn remaining(self) -> Duration {
        match self {
            Self::For(remaining) => remaining,
            Self::Until { .. } | Self::Never => Duration::ZERO,
        }
    }
}

/// How long a parked credential waits. When its token expires it asks once more: there is nothing
/// left to lose, and what kept it from asking may hold no longer.
pub fn parked(served: Served, draw: f64) -> Duration {
    let delay = trimmed(PARKED, draw);
    let remaining = served.remaining();
    if remaining.is_zero() { delay } else { delay.min(remaining) }
}

/// `delay`, shortened by up to a quarter.
fn trimmed(delay: Duration, draw: f64) -> Duration {
    delay.mul_f64(1.0 - 0.25 * draw.clamp(0.0, 1.0))
}

/// The delay before the next request after a transient failure.
///
/// While a good token is on disk, the delay is at most a third of what remains of it, so that an
/// endpoint which recovers shortly before expiry is still found in time. It does not grow when the
/// token has expired, but with the time since.
pub fn transient(min_interval: Duration, failures: u32, served: Served, draw: f64) -> Duration {
    let ceiling = match served {
        Served::For(remaining) => WITH_TOKEN.min(remaining / 3),
        Served::Until { gone, lifetime } => {
            WITHOUT_TOKEN.min(gone / SINCE_EXPIRY).min(lifetime / OF_LIFETIME)
        }
        Served::Never => WITHOUT_TOKEN,
    };
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
        // (case, what consumers have, delay in seconds)
        let cases = [
            ("a long time left", Served::For(seconds(9_000)), 3_600),
            ("ten minutes left", Served::For(seconds(600)), 600),
            ("expired", Served::Until { gone: seconds(0), lifetime: seconds(60) }, 3_600),
            ("never had one", Served::Never, 3_600),
        ];
        for (case, served, delay) in cases {
            assert_eq!(parked(served, 0.0), seconds(delay), "{case}");
        }
    }

    #[test]
    fn a_client_that_is_not_known_yet_is_asked_for_after_minutes_and_then_hourly() {
        let minutes = |failures| REFUSED.delay(failures, 0.0).as_secs() / 60;
        assert_eq!((1..=8).map(minutes).collect::<Vec<_>>(), [1, 2, 4, 8, 16, 32, 60, 60]);
    }

    #[test]
    fn retries_grow_denser_as_expiry_nears_and_not_sparser_right_after() {
        use Served::{For, Never};
        let until = |gone| Served::Until { gone: seconds(gone), lifetime: seconds(3_600) };
        let short = Served::Until { gone: seconds(86_400), lifetime: seconds(150) };
        // (case, failures, what consumers have, delay in seconds)
        let cases = [
            ("first failure", 1, For(seconds(3000)), 10),
            ("many failures, plenty left", 9, For(seconds(3000)), 300),
            ("many failures, two minutes left", 9, For(seconds(120)), 40),
            ("many failures, ten seconds left", 9, For(seconds(10)), 10),
            ("just expired", 9, until(0), 10),
            ("expired ten minutes ago", 9, until(600), 10),
            ("expired half an hour ago", 9, until(1800), 30),
            ("expired yesterday", 9, until(86_400), 60),
            ("expired yesterday, and short", 9, short, 15),
            ("never had one", 9, Never, 60),
        ];
        for (case, failures, served, delay) in cases {
            assert_eq!(transient(seconds(10), failures, served, 0.0), seconds(delay), "{case}");
            assert!(transient(seconds(10), failures, served, 0.99) >= seconds(10), "{case}");
        }
    }
}
