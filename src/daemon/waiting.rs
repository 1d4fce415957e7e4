//! Why each credential is not asked for yet: from the daemon's note and its records.

use std::collections::BTreeMap;

use crate::{
    clock::WallTime,
    credential::{Credential, without_query},
    error::{Fault, PauseScope, Task},
    plan::Plan,
    state::{Record, State},
    waiting::{Breaker, EndpointWaiting, Pausing, Reason, Waiting},
};

/// What the daemon that runs now has noted; of one that does not run, nothing.
pub fn noted(state: Option<&State>) -> Option<Waiting> {
    state.filter(|state| state.writer().is_some()).map(State::waiting)
}

/// Every token endpoint of the plan, sorted by URL.
pub fn endpoints(plan: &Plan, noted: Option<&Waiting>) -> Vec<EndpointWaiting> {
    let urls = plan.credentials.iter().map(|credential| without_query(&credential.endpoint.url));
    let mut all: BTreeMap<Box<str>, EndpointWaiting> =
        urls.map(|url| (url.as_str().into(), EndpointWaiting::calm(url.into()))).collect();
    for endpoint in noted.into_iter().flat_map(|noted| &noted.endpoints) {
        if let Some(known) = all.get_mut(&endpoint.endpoint) {
            // Two that differ in their certificates alone have one URL: the worse counts.
            if endpoint.breaker >= known.breaker {
                *known = endpoint.clone();
            }
        }
    }
    all.into_values().collect()
}

/// What a credential waits for; `None` if only for its refresh moment, or if no daemon runs.
pub fn reason(
    credential: &Credential,
    record: &Record,
    noted: Option<&Waiting>,
    now: WallTime,
) -> Option<Reason> {
    let noted = noted?;
    let next = record.next_request_at.filter(|next| *next > now);
    if is_input_missing(record) {
        return Some(Reason::InputMissing { next_attempt_at: next });
    }
    let own = noted.credentials.get(credential.name.as_str()).cloned();
    own.or_else(|| paused(credential, record, now))
        .or_else(|| later(record, next))
        .or_else(|| due(credential, record, noted, now))
}

/// The last attempt failed on this machine, before anything was sent.
fn is_input_missing(record: &Record) -> bool {
    record.problem.as_ref().is_some_and(|problem| {
        problem.failure.task == Task::Acquire && problem.failure.fault == Fault::Local
    })
}

/// A pause of this credential alone is known from its record.
fn paused(credential: &Credential, record: &Record, now: WallTime) -> Option<Reason> {
    let pause = record.pause_left(now).filter(|pause| pause.scope == PauseScope::Credential)?;
    let asked_by = Some(credential.name.as_str().into());
    Some(Reason::Paused(Pausing { scope: pause.scope, until: now + pause.span, asked_by }))
}

/// The next attempt after a failure.
fn later(record: &Record, next: Option<WallTime>) -> Option<Reason> {
    let next_attempt_at = next?;
    match (record.parked, record.failures) {
        (true, _) => Some(Reason::Parked { next_attempt_at }),
        (false, 0) => None,
        (false, _) => Some(Reason::Retry { next_attempt_at }),
    }
}

/// It is due, and too many wait to name them all.
fn due(credential: &Credential, record: &Record, noted: &Waiting, now: WallTime) -> Option<Reason> {
    record.next_request_at.filter(|next| *next <= now)?;
    let url = without_query(&credential.endpoint.url);
    let endpoint = noted.endpoints.iter().find(|endpoint| *endpoint.endpoint == *url)?;
    match (endpoint.breaker, endpoint.since, endpoint.next_attempt_at) {
        (Breaker::Open | Breaker::HalfOpen, Some(since), Some(next_attempt_at)) => {
            Some(Reason::BreakerOpen { since, next_attempt_at })
        }
        _ if endpoint.waiting > 0 => Some(Reason::Queued { ahead: None }),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        credential::fixture,
        error::{Failure, Pause},
        state::ProblemRecord,
    };

    fn at(seconds: i64) -> WallTime {
        WallTime::from_seconds(seconds)
    }

    fn problem(fault: Fault) -> ProblemRecord {
        let failure =
            Failure { task: Task::Acquire, fault, reason: "x".into(), message: "x".into() };
        ProblemRecord { at: at(990), failure }
    }

    #[test]
    fn each_wait_has_its_reason() {
        let credential = fixture::credential();
        let next = Some(at(1_010));
        let failed = Record { next_request_at: next, failures: 2, ..Record::default() };
        let mut locked = Record { next_request_at: next, ..Record::default() };
        let span = std::time::Duration::from_secs(65);
        locked.note_pause(Some(Pause { span, scope: PauseScope::Credential }), at(990));
        let due = Record { next_request_at: Some(at(995)), ..Record::default() };
        let calm = Record { next_request_at: next, ..Record::default() };
        let queued = Reason::Queued { ahead: Some(4) };
        let mut here = EndpointWaiting::calm(without_query(&credential.endpoint.url).into());
        here.waiting = 900;
        let crowd = Waiting { endpoints: vec![here.clone()], ..Waiting::default() };
        here.breaker = Breaker::Open;
        (here.since, here.next_attempt_at) = (Some(at(900)), next);
        let open = Waiting { endpoints: vec![here], ..Waiting::default() };
        let name = credential.name.as_str().into();
        let named = Waiting { credentials: [(name, queued.clone())].into(), ..Waiting::default() };
        // (case, record, note, reason)
        let cases = [
            ("calm", &calm, &Waiting::default(), None),
            ("named", &due, &named, Some("queued")),
            ("one of many", &due, &crowd, Some("queued")),
            ("one of many, open", &due, &open, Some("breaker_open")),
            ("due, and nobody waits", &due, &Waiting::default(), None),
            ("failed", &failed, &Waiting::default(), Some("retry")),
            ("locked", &locked, &Waiting::default(), Some("paused")),
            (
                "refused",
                &Record { parked: true, ..failed.clone() },
                &Waiting::default(),
                Some("parked"),
            ),
            (
                "no secret",
                &Record { problem: Some(problem(Fault::Local)), ..failed.clone() },
                &named,
                Some("input_missing"),
            ),
            (
                "an error of the server",
                &Record { problem: Some(problem(Fault::Transient)), ..failed.clone() },
                &named,
                Some("queued"),
            ),
        ];
        for (case, record, noted, expected) in cases {
            let reason = reason(&credential, record, Some(noted), at(1_000));
            assert_eq!(reason.as_ref().map(Reason::as_str), expected, "{case}");
            assert_eq!(super::reason(&credential, record, None, at(1_000)), None, "{case}");
        }
    }
}
