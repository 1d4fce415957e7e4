//! Saves, log-ins and publications.

use super::*;

#[test]
fn a_log_in_waits_for_a_save_and_for_nothing_else() {
    let mut schedule = schedule();
    let id = schedule.add(&spec("a"), &Resume::default(), at(0));
    assert_eq!(step(&mut schedule, at(0)), Step::Acquire(id));
    schedule.adopt(id, at(0));
    let acquired = acquired(at(0), 3600);
    schedule.record(id, acquired, at(0), 0.0);
    assert_eq!(step(&mut schedule, at(0)), Step::Save(id), "it would overwrite the log-in");
    schedule.record(id, Outcome::NotSaved, at(0), 0.0);
    assert_eq!(step(&mut schedule, at(0)), Step::Wait(Some(at(1))));
    assert_eq!(step(&mut schedule, at(1)), Step::Save(id));
    schedule.record(id, Outcome::Saved, at(1), 0.0);
    assert_eq!(step(&mut schedule, at(1)), Step::Adopt(id), "what is older need not be published");
    schedule.record(id, Outcome::NotAdopted, at(1), 0.0);
    assert_eq!(step(&mut schedule, at(1)), Step::Publish(id));
    schedule.record(id, Outcome::NotPublished { changed: false }, at(1), 0.0);
    let adopt_at = schedule.view(id, VIEWED).local_at.expect("work");
    assert_eq!(step(&mut schedule, adopt_at), Step::Adopt(id), "a full disk holds it up no longer");
    schedule.record(id, Outcome::Adopted(Some(held(1, 9000))), adopt_at, 0.0);
    assert_eq!(schedule.view(id, VIEWED).request_at, held(1, 9000).due);
    assert_eq!(step(&mut schedule, adopt_at), Step::Publish(id));
}

#[test]
fn a_refresh_token_that_came_alone_is_saved_before_the_next_request_and_publishes_nothing() {
    let mut schedule = schedule();
    let id = schedule.add(&spec("a"), &Resume::default(), at(0));
    assert_eq!(step(&mut schedule, at(0)), Step::Acquire(id));
    schedule.record(id, REFUSED, at(0), 0.0);
    schedule.keep(id, at(0));
    assert_eq!(step(&mut schedule, at(0)), Step::Save(id));
    schedule.record(id, Outcome::Kept, at(0), 0.0);
    assert_eq!(step(&mut schedule, at(0)), Step::Wait(Some(at(10))));
    assert_eq!(step(&mut schedule, at(10)), Step::Acquire(id));
}

#[test]
fn a_publication_that_is_wanted_during_a_save_comes_after_it_once() {
    // (case, whether the save is under way by then, whether it fails first)
    for (case, under_way, fails) in [
        ("it waits", false, false),
        ("it waits, and fails", false, true),
        ("it is under way", true, false),
        ("it is under way, and fails", true, true),
    ] {
        for alone in [false, true] {
            let mut schedule = schedule();
            let id = schedule.add(&spec("a"), &Resume::default(), at(0));
            let due = refresh(&mut schedule, id, at(0), 3600);
            assert_eq!(step(&mut schedule, due), Step::Acquire(id));
            if alone {
                schedule.record(id, REFUSED, due, 0.0);
                schedule.keep(id, due);
            } else {
                let acquired = acquired(due, 3600);
                schedule.record(id, acquired, due, 0.0);
            }
            if !under_way {
                schedule.republish(id, due);
                schedule.republish(id, due);
            }
            assert_eq!(step(&mut schedule, due), Step::Save(id), "{case}");
            if under_way {
                schedule.republish(id, due);
            }
            let mut now = due;
            if fails {
                schedule.record(id, Outcome::NotSaved, due, 0.0);
                now = schedule.view(id, VIEWED).local_at.expect("a save");
                assert_eq!(step(&mut schedule, now), Step::Save(id), "{case}");
            }
            let saved = if alone { Outcome::Kept } else { Outcome::Saved };
            schedule.record(id, saved, now, 0.0);
            assert_eq!(step(&mut schedule, now), Step::Publish(id), "{case}, alone: {alone}");
            schedule.record(id, Outcome::Published { changed: false }, now, 0.0);
            assert_eq!(schedule.view(id, VIEWED).local_at, None, "{case}, alone: {alone}");
        }
    }
}

#[test]
fn outputs_that_change_during_a_publication_are_published_again() {
    let mut schedule = schedule();
    let resume = Resume { held: Some(held(0, 3600)), ..Resume::default() };
    let id = schedule.add(&spec("a"), &resume, at(0));
    assert_eq!(step(&mut schedule, at(0)), Step::Publish(id));
    schedule.update(id, &spec("a"), Change { acquire: false, publish: true }, at(0), 0.0);
    assert!(
        matches!(step(&mut schedule, at(0)), Step::Wait(_)),
        "one step of a credential at a time"
    );
    schedule.record(id, Outcome::Published { changed: true }, at(0), 0.0);
    assert_eq!(step(&mut schedule, at(0)), Step::Publish(id));
}

#[test]
fn a_full_disk_never_asks_the_provider_again() {
    let mut schedule = schedule();
    let id = schedule.add(&spec("a"), &Resume::default(), at(0));
    assert_eq!(step(&mut schedule, at(0)), Step::Acquire(id));
    let acquired = acquired(at(0), 3600);
    schedule.record(id, acquired, at(0), 0.0);
    let mut now = at(0);
    for _ in 0..30 {
        now = match step(&mut schedule, now) {
            Step::Save(_) => {
                schedule.record(id, Outcome::NotSaved, now, 0.0);
                assert!(schedule.view(id, VIEWED).local_at >= Some(now + seconds(1)));
                now
            }
            Step::Wait(Some(until)) => until,
            other => panic!("{other:?}"),
        };
    }
    assert!(now > at(300), "{now:?}");
}
