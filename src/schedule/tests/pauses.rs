//! Who waits when a server asks to be left alone.

use super::*;

/// A credential of each of these clients at one endpoint, each with its first request under way.
fn asking<const N: usize>(schedule: &mut Schedule, clients: [&str; N]) -> [Id; N] {
    let ids = clients.map(|name| {
        let spec = Spec { client: client(name), ..spec("a") };
        schedule.add(&spec, &Resume::default(), at(0))
    });
    ids.map(|id| {
        assert_eq!(step(schedule, at(0)), Step::Acquire(id));
        id
    })
}

/// Who is asked for at this moment.
fn asked(schedule: &mut Schedule, now: BootTime) -> Vec<Id> {
    std::iter::from_fn(|| match step(schedule, now) {
        Step::Acquire(id) => Some(id),
        _ => None,
    })
    .collect()
}

#[test]
fn a_pause_has_a_scope() {
    // (scope, who is asked at 10 s, what the first waits for)
    for (scope, others) in [
        (PauseScope::Credential, vec![1, 2]),
        (PauseScope::Client, vec![2]),
        (PauseScope::Endpoint, vec![]),
    ] {
        let mut schedule = schedule();
        let ids = asking(&mut schedule, ["one", "one", "two"]);
        schedule.record(ids[0], paused(120, scope), at(0), 0.0);
        for id in &ids[1..] {
            schedule.record(*id, REFUSED, at(0), 0.0);
        }
        let expected: Vec<Id> = others.iter().map(|index| ids[*index]).collect();
        assert_eq!(asked(&mut schedule, at(10)), expected, "{scope:?}");
        let wait = schedule.view(ids[0], at(10)).wait;
        let expected = Wait::Paused { until: at(120), scope, by: Some(ids[0]) };
        assert_eq!(wait, Some(expected), "{scope:?}");
        assert_eq!(asked(&mut schedule, at(119)), [], "{scope:?}");
        assert!(asked(&mut schedule, at(120)).contains(&ids[0]), "{scope:?}");
    }
}

#[test]
fn the_pause_of_a_second_client_is_one_of_all_but_not_for_long() {
    // (case, whether the third client gets a token in between, when it is asked again)
    for (case, works, third_at) in [("nobody gets a token", false, 71), ("one does", true, 60)] {
        let mut schedule = schedule();
        let [first, second, third] = asking(&mut schedule, ["one", "two", "three"]);
        schedule.record(first, paused(600, PauseScope::Client), at(1), 0.0);
        schedule.record(second, REFUSED, at(1), 0.0);
        let outcome = if works { acquired(at(0), 80) } else { REFUSED };
        schedule.record(third, outcome, at(1), 0.0);
        if works {
            assert_eq!(step(&mut schedule, at(1)), Step::Save(third));
            schedule.record(third, Outcome::Saved, at(1), 0.0);
            assert_eq!(step(&mut schedule, at(1)), Step::Publish(third));
            schedule.record(third, Outcome::Published { changed: false }, at(1), 0.0);
        }
        assert!(asked(&mut schedule, at(11)).contains(&second));
        schedule.record(second, paused(600, PauseScope::Client), at(11), 0.0);
        if !works {
            let outcome = Step::Wait(Some(at(71)));
            assert!(schedule.is_asking(third));
            schedule.record(third, REFUSED, at(11), 0.0);
            assert_ne!(step(&mut schedule, at(21)), Step::Acquire(third), "{case}");
            assert_eq!(step(&mut schedule, at(70)), outcome, "{case}");
        }
        assert_eq!(asked(&mut schedule, at(third_at)), [third], "{case}");
    }
}

#[test]
fn two_clients_that_were_asked_together_say_nothing_of_a_third() {
    let mut schedule = schedule();
    let [first, second, third] = asking(&mut schedule, ["one", "two", "three"]);
    for id in [first, second] {
        schedule.record(id, paused(600, PauseScope::Client), at(1), 0.0);
    }
    schedule.record(third, REFUSED, at(1), 0.0);
    assert_eq!(asked(&mut schedule, at(11)), [third]);
}

#[test]
fn a_pause_survives_a_reload_and_a_restart() {
    let mut schedule = schedule();
    let [first, _] = asking(&mut schedule, ["one", "two"]);
    schedule.record(first, paused(120, PauseScope::Client), at(0), 0.0);
    schedule.remove(first, at(0));
    assert!(schedule.is_gone(first));
    let again = Spec { client: client("one"), ..spec("a") };
    let again = schedule.add(&again, &Resume::default(), at(1));
    assert_eq!(step(&mut schedule, at(1)), Step::Wait(Some(at(120))));
    assert_eq!(step(&mut schedule, at(120)), Step::Acquire(again));

    for scope in [PauseScope::Credential, PauseScope::Client, PauseScope::Endpoint] {
        let mut schedule = super::schedule();
        let resume = Resume { pause: Some((scope, at(120))), ..Resume::default() };
        let id = schedule.add(&spec("a"), &resume, at(0));
        assert_eq!(asked(&mut schedule, at(119)), [], "{scope:?}");
        assert_eq!(asked(&mut schedule, at(120)), [id], "{scope:?}");
    }
}

#[test]
fn a_changed_input_ends_the_pause_of_its_credential_alone() {
    let mut schedule = schedule();
    let [id] = asking(&mut schedule, ["one"]);
    schedule.record(id, paused(600, PauseScope::Credential), at(0), 0.0);
    let change = Change { acquire: true, publish: false };
    schedule.update(id, &spec("a"), change, at(1), 0.0);
    assert_eq!(asked(&mut schedule, at(10)), [id]);
}
