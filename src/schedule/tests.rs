mod fairness;
mod laws;
mod local;
mod pauses;

use std::time::Duration;

use super::*;
use crate::{
    credential::{Client, RefreshPolicy, fixture},
    error::{Evidence, Fault, Pause, PauseScope},
};

fn at(seconds: u64) -> BootTime {
    BootTime::from_millis(seconds * 1000)
}

fn seconds(n: u64) -> Duration {
    Duration::from_secs(n)
}

fn spec(host: &str) -> Spec {
    let pid_file = std::path::Path::new("/run/app.pid").into();
    Spec {
        refresh: Arc::new(fixture::refresh()),
        endpoint: Arc::new(fixture::endpoint(&format!("https://{host}/token"))),
        client: client("one"),
        notifications: [Arc::new(Notification::Signal { pid_file, signal: 1 })].into(),
    }
}

fn client(id: &str) -> Arc<Client> {
    let id = Some(fixture::literal(id));
    Arc::new(Client { id, ..(*fixture::credential().client).clone() })
}

fn schedule() -> Schedule {
    Schedule::new(Limits { concurrent_requests: 16, endpoint_spacing: Duration::ZERO })
}

fn held(issued: u64, lifetime: u64) -> Held {
    let refresh = fixture::refresh();
    let (requested_at, lifetime) = (at(issued), seconds(lifetime));
    let due = refresh_moment(&refresh, requested_at, lifetime, None, 0.0);
    Held { requested_at, lifetime, grant: None, due }
}

fn acquired(requested_at: BootTime, lifetime: u64) -> Outcome {
    Outcome::Acquired { requested_at, lifetime: seconds(lifetime), grant: None }
}

const fn refused(fault: Fault, evidence: Evidence, pause: Option<Pause>) -> Outcome {
    Outcome::Refused(Refusal { fault, evidence, pause })
}

/// A failure of the endpoint: 500, or no answer.
const REFUSED: Outcome = refused(Fault::Transient, Evidence::Failing, None);

/// A refusal by the authorization server.
const DENIED: Outcome = refused(Fault::Permanent, Evidence::Working, None);

/// A server that is busy and asks to wait.
fn paused(span: u64, scope: PauseScope) -> Outcome {
    let pause = Some(Pause { span: seconds(span), scope });
    refused(Fault::Transient, Evidence::Unknown, pause)
}

/// For views of what does not depend on the moment.
const VIEWED: BootTime = BootTime::from_millis(0);

/// What to do now; values are read at once.
fn step(schedule: &mut Schedule, now: BootTime) -> Step {
    loop {
        match schedule.step(now) {
            Step::Prepare(id) => schedule.record(id, Outcome::Prepared, now, 0.0),
            step => return step,
        }
    }
}

/// Takes `id` through a whole successful refresh; the moment of the next request.
fn refresh(schedule: &mut Schedule, id: Id, now: BootTime, lifetime: u64) -> BootTime {
    assert_eq!(step(schedule, now), Step::Acquire(id));
    let acquired = acquired(now, lifetime);
    schedule.record(id, acquired, now, 0.0);
    assert_eq!(step(schedule, now), Step::Save(id));
    schedule.record(id, Outcome::Saved, now, 0.0);
    assert_eq!(step(schedule, now), Step::Publish(id));
    schedule.record(id, Outcome::Published { changed: false }, now, 0.0);
    schedule.view(id, VIEWED).request_at
}

#[test]
fn a_refresh_goes_acquire_save_publish_and_waits_for_the_fraction() {
    let mut schedule = schedule();
    let id = schedule.add(&spec("a"), &Resume::default(), at(100));
    assert_eq!(refresh(&mut schedule, id, at(100), 3600), at(2800));
    assert_eq!(step(&mut schedule, at(101)), Step::Wait(Some(at(2800))));
    assert_eq!(step(&mut schedule, at(2800)), Step::Acquire(id));
}

#[test]
fn a_restart_with_a_good_token_asks_nobody_and_keeps_the_moment() {
    let mut schedule = schedule();
    let resume = Resume { held: Some(held(100, 3600)), ..Resume::default() };
    let id = schedule.add(&spec("a"), &resume, at(500));
    assert_eq!(
        step(&mut schedule, at(500)),
        Step::Publish(id),
        "a half-done publication is finished"
    );
    schedule.record(id, Outcome::Published { changed: false }, at(500), 0.0);
    assert_eq!(step(&mut schedule, at(500)), Step::Wait(Some(at(2800))));
}

