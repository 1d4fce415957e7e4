//! What is left of credentials that left while no daemon ran, or long ago.

use std::{
    collections::{BTreeSet, HashSet},
    path::PathBuf,
};

use crate::{
    clock::Now,
    credential::{Name, Output},
    observe::{Event, Observer},
    plan::Plan,
    publish,
    state::{Record, Saved, State},
};

/// Removes the outputs that were to go with their credential, and forgets tokens that have
/// expired. A token that is still good stays, lest a list that was cut short by mistake cost
/// requests; so does a refresh token, because losing it may cost the grant. What cannot be read or
/// removed is left for the next start.
pub fn clear(state: &State, plan: &Plan, now: Now, observer: &Observer) {
    let Ok(mut names) = state.names() else { return };
    for credential in &plan.credentials {
        names.remove(&credential.name);
    }
    withdraw(state, plan, &names, observer);
    for name in &names {
        let owes_removal = !state.record(name).removable.is_empty();
        let spent = state.load(name, now).is_ok_and(|saved| saved.as_ref().is_none_or(is_spent));
        if spent && !owes_removal {
            let _ = state.forget(name);
        }
    }
}

fn withdraw(state: &State, plan: &Plan, names: &BTreeSet<Name>, observer: &Observer) {
    let records = names.iter().map(|name| (name, state.record(name)));
    let leaving: Vec<_> = records.filter(|(_, record)| !record.removable.is_empty()).collect();
    if leaving.is_empty() {
        return;
    }
    let claimed: HashSet<PathBuf> =
        plan.credentials.iter().flat_map(|one| &one.outputs).flat_map(Output::files).collect();
    for (credential, record) in leaving {
        let files: Vec<_> =
            record.removable.into_iter().filter(|file| !claimed.contains(file)).collect();
        match publish::withdraw(&plan.settings.output_directory, &files) {
            Ok(files) => {
                observer.emit(&Event::Withdrawn { credential, files });
                let none = |record: &mut Record| record.removable = [].into();
                let _ = state.amend(credential, none);
            }
            Err(error) => observer.emit(&Event::Warning(&error.to_string())),
        }
    }
}

fn is_spent(saved: &Saved) -> bool {
    saved.token.refresh_token.is_none() && saved.age >= saved.token.lifetime.duration
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::{
        clock::{BootTime, WallTime},
        credential::{Credential, fixture},
        plan::{ReadyWhen, Settings},
        token::{IssuedToken, RefreshToken},
    };

    fn now() -> Now {
        let boot = BootTime::from_millis(86_400_000);
        Now { wall: WallTime::from_seconds(1_790_000_000), boot }
    }

    fn token(age: u64) -> IssuedToken {
        let age = Duration::from_secs(age);
        let duration = Duration::from_secs(3600);
        let requested_at = Now { wall: now().wall - age, boot: now().boot - age };
        IssuedToken::bearer("token".into(), requested_at, duration)
    }

    fn plan(directory: &std::path::Path, names: &[&str]) -> Plan {
        let credential = |name| Credential { name, ..fixture::credential() }.into();
        Plan {
            settings: Settings {
                listen: None,
                control: None,
                kubernetes_lease: None,
                state_directory: directory.join("state"),
                output_directory: directory.join("out"),
                concurrent_requests: 1,
                endpoint_requests_per_second: 1.0,
                ready_when: ReadyWhen::All,
                grace_period: Duration::ZERO,
            },
            credentials: names.iter().filter_map(|it| Name::written(it)).map(credential).collect(),
            watched: Vec::new(),
        }
    }

    #[test]
    fn tokens_of_those_that_left_are_kept_while_they_are_good() {
        let directory = tempfile::tempdir().unwrap();
        let state = State::open(&directory.path().join("state")).unwrap();
        for (name, age) in
            [("left@good", 60), ("left@expired", 7200), ("left", 7200), ("stays@expired", 7200)]
        {
            let name = Name::written(name).unwrap();
            let credential = Credential { name, ..fixture::credential() };
            state.save(&credential, &token(age), Duration::ZERO).unwrap();
        }
        let mut grant = state.load(&Name::written("left").unwrap(), now()).unwrap().unwrap();
        assert!(is_spent(&grant));
        let value = "refresh".into();
        let refresh_token = RefreshToken::first(value);
        grant.token.refresh_token = Some(refresh_token);
        assert!(!is_spent(&grant), "losing it may cost the grant");
        clear(&state, &plan(directory.path(), &["stays@expired"]), now(), &Observer::default());
        let left: Vec<_> = state.names().unwrap().iter().map(ToString::to_string).collect();
        assert_eq!(left, ["left@good", "stays@expired"]);
    }
}
