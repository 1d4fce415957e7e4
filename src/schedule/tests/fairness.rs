//! Those that work beside those that do not.

use super::*;

/// A schedule with the limits of the daemon.
fn limited() -> Schedule {
    let endpoint_spacing = Duration::from_millis(100);
    Schedule::new(Limits { concurrent_requests: 64, endpoint_spacing })
}

/// As many credentials, each of its own client, at one endpoint.
fn newcomers(schedule: &mut Schedule, count: usize) -> Vec<Id> {
    let clients = (0..count).map(|index| client(&format!("client-{index}")));
    let specs = clients.map(|client| Spec { client, ..spec("a") });
    specs.map(|spec| schedule.add(&spec, &Resume::default(), at(0))).collect()
}

/// Performs what is due up to `now`, each request refused as soon as it is sent; who was asked when.
fn refuse_all(schedule: &mut Schedule, outcome: Outcome, now: BootTime) -> Vec<(u64, Id)> {
    let mut asked = Vec::new();
    let mut moment = BootTime::default();
    loop {
        match step(schedule, moment) {
            Step::Acquire(id) => {
                asked.push((moment.millis() / 1000, id));
                schedule.record(id, outcome, moment, 0.0);
            }
            Step::Wait(Some(until)) if until <= now => moment = until,
            Step::Wait(_) => return asked,
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn what_fails_on_this_machine_takes_no_slot() {
    let mut schedule = limited();
    let broken = newcomers(&mut schedule, 700);
    let healthy = schedule.add(&spec("a"), &Resume::default(), at(0));
    let local = refused(Fault::Local, Evidence::Unknown, None);
    let mut prepared = Vec::new();
    loop {
        match schedule.step(at(0)) {
            Step::Prepare(id) if id == healthy => {
                schedule.record(id, Outcome::Prepared, at(0), 0.0);
            }
            Step::Prepare(id) => {
                prepared.push(id);
                schedule.record(id, local, at(0), 0.0);
            }
            Step::Acquire(id) => {
                assert_eq!((id, prepared.len()), (healthy, broken.len()));
                break;
            }
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn programs_that_hang_keep_half_of_the_first_slots_from_nobody() {
    let mut schedule = limited();
    newcomers(&mut schedule, 12);
    let hanging = (0..12).map(|_| schedule.step(at(0))).collect::<Vec<_>>();
    assert!(hanging.iter().all(|step| matches!(step, Step::Prepare(_))), "{hanging:?}");
    let resume = Resume { held: Some(Held { due: at(1), ..held(0, 3600) }), ..Resume::default() };
    let healthy = schedule.add(&spec("a"), &resume, at(1));
    assert_eq!(schedule.step(at(1)), Step::Publish(healthy));
    schedule.record(healthy, Outcome::Published { changed: false }, at(1), 0.0);
    assert_eq!(schedule.step(at(10)), Step::Prepare(healthy));
}

#[test]
fn a_volley_does_not_open_the_breaker() {
    let mut schedule = schedule();
    let ids = newcomers(&mut schedule, 9);
    let asked: Vec<Id> = ids.iter().copied().take(6).collect();
    for id in &asked {
        assert_eq!(step(&mut schedule, at(0)), Step::Acquire(*id));
    }
    for id in &asked {
        schedule.record(*id, REFUSED, at(1), 0.0);
    }
    assert_eq!(step(&mut schedule, at(1)), Step::Acquire(ids[6]), "the next is asked at once");
}

#[test]
fn an_open_breaker_asks_those_that_have_not_failed_and_then_one_after_another() {
    let mut schedule = limited();
    let ids = newcomers(&mut schedule, 10);
    let asked = refuse_all(&mut schedule, REFUSED, at(3600));
    let soon: BTreeSet<Id> =
        asked.iter().filter(|(second, _)| *second <= 60).map(|(_, id)| *id).collect();
    assert_eq!(soon.len(), ids.len(), "each of them within one ceiling: {asked:?}");
    let late = asked.iter().filter(|(second, _)| *second > 120).count();
    assert!(late <= 58, "then one a minute: {late}");
    let twice = asked.windows(2).find(|pair| pair[0].1 == pair[1].1);
    assert_eq!(twice, None, "never the same twice in turn");
    let view = &schedule.endpoints(at(3600))[0];
    assert_ne!(view.breaker, BreakerState::Closed);
    let wait = schedule.view(ids[0], at(3600)).wait;
    assert!(matches!(wait, Some(Wait::Breaker { .. })), "{wait:?}");
}

#[test]
fn any_answer_of_the_authorization_server_closes_the_breaker() {
    // (case, outcome, closed)
    let busy = refused(Fault::Transient, Evidence::Unknown, None);
    for (case, outcome, closed) in [
        ("a token", acquired(at(60), 3600), true),
        ("a refusal", DENIED, true),
        ("a rate limit of a gateway", busy, false),
        ("an error of the server", REFUSED, false),
    ] {
        let mut schedule = schedule();
        let ids = newcomers(&mut schedule, 4);
        for id in &ids[..3] {
            assert_eq!(step(&mut schedule, at(0)), Step::Acquire(*id));
            schedule.record(*id, REFUSED, at(0), 0.0);
        }
        refuse_all(&mut schedule, REFUSED, at(59));
        let Step::Acquire(id) = step(&mut schedule, at(70)) else { panic!("{case}") };
        schedule.record(id, outcome, at(70), 0.0);
        let breaker = schedule.endpoints(at(70)).first().map(|view| view.breaker);
        let is_closed = breaker.is_none_or(|breaker| breaker == BreakerState::Closed);
        assert_eq!(is_closed, closed, "{case}: {breaker:?}");
    }
}

#[test]
fn a_probe_that_hangs_does_not_keep_one_that_is_served_waiting() {
    let mut schedule = limited();
    let resume = Resume { held: Some(held(0, 3600)), ..Resume::default() };
    let healthy = schedule.add(&spec("a"), &resume, at(0));
    assert_eq!(step(&mut schedule, at(0)), Step::Publish(healthy));
    schedule.record(healthy, Outcome::Published { changed: false }, at(0), 0.0);
    newcomers(&mut schedule, 4);
    refuse_all(&mut schedule, REFUSED, at(2690));
    let due = held(0, 3600).due;
    let mut now = at(2690);
    let mut asked = Vec::new();
    while now <= due + seconds(60) && !asked.contains(&healthy) {
        match step(&mut schedule, now) {
            Step::Acquire(id) => asked.push(id),
            Step::Wait(Some(until)) => now = until,
            other => panic!("{other:?}"),
        }
    }
    assert!(asked.contains(&healthy), "{asked:?}");
}

#[test]
fn an_endpoint_whose_credentials_all_hang_leaves_slots_for_the_others() {
    let mut schedule = limited();
    newcomers(&mut schedule, 100);
    let other = schedule.add(&spec("works"), &Resume::default(), at(0));
    let mut now = at(0);
    loop {
        match step(&mut schedule, now) {
            Step::Acquire(id) if id == other => break,
            Step::Acquire(_) => {}
            Step::Wait(Some(until)) => now = until,
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(now, at(0));
}

#[test]
fn a_thousand_endpoints_that_hang_leave_slots_for_one_that_is_served() {
    let mut schedule = limited();
    for index in 0..1_000 {
        schedule.add(&spec(&format!("hangs-{index}")), &Resume::default(), at(0));
    }
    let resume = Resume { held: Some(Held { due: at(5), ..held(0, 60) }), ..Resume::default() };
    let healthy = schedule.add(&spec("works"), &resume, at(0));
    let mut now = at(0);
    loop {
        match step(&mut schedule, now) {
            Step::Publish(id) => {
                schedule.record(id, Outcome::Published { changed: false }, now, 0.0);
            }
            Step::Acquire(id) if id == healthy => break,
            Step::Acquire(_) => {}
            Step::Wait(Some(until)) => now = until,
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(now, at(5));
}
