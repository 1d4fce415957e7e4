//! Log-ins that another process leaves for the daemon.

use super::{
    one_use::{World, with_login},
    *,
};

#[tokio::test]
async fn a_log_in_is_taken_over_at_once_whatever_was_wrong() {
    let mut world = World::of(with_login());
    world.settle().await;
    assert_eq!(world.problem().as_deref(), Some("login_needed"));
    let message = world.record().problem.expect("a problem").failure.message;
    assert!(message.contains("`tokenward login test`"), "{message}");

    let fixed = |record: &mut crate::state::Record| record.grant_extends = false;
    world.state().amend(&world.credential.name, fixed).expect("a record");
    world.log_in();
    world.refresher.command(Command::Adopt);
    assert_eq!(world.settle().await, Some(HOUR * 3 / 4));
    assert!(world.record().grant_extends, "of the new grant nothing is known yet");
    assert_eq!(world.output().as_deref(), Some("at-login"));
    assert_eq!((world.problem(), world.record().parked), (None, false));
    assert_eq!(world.provider.seen().len(), 0, "nobody is asked");
    assert!(!world.state().has_login(&world.credential.name));

    world.advance(HOUR * 3 / 4);
    world.settle().await;
    assert_eq!(world.provider.seen(), ["rt-100"], "and it goes on with its refresh token");
    assert_eq!(world.kept().as_deref(), Some("rt-101"));
}

/// Some file systems tell of no changes: there the watch looks twice a minute, SIGHUP at once.
#[tokio::test]
async fn a_log_in_is_found_when_somebody_asks_for_a_look() {
    let mut world = World::of(with_login());
    world.settle().await;
    world.log_in();
    world.refresher.command(Command::Verify);
    world.settle().await;
    assert_eq!(world.output().as_deref(), Some("at-login"));
    assert!(!world.state().has_login(&world.credential.name));
}

#[tokio::test]
async fn a_log_in_is_found_at_the_start_and_keeps_its_moment_over_restarts() {
    let mut world = World::of(with_login());
    world.log_in();
    world.advance(600);
    world.restart();
    assert_eq!(world.settle().await, Some(HOUR * 3 / 4 - 600));
    assert_eq!(world.output().as_deref(), Some("at-login"));
    world.restart();
    assert_eq!(world.settle().await, Some(HOUR * 3 / 4 - 600));
    assert_eq!(world.provider.seen().len(), 0);
}

#[tokio::test]
async fn a_log_in_during_a_request_is_taken_over_right_after_and_wins() {
    // (case, whether the request fails)
    for (case, fails) in [("the request brings a token", false), ("it is refused", true)] {
        let mut world = World::of(with_login());
        world.log_in();
        world.restart();
        world.settle().await;
        world.advance(HOUR * 3 / 4);
        if fails {
            world.provider.log_in();
        }
        let now = world.clock.now();
        let step = due(&mut world.refresher).await;
        assert!(matches!(step, Step::Acquire(_)), "{case}: {step:?}");
        world.refresher.perform(step, now);
        let ended = world.refresher.tasks.join_next().await;
        world.log_in();
        if !fails {
            world.refresher.command(Command::Adopt);
        }
        world.refresher.joined(ended.expect("a task"));
        world.settle().await;
        let current = world.provider.log_in();
        let number: u64 = current.trim_start_matches("rt-").parse().expect("a number");
        assert_eq!(world.kept(), Some(format!("rt-{}", number - 100)), "{case}");
        assert_eq!(world.output().as_deref(), Some("at-login"), "{case}");
        assert_eq!(world.problem(), None, "{case}");
    }
}

#[tokio::test]
async fn a_log_in_for_other_inputs_is_refreshed_before_anything_is_published() {
    let mut world = World::of(with_login());
    world.log_in();
    let inputs = crate::credential::Fingerprint([9; 32]);
    world.credential = Arc::new(Credential { inputs, ..(*world.credential).clone() });
    world.restart();
    world.settle().await;
    assert_eq!(world.provider.seen(), ["rt-100"]);
    assert_eq!(world.output().as_deref(), Some("at-1"));
}

#[tokio::test]
async fn a_refresh_token_never_goes_to_another_host() {
    let mut world = World::of(with_login());
    world.log_in();
    let inputs = crate::credential::Fingerprint([9; 32]);
    let endpoint = Arc::new(fixture::endpoint("https://other.example/token"));
    world.credential = Arc::new(Credential { endpoint, inputs, ..(*world.credential).clone() });
    world.restart();
    world.settle().await;
    assert_eq!(world.provider.seen().len(), 0);
    assert_eq!(world.problem().as_deref(), Some("login_needed"));
}

#[tokio::test]
async fn a_log_in_that_cannot_be_read_is_said_and_harms_nothing() {
    let mut world = World::of(with_login());
    world.log_in();
    world.restart();
    world.settle().await;
    let file = world.state().login_path(&world.credential.name);
    std::fs::create_dir(&file).expect("a folder in its place");
    world.refresher.command(Command::Adopt);
    world.settle().await;
    assert_eq!(world.problem().as_deref(), Some("state_file"));
    assert_eq!(world.output().as_deref(), Some("at-login"));
    std::fs::remove_dir(&file).expect("removed");
    world.next().await;
    assert_eq!((world.problem(), world.provider.seen().len()), (None, 0));
}
