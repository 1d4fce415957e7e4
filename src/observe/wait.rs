//! Why a credential is not asked for yet, as a sentence.

use super::span::{span, until};
use crate::{
    clock::WallTime,
    error::PauseScope,
    waiting::{Pausing, Reason},
};

/// When a credential is asked for next, or what keeps it, in at most eight characters.
pub fn refresh(reason: &Reason, at: WallTime) -> String {
    match (reason.next_attempt_at(), reason) {
        (Some(next), _) => until(next.max(at), at),
        (None, Reason::Queued { .. }) => "queued".into(),
        (None, Reason::ReadingInputs) => "reading".into(),
        (None, Reason::InputMissing { .. }) => "input".into(),
        (None, _) => "now".into(),
    }
}

/// What it waits for, or when it is asked for next.
pub fn why(reason: &Reason, at: WallTime) -> String {
    sentence(reason, at).unwrap_or_else(|| match reason.next_attempt_at() {
        Some(next) => format!("asked for again in {}", span(next.since(at).as_secs())),
        None => "its request is under way".into(),
    })
}

/// What it waits for. `None` where the moment of the next request says it all, or the last failure.
pub fn sentence(reason: &Reason, at: WallTime) -> Option<String> {
    let left = |moment: WallTime| span(moment.since(at).as_secs());
    match reason {
        Reason::InputMissing { .. } => {
            Some("waits for a value on this machine: nothing is sent until it can be read".into())
        }
        Reason::ReadingInputs => Some("waits for its values to be read on this machine".into()),
        Reason::BreakerOpen { since, next_attempt_at } => Some(format!(
            "waits: the circuit breaker of its endpoint has been open for {}, because several \
             credentials failed there in turn; the endpoint is asked again in {}",
            span(at.since(*since).as_secs()),
            left(*next_attempt_at)
        )),
        Reason::Paused(pausing) => Some(paused(pausing, at)),
        Reason::Queued { ahead: Some(0) } => Some("queued: it is next at its endpoint".into()),
        Reason::Queued { ahead: Some(1) } => Some("queued behind 1 other at its endpoint".into()),
        Reason::Queued { ahead: Some(ahead) } => {
            Some(format!("queued behind {ahead} others at its endpoint"))
        }
        Reason::Queued { ahead: None } => Some("queued behind many others at its endpoint".into()),
        Reason::UnderWay { since } if at.since(*since).as_secs() >= 5 => {
            Some(format!("its request has been under way for {}", span(at.since(*since).as_secs())))
        }
        Reason::UnderWay { .. } | Reason::Retry { .. } | Reason::Parked { .. } => None,
    }
}

fn paused(pausing: &Pausing, at: WallTime) -> String {
    let meant = match pausing.scope {
        PauseScope::Credential => "asked to wait with this credential",
        PauseScope::Client => "asked its client to wait",
        PauseScope::Endpoint => "asked all to wait",
    };
    let left = span(pausing.until.since(at).as_secs());
    match &pausing.asked_by {
        Some(name) if pausing.scope != PauseScope::Credential => {
            format!("paused for {left}: the server {meant} (it said so to {name})")
        }
        _ => format!("paused for {left}: the server {meant}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pausing(scope: PauseScope) -> Reason {
        let asked_by = Some("learn".into());
        Reason::Paused(Pausing { scope, until: WallTime::from_seconds(1_065), asked_by })
    }

    #[test]
    fn each_wait_has_a_word_for_its_column_and_a_sentence() {
        let at = WallTime::from_seconds(1_000);
        let later = WallTime::from_seconds(1_012);
        // (reason, column, sentence)
        let cases = [
            (Reason::Queued { ahead: Some(3) }, "queued", "queued behind 3 others at its endpoint"),
            (Reason::Queued { ahead: Some(0) }, "queued", "queued: it is next at its endpoint"),
            (Reason::ReadingInputs, "reading", "waits for its values to be read on this machine"),
            (
                Reason::InputMissing { next_attempt_at: Some(later) },
                "12s",
                "waits for a value on this machine: nothing is sent until it can be read",
            ),
            (
                Reason::BreakerOpen { since: WallTime::from_seconds(760), next_attempt_at: later },
                "12s",
                "waits: the circuit breaker of its endpoint has been open for 4m00s, because \
                 several credentials failed there in turn; the endpoint is asked again in 12s",
            ),
            (
                pausing(PauseScope::Client),
                "1m05s",
                "paused for 1m05s: the server asked its client to wait (it said so to learn)",
            ),
            (
                pausing(PauseScope::Credential),
                "1m05s",
                "paused for 1m05s: the server asked to wait with this credential",
            ),
            (
                Reason::UnderWay { since: WallTime::from_seconds(969) },
                "now",
                "its request has been under way for 31s",
            ),
        ];
        for (reason, column, text) in cases {
            assert_eq!(refresh(&reason, at), column, "{reason:?}");
            assert_eq!(sentence(&reason, at).as_deref(), Some(text), "{reason:?}");
        }
        for reason in [
            Reason::Retry { next_attempt_at: later },
            Reason::Parked { next_attempt_at: later },
            Reason::UnderWay { since: at },
        ] {
            assert_eq!(sentence(&reason, at), None, "{reason:?}");
        }
    }
}
