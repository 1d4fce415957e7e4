//! When a token is asked for again.

use std::time::Duration;

use super::{calendar::calendar, draft::Draft};
use crate::{
    config::{
        keys::{CREDENTIAL, REFRESH},
        node::{Node, Span},
        scalar,
    },
    credential::RefreshPolicy,
};

/// The refresh policy of a credential.
pub fn refresh(draft: &mut Draft<'_>) -> RefreshPolicy {
    let fraction = |name| draft.number(&REFRESH, &["refresh", name]);
    let duration = |name| draft.duration(&REFRESH, &["refresh", name]);
    let policy = RefreshPolicy {
        at: fraction("at"),
        jitter: fraction("jitter"),
        min_remaining: duration("min_remaining"),
        min_interval: duration("min_interval"),
        assume_lifetime: draft.duration(&CREDENTIAL, &["assume_lifetime"]),
        keep_alive: draft
            .find(&["refresh", "keep_alive"])
            .and_then(Node::text)
            .and_then(scalar::duration),
        exclusive: draft.text(&CREDENTIAL, &["overlap"]) == Some("none"),
        calendar: None,
    };
    check(draft, &policy);
    RefreshPolicy { calendar: calendar(draft, &REFRESH, "refresh"), ..policy }
}

fn check(draft: &mut Draft<'_>, policy: &RefreshPolicy) {
    // What is no fraction at all, the check of the shape has reported.
    if [policy.at, policy.jitter].iter().all(|value| (0.0..=1.0).contains(value)) {
        check_fractions(draft, policy);
    }
    if policy.min_interval < Duration::from_secs(1) {
        draft.error(
            place(draft, &["refresh", "min_interval"]),
            "`min_interval` is below one second: the provider would be flooded",
            "write `1s` or more",
        );
    }
    if policy.assume_lifetime.is_zero() {
        draft.error(
            place(draft, &["assume_lifetime"]),
            "`assume_lifetime` is zero: such a token would never be valid",
            "write how long tokens of this provider live, such as `1h`",
        );
    }
}

fn check_fractions(draft: &mut Draft<'_>, policy: &RefreshPolicy) {
    if policy.at <= 0.0 || policy.at >= 1.0 {
        draft.error(
            place(draft, &["refresh", "at"]),
            "`at` must lie between 0 and 1: a token is refreshed while it lives",
            "write a fraction of the lifetime, such as `0.75`",
        );
    } else if policy.jitter >= policy.at {
        draft.error(
            place(draft, &["refresh", "jitter"]),
            "`jitter` must be below `at`: a token would be refreshed before it was issued",
            "write a small fraction, such as `0.05`",
        );
    }
}

fn place(draft: &Draft<'_>, path: &[&str]) -> Span {
    draft.find(path).map_or(draft.at, |node| draft.place(node))
}