#[test]
fn a_crash_loop_stays_gentle() {
    let mut schedule = schedule();
    let resume = Resume { last_request: Some(at(100)), ..Resume::default() };
    let id = schedule.add(&spec("a"), &resume, at(103));
    assert_eq!(step(&mut schedule, at(103)), Step::Wait(Some(at(110))));
    assert_eq!(step(&mut schedule, at(110)), Step::Acquire(id));
}

#[test]
fn who_has_no_token_goes_first_then_the_earliest_expiry() {
    let mut schedule = schedule();
    let resume = |issued, lifetime| Resume {
        held: Some(Held { due: at(0), ..held(issued, lifetime) }),
        ..Resume::default()
    };
    let late = schedule.add(&spec("a"), &resume(0, 9000), at(1));
    let soon = schedule.add(&spec("a"), &resume(0, 900), at(1));
    let none = schedule.add(&spec("a"), &Resume::default(), at(1));
    let mut order = Vec::new();
    for _ in 0..5 {
        match step(&mut schedule, at(1)) {
            Step::Publish(id) => {
                schedule.record(id, Outcome::Published { changed: false }, at(1), 0.0);
            }
            Step::Acquire(id) => order.push(id),
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(order, [none, soon, late]);
}

#[test]
fn a_parked_credential_asks_hourly_and_is_armed_again_by_a_changed_input() {
    let mut schedule = schedule();
    let resume = Resume { held: Some(held(0, 36_000)), ..Resume::default() };
    let id = schedule.add(&spec("a"), &resume, at(0));
    assert_eq!(step(&mut schedule, at(0)), Step::Publish(id));
    schedule.record(id, Outcome::Published { changed: false }, at(0), 0.0);
    let due = held(0, 36_000).due;
    assert_eq!(step(&mut schedule, due), Step::Acquire(id));
    schedule.record(id, DENIED, due, 0.0);
    assert!(schedule.view(id, VIEWED).parked);
    assert_eq!(step(&mut schedule, due), Step::Wait(Some(due + seconds(3_600))));
    let change = Change { acquire: true, publish: false };
    schedule.update(id, &spec("a"), change, due + seconds(3), 0.0);
    assert!(!schedule.view(id, VIEWED).parked);
    let wait = Step::Wait(Some(due + seconds(10)));
    assert_eq!(step(&mut schedule, due + seconds(3)), wait, "min_interval holds");
    assert_eq!(step(&mut schedule, due + seconds(10)), Step::Acquire(id));
}

#[test]
fn a_client_that_is_not_known_yet_is_asked_for_after_minutes_and_then_hourly() {
    let mut schedule = schedule();
    let id = schedule.add(&spec("a"), &Resume::default(), at(0));
    let (mut now, mut minutes) = (at(0), Vec::new());
    for _ in 0..8 {
        assert_eq!(step(&mut schedule, now), Step::Acquire(id));
        schedule.record(id, DENIED, now, 0.0);
        assert!(schedule.view(id, VIEWED).parked);
        let next = schedule.view(id, VIEWED).request_at;
        minutes.push(next.since(now).as_secs() / 60);
        now = next;
    }
    assert_eq!(minutes, [1, 2, 4, 8, 16, 32, 60, 60]);
}

#[test]
fn inputs_that_change_during_a_request_are_asked_for_again() {
    let mut schedule = schedule();
    let id = schedule.add(&spec("a"), &Resume::default(), at(0));
    assert_eq!(step(&mut schedule, at(0)), Step::Acquire(id));
    schedule.update(id, &spec("b"), Change { acquire: true, publish: true }, at(1), 0.0);
    let acquired = acquired(at(0), 3600);
    schedule.record(id, acquired, at(2), 0.0);
    assert_eq!(
        step(&mut schedule, at(2)),
        Step::Save(id),
        "a token in flight is never thrown away"
    );
    schedule.record(id, Outcome::Saved, at(2), 0.0);
    assert_eq!(step(&mut schedule, at(2)), Step::Publish(id));
    schedule.record(id, Outcome::Published { changed: false }, at(2), 0.0);
    assert_eq!(step(&mut schedule, at(10)), Step::Acquire(id));
}

#[test]
fn a_failing_consumer_is_told_again_without_a_request() {
    let mut schedule = schedule();
    let resume = Resume { held: Some(held(0, 3600)), untold: true, ..Resume::default() };
    let id = schedule.add(&spec("a"), &resume, at(0));
    assert_eq!(step(&mut schedule, at(0)), Step::Publish(id));
    schedule.record(id, Outcome::Published { changed: true }, at(0), 0.0);
    for (tell_at, told) in [(1, false), (2, false), (4, true)] {
        assert!(!schedule.is_told(id));
        assert_eq!(step(&mut schedule, at(tell_at - 1)), Step::Wait(Some(at(tell_at))));
        let Step::Notify(target, _, ids) = step(&mut schedule, at(tell_at)) else {
            panic!("not told")
        };
        assert_eq!(ids, [id]);
        schedule.record_notification(target, told, at(tell_at), 0.0);
        assert_eq!(schedule.view(id, VIEWED).tell_at.is_none(), told);
    }
    assert!(schedule.is_told(id));
    assert_eq!(step(&mut schedule, at(5)), Step::Wait(Some(at(2700))));
}

#[test]
fn a_hanging_endpoint_leaves_slots_for_the_others() {
    let mut schedule = schedule();
    for _ in 0..20 {
        schedule.add(&spec("hangs"), &Resume::default(), at(0));
    }
    let other = schedule.add(&spec("works"), &Resume::default(), at(0));
    let steps: Vec<Step> = (0..9).map(|_| step(&mut schedule, at(0))).collect();
    assert!(steps.contains(&Step::Acquire(other)), "{steps:?}");
    assert_eq!(step(&mut schedule, at(0)), Step::Wait(Some(at(5))), "then they count as slow");
}

#[test]
fn a_failure_is_retried_with_growing_delays() {
    let mut schedule = schedule();
    let id = schedule.add(&spec("a"), &Resume::default(), at(0));
    let mut now = at(0);
    let mut waits = Vec::new();
    for _ in 0..4 {
        assert_eq!(step(&mut schedule, now), Step::Acquire(id));
        schedule.record(id, REFUSED, now, 0.0);
        let next = schedule.view(id, VIEWED).request_at;
        waits.push(next.since(now).as_secs());
        now = next;
    }
    assert_eq!(waits, [10, 20, 40, 60]);
}

/// Four failures in a row from `now`, the answer to the first of which may be lost: the seconds
/// from the last to the next request, and when that is.
fn fourth_delay(schedule: &mut Schedule, id: Id, now: BootTime, lost: bool) -> (u64, BootTime) {
    let (mut before, mut next) = (now, now);
    for failure in 0..4 {
        assert_eq!(step(schedule, next), Step::Acquire(id));
        if lost && failure == 0 {
            schedule.doubt(id);
        }
        schedule.record(id, REFUSED, next, 0.0);
        (before, next) = (next, schedule.view(id, VIEWED).request_at);
        assert!(next.since(before) >= seconds(10), "min_interval holds in any case");
    }
    (next.since(before).as_secs(), next)
}

#[test]
fn a_token_that_a_lost_answer_may_have_ended_is_not_counted_on() {
    // (case, whether a new token ends the one before, whether an answer is lost, seconds)
    let cases = [
        ("lost, and perhaps ended", true, true, 10),
        ("lost, and both live on", false, true, 80),
        ("refused", true, false, 80),
    ];
    for (case, exclusive, lost, expected) in cases {
        let mut schedule = schedule();
        let refresh_policy = RefreshPolicy { exclusive, ..fixture::refresh() };
        let spec = Spec { refresh: Arc::new(refresh_policy), ..spec("a") };
        let id = schedule.add(&spec, &Resume::default(), at(0));
        let due = refresh(&mut schedule, id, at(0), 3600);
        let (delay, next) = fourth_delay(&mut schedule, id, due, lost);
        assert_eq!(delay, expected, "{case}");
        let due = refresh(&mut schedule, id, next, 3600);
        assert_eq!(fourth_delay(&mut schedule, id, due, false).0, 80, "{case}: a new token");
    }
}

#[test]
fn a_log_in_is_counted_on_whatever_was_thought_of_the_token_before() {
    let mut schedule = schedule();
    let id = schedule.add(&spec("a"), &Resume::default(), at(0));
    refresh(&mut schedule, id, at(0), 3600);
    schedule.revoke(id);
    schedule.adopt(id, at(1000));
    assert_eq!(step(&mut schedule, at(1000)), Step::Adopt(id));
    schedule.record(id, Outcome::Adopted(Some(held(1000, 3600))), at(1000), 0.0);
    assert_eq!(step(&mut schedule, at(1000)), Step::Publish(id));
    schedule.record(id, Outcome::Published { changed: false }, at(1000), 0.0);
    assert_eq!(fourth_delay(&mut schedule, id, held(1000, 3600).due, false).0, 80);
}

#[test]
fn one_whose_token_a_resource_has_refused_goes_first() {
    let mut schedule = schedule();
    let resume = |issued| Resume { held: Some(held(issued, 3600)), ..Resume::default() };
    let early = schedule.add(&spec("a"), &resume(0), at(10));
    let late = schedule.add(&spec("a"), &resume(5), at(10));
    for id in [early, late] {
        assert_eq!(step(&mut schedule, at(10)), Step::Publish(id));
        schedule.record(id, Outcome::Published { changed: false }, at(10), 0.0);
    }
    schedule.revoke(late);
    assert_eq!(step(&mut schedule, at(2705)), Step::Acquire(late));
    assert_eq!(step(&mut schedule, at(2705)), Step::Acquire(early));
}

#[test]
fn a_lost_answer_does_not_make_a_revoked_token_good() {
    let mut schedule = schedule();
    let id = schedule.add(&spec("a"), &Resume::default(), at(0));
    refresh(&mut schedule, id, at(0), 3600);
    schedule.revoke(id);
    schedule.expedite(id, at(1000));
    assert_eq!(fourth_delay(&mut schedule, id, at(1000), true).0, 10);
}

#[test]
fn a_grant_that_ends_first_brings_the_refresh_forward() {
    let mut schedule = schedule();
    let id = schedule.add(&spec("a"), &Resume::default(), at(0));
    assert_eq!(step(&mut schedule, at(0)), Step::Acquire(id));
    let grant = Some(seconds(1800));
    let acquired = Outcome::Acquired { requested_at: at(0), lifetime: seconds(3600), grant };
    schedule.record(id, acquired, at(0), 0.0);
    assert_eq!(schedule.view(id, VIEWED).request_at, at(1350));
}

#[test]
fn a_wish_for_a_new_token_outlives_a_change_of_the_policy() {
    let other = RefreshPolicy { at: 0.9, ..fixture::refresh() };
    let other = Spec { refresh: Arc::new(other), ..spec("a") };
    let none = Change { acquire: false, publish: false };
    for (case, last_request, expected) in
        [("held up by others", 0, 1000), ("held up by min_interval", 995, 1005)]
    {
        let mut schedule = schedule();
        let last_request = Some(at(last_request));
        let resume = Resume { held: Some(held(0, 3600)), last_request, ..Resume::default() };
        let id = schedule.add(&spec("a"), &resume, at(1000));
        schedule.expedite(id, at(1000));
        schedule.update(id, &other, none, at(1001), 0.0);
        assert_eq!(schedule.view(id, VIEWED).request_at, at(expected), "{case}");
    }
}

#[test]
fn a_change_of_the_policy_moves_a_refresh_that_nobody_asked_for() {
    let other = RefreshPolicy { at: 0.9, ..fixture::refresh() };
    let other = Spec { refresh: Arc::new(other), ..spec("a") };
    let mut schedule = schedule();
    let resume = Resume { held: Some(held(0, 3600)), ..Resume::default() };
    let id = schedule.add(&spec("a"), &resume, at(1000));
    schedule.update(id, &other, Change { acquire: false, publish: false }, at(1001), 0.0);
    assert_eq!(schedule.view(id, VIEWED).request_at, at(3240));
}
