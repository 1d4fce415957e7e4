//! The survey: how every credential is, from what is on disk and the clock now.

use std::sync::Arc;

use super::waiting;
use crate::{
    clock::{Now, WallTime},
    cluster::Receipt,
    credential::{Credential, KubernetesSecret, Output},
    observe::{
        CredentialStatus, DaemonStatus, OutputState, OutputStatus, ProblemStatus, SecretStatus,
        Standing, Status,
    },
    plan::{Plan, ReadyWhen},
    publish::{OnDisk, expiry_on_disk},
    state::{DaemonRecord, Record, State},
    waiting::Waiting,
};

/// Looks at every output, and at what the state directory knows. Blocks on the disk.
pub fn survey(plan: &Plan, state: Option<&State>, now: Now) -> Status {
    let noted = waiting::noted(state);
    let one = |credential: &Arc<Credential>| one(plan, credential, state, noted.as_ref(), now);
    let credentials: Vec<_> = plan.credentials.iter().map(one).collect();
    Status {
        at: now.wall,
        ready: is_ready(plan.settings.ready_when, &credentials),
        daemon: state.and_then(|state| state.daemon().map(|record| daemon(state, record))),
        credentials,
        endpoints: waiting::endpoints(plan, noted.as_ref()),
    }
}

/// Where there is nothing to wait for, nobody waits.
fn is_ready(ready_when: ReadyWhen, credentials: &[CredentialStatus]) -> bool {
    match ready_when {
        ReadyWhen::All => credentials.iter().all(CredentialStatus::is_ready),
        ReadyWhen::Any => {
            credentials.is_empty() || credentials.iter().any(CredentialStatus::is_ready)
        }
        ReadyWhen::Started => true,
    }
}

/// What consumers would find in one place.
pub struct Look {
    /// Which output: a path, or a Secret.
    pub label: Box<str>,
    /// What is there.
    pub state: OutputState,
    /// Until when the token is good, if there is an end.
    pub expires_at: Option<WallTime>,
}

/// What consumers of a credential would find in each of its outputs. The record holds what the
/// cluster has confirmed of Secrets. Blocks on the disk.
pub fn look(plan: &Plan, credential: &Credential, record: &Record, now: WallTime) -> Vec<Look> {
    let file = |output| {
        let (state, expires_at) = look_at_file(plan, output, now);
        Look { label: output.label(), state, expires_at }
    };
    let secret = |secret: &KubernetesSecret| {
        let label = secret.label();
        let receipt = record.receipts.iter().find(|receipt| receipt.secret == label);
        let (state, expires_at) = look_at_receipt(receipt, now);
        Look { label, state, expires_at }
    };
    credential.outputs.iter().map(file).chain(credential.secrets.iter().map(secret)).collect()
}

fn look_at_receipt(receipt: Option<&Receipt>, now: WallTime) -> (OutputState, Option<WallTime>) {
    match receipt {
        None => (OutputState::Missing, None),
        Some(Receipt { expires_at: Some(date), .. }) if *date <= now => {
            (OutputState::Expired, Some(*date))
        }
        Some(receipt) => (OutputState::Valid, receipt.expires_at),
    }
}

fn look_at_file(plan: &Plan, output: &Output, now: WallTime) -> (OutputState, Option<WallTime>) {
    match expiry_on_disk(&plan.settings.output_directory, output) {
        Ok(OnDisk::Valid { expiry }) if expiry.has_passed(now) => {
            (OutputState::Expired, expiry.date())
        }
        Ok(OnDisk::Valid { expiry }) => (OutputState::Valid, expiry.date()),
        Ok(OnDisk::Missing) => (OutputState::Missing, None),
        Ok(OnDisk::Foreign) | Err(_) => (OutputState::Unreadable, None),
    }
}

fn one(
    plan: &Plan,
    credential: &Credential,
    state: Option<&State>,
    noted: Option<&Waiting>,
    now: Now,
) -> CredentialStatus {
    let record = state.map(|state| state.record(&credential.name)).unwrap_or_default();
    let looks = look(plan, credential, &record, now.wall);
    let states: Vec<_> = looks.iter().map(|look| look.state).collect();
    CredentialStatus {
        name: credential.name.as_str().into(),
        standing: standing(&states, &record),
        issued_at: record.issued_at,
        expires_at: looks.iter().filter_map(|look| look.expires_at).min(),
        lifetime_source: record.lifetime_source,
        outage_ms: record.outage_ms.filter(|_| credential.refresh.exclusive),
        next_request_at: record.next_request_at,
        grant_expires_at: record.grant_expires_at,
        grant_extends: record.grant_extends,
        failures: record.failures,
        parked: record.parked,
        waiting: waiting::reason(credential, &record, noted, now.wall),
        client_secret: client_secret(credential, &record),
        problem: record
            .problem
            .map(|problem| ProblemStatus { at: problem.at, failure: problem.failure }),
        outputs: looks
            .into_iter()
            .map(|look| OutputStatus { path: look.label, state: look.state })
            .collect(),
    }
}

