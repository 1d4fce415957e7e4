//! The refresh moment: one free function of the policy, the lifetime and one draw.

use std::time::Duration;

use crate::{clock::BootTime, credential::RefreshPolicy};

/// When to refresh a token that was asked for at `requested_at` and lives for `lifetime`, and whose
/// grant ends after `grant` unless it is refreshed before.
///
/// At the policy's fraction of the earlier of the two ends, up to `jitter` earlier (`draw` in `[0, 1)` says how
/// far), early enough to leave `min_remaining`, and no later than `keep_alive`. Two floors keep a
/// short lifetime from becoming a hot loop: `min_remaining` never brings the moment before half
/// of it has passed, and nothing brings it within `min_interval`.
pub fn refresh_moment(
    policy: &RefreshPolicy,
    requested_at: BootTime,
    lifetime: Duration,
    grant: Option<Duration>,
    draw: f64,
) -> BootTime {
    let lifetime = grant.map_or(lifetime, |grant| grant.min(lifetime));
    let fraction = (policy.at - policy.jitter * draw).clamp(0.0, 1.0);
    let by_fraction = lifetime.mul_f64(fraction);
    let by_remaining = lifetime.saturating_sub(policy.min_remaining).max(lifetime / 2);
    let keep_alive = policy.keep_alive.unwrap_or(Duration::MAX);
    requested_at + by_fraction.min(by_remaining).min(keep_alive).max(policy.min_interval)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const fn seconds(n: u64) -> Duration {
        Duration::from_secs(n)
    }

    fn policy(at: f64, jitter: f64, remaining: u64, interval: u64) -> RefreshPolicy {
        RefreshPolicy {
            at,
            jitter,
            min_remaining: seconds(remaining),
            min_interval: seconds(interval),
            assume_lifetime: seconds(3600),
            keep_alive: None,
            exclusive: false,
            calendar: None,
        }
    }

    fn kept_alive(policy: RefreshPolicy, seconds: u64) -> RefreshPolicy {
        RefreshPolicy { keep_alive: Some(Duration::from_secs(seconds)), ..policy }
    }

    #[test]
    fn the_moment_follows_the_policy() {
        // (case, policy, lifetime, draw, due), in seconds
        let cases = [
            ("three quarters of an hour", policy(0.75, 0.05, 60, 10), 3600, 0.0, 2700),
            ("jitter goes earlier", policy(0.75, 0.05, 60, 10), 3600, 0.5, 2610),
            ("min_remaining is the tighter bound", policy(0.99, 0.0, 300, 10), 3600, 0.0, 3300),
            ("min_remaining above the lifetime", policy(0.75, 0.0, 60, 10), 40, 0.0, 20),
            ("a lifetime below min_interval", policy(0.75, 0.0, 60, 10), 2, 0.0, 10),
            ("kept alive", kept_alive(policy(0.75, 0.0, 60, 10), 86_400), 5_000_000, 0.0, 86_400),
            ("alive anyway", kept_alive(policy(0.75, 0.0, 60, 10), 86_400), 3600, 0.0, 2700),
            ("kept alive too eagerly", kept_alive(policy(0.75, 0.0, 60, 10), 1), 3600, 0.0, 10),
        ];
        for (case, policy, lifetime, draw, due) in cases {
            let start = BootTime::default();
            let moment = refresh_moment(&policy, start, seconds(lifetime), None, draw);
            assert_eq!(moment.millis(), due * 1000, "{case}");
        }
    }

    #[test]
    fn a_grant_that_ends_before_the_token_brings_the_refresh_forward() {
        // (case, lifetime, what the grant has left, due), in seconds
        let cases = [
            ("the grant ends first", 3_600, Some(1_800), 1_350),
            ("the token ends first", 3_600, Some(86_400), 2_700),
            ("the grant has ended", 3_600, Some(0), 10),
            ("it has no end", 3_600, None, 2_700),
        ];
        for (case, lifetime, grant, due) in cases {
            let (policy, grant) = (policy(0.75, 0.0, 60, 10), grant.map(seconds));
            let start = BootTime::default();
            let moment = refresh_moment(&policy, start, seconds(lifetime), grant, 0.0);
            assert_eq!(moment.millis(), due * 1000, "{case}");
        }
    }

    proptest! {
        #[test]
        fn never_within_min_interval_and_never_after_expiry(
            at in 0.01..0.99_f64,
            jitter in 0.0..0.5_f64,
            remaining in 0..10_000_u64,
            interval in 1..100_u64,
            lifetime in 1..400_000_000_u64,
            grant in proptest::option::of(0..400_000_000_u64),
            draw in 0.0..1.0_f64,
        ) {
            let policy = policy(at, jitter, remaining, interval);
            let start = BootTime::from_millis(77);
            let (life, left) = (seconds(lifetime), grant.map(seconds));
            let wait = refresh_moment(&policy, start, life, left, draw).since(start);
            prop_assert!(wait >= seconds(interval));
            prop_assert!(wait <= life.min(left.unwrap_or(life)).max(seconds(interval)));
        }
    }
}