/// The client secret that got the last token, if it is not the first.
fn client_secret(credential: &Credential, record: &Record) -> Option<SecretStatus> {
    let (place, of) = (record.client_secret.accepted as usize, credential.client.secrets.len());
    (1..of).contains(&place).then_some(SecretStatus { number: place + 1, of })
}

fn standing(outputs: &[OutputState], record: &Record) -> Standing {
    let any = |wanted: &[OutputState]| outputs.iter().any(|state| wanted.contains(state));
    if outputs.is_empty() || any(&[OutputState::Missing, OutputState::Unreadable]) {
        Standing::Missing
    } else if any(&[OutputState::Expired]) {
        Standing::Expired
    } else if record.is_revoked() {
        Standing::Revoked
    } else if record.parked {
        Standing::Parked
    } else if record.problem.is_some() {
        Standing::Failing
    } else {
        Standing::Fresh
    }
}

fn daemon(state: &State, record: DaemonRecord) -> DaemonStatus {
    DaemonStatus {
        process_id: state.writer(),
        version: record.version,
        configuration: record.configuration,
        started_at: record.started_at,
        configured_at: record.configured_at,
        configuration_problem: record.configuration_problem,
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::{
        credential::{Client, fixture},
        plan::Settings,
        state::{Rejection, SecretTurn},
    };

    #[test]
    fn a_client_secret_that_is_not_the_first_is_shown() {
        let secrets = [fixture::literal("new"), fixture::literal("old")].into();
        let mut credential = fixture::credential();
        credential.client = Arc::new(Client { secrets, ..(*credential.client).clone() });
        // (the one that got the last token, what is shown)
        let second = SecretStatus { number: 2, of: 2 };
        for (accepted, expected) in [(0, None), (1, Some(second)), (7, None)] {
            let turn = SecretTurn { next: 0, accepted };
            let record = Record { client_secret: turn, ..Record::default() };
            assert_eq!(client_secret(&credential, &record), expected, "{accepted}");
        }
    }

    #[test]
    fn of_a_secret_the_receipt_tells() {
        let receipt = |expires_at: Option<i64>| Receipt {
            secret: "secret/token".into(),
            confirmed_at: WallTime::default(),
            expires_at: expires_at.map(WallTime::from_seconds),
        };
        let now = WallTime::from_seconds(100);
        for (case, receipt, expected) in [
            ("none", None, OutputState::Missing),
            ("of a good token", Some(receipt(Some(101))), OutputState::Valid),
            ("of one that has expired", Some(receipt(Some(100))), OutputState::Expired),
            ("of one without an end", Some(receipt(None)), OutputState::Valid),
        ] {
            assert_eq!(look_at_receipt(receipt.as_ref(), now).0, expected, "{case}");
        }
    }

    #[test]
    fn ready_when_decides() {
        use ReadyWhen::{All, Any, Started};
        let plan = Plan {
            settings: Settings {
                listen: None,
                control: None,
                kubernetes_lease: None,
                state_directory: "state".into(),
                output_directory: "out".into(),
                concurrent_requests: 1,
                endpoint_requests_per_second: 1.0,
                ready_when: All,
                grace_period: Duration::ZERO,
            },
            credentials: Vec::new(),
            watched: Vec::new(),
        };
        let one = |outputs: &[OutputState]| {
            let mut status = super::one(&plan, &fixture::credential(), None, None, Now::default());
            status.standing = standing(outputs, &Record::default());
            status
        };
        let (good, bad) = (one(&[OutputState::Valid]), one(&[OutputState::Missing]));
        let (none, mixed) = ([].as_slice(), [good, bad]);
        for (rule, credentials, expected) in [
            (All, none, true),
            (Any, none, true),
            (Started, none, true),
            (All, &mixed[..], false),
            (All, &mixed[..1], true),
            (Any, &mixed[..], true),
            (Any, &mixed[1..], false),
            (Started, &mixed[1..], true),
        ] {
            assert_eq!(is_ready(rule, credentials), expected, "{rule:?} {}", credentials.len());
        }
    }

    #[test]
    fn the_worst_output_decides() {
        use OutputState::{Expired, Missing, Unreadable, Valid};
        let parked = Record { parked: true, ..Record::default() };
        let rejection = Some(Rejection { at: WallTime::default(), stands: true, repeated: false });
        let revoked = Record { rejection, ..parked.clone() };
        let fine = Record::default();
        // (case, outputs, record, standing)
        let cases: [(_, &[OutputState], _, _); 8] = [
            ("all good", &[Valid, Valid], &fine, Standing::Fresh),
            ("good but parked", &[Valid], &parked, Standing::Parked),
            ("good but revoked", &[Valid], &revoked, Standing::Revoked),
            ("revoked and expired", &[Expired], &revoked, Standing::Expired),
            ("one expired", &[Valid, Expired], &fine, Standing::Expired),
            ("one missing", &[Expired, Missing], &fine, Standing::Missing),
            ("one not ours", &[Unreadable, Valid], &fine, Standing::Missing),
            ("nothing to read is not ready", &[], &fine, Standing::Missing),
        ];
        for (case, outputs, record, expected) in cases {
            assert_eq!(standing(outputs, record), expected, "{case}");
        }
    }
}
