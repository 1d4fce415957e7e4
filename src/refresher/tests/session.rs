//! Tokens of OAuth Session 1.0: the session handle goes the ways of a refresh token.

use super::{
    one_use::{Next, World, with_session},
    *,
};

const RENEWAL: u64 = HOUR * 3 / 4;
const MONTH: u64 = 30 * 86_400;

async fn logged_in() -> World {
    let mut world = World::of(with_session());
    world.log_in();
    world.restart();
    world.settle().await;
    world
}

#[tokio::test]
async fn a_month_of_renewals_hands_in_each_handle_once_over_restarts() {
    let mut world = logged_in().await;
    let renewals = MONTH / RENEWAL;
    for renewal in 0..renewals {
        if renewal % 10 == 9 {
            world.restart();
        }
        assert_eq!(world.next().await, RENEWAL, "{renewal}");
        assert_eq!(world.problem(), None, "{renewal}");
    }
    let expected: Vec<_> = (0..renewals).map(|renewal| format!("rt-{}", 100 + renewal)).collect();
    assert_eq!(world.provider.seen(), expected);
    assert_eq!(world.output(), Some(format!("at-{renewals}")));
}

#[tokio::test]
async fn the_old_token_and_its_handle_survive_a_death_before_the_answer() {
    let mut world = logged_in().await;
    world.advance(RENEWAL);
    let now = world.clock.now();
    let step = due(&mut world.refresher).await;
    assert!(matches!(step, Step::Acquire(_)), "{step:?}");
    world.refresher.perform(step, now);
    // The answer came, and the process died before it was read.
    world.refresher.tasks.join_next().await.expect("a task").expect("no panic");
    world.restart();
    assert_eq!(world.kept().as_deref(), Some("rt-100"));
    assert!(world.record().unanswered.is_some(), "the mark");
    assert_eq!(world.output().as_deref(), Some("at-login"));
}

#[tokio::test]
async fn a_refusal_parks_it_and_a_log_in_takes_it_up_again() {
    let mut world = logged_in().await;
    world.provider.log_in();
    assert_eq!(world.next().await, RENEWAL);
    assert_eq!((world.problem().as_deref(), world.record().parked), (Some("leg_refused"), true));
    assert!(world.record().unanswered.is_none(), "a refusal is an answer");
    assert_eq!(world.output().as_deref(), Some("at-login"), "it is good till its end");
    world.log_in();
    world.refresher.command(Command::Adopt);
    world.settle().await;
    assert_eq!((world.problem(), world.record().parked), (None, false));
}

#[tokio::test]
async fn only_what_may_have_arrived_leaves_a_mark() {
    for (case, next, marked) in
        [("it never left", Next::IsNotSent, false), ("its answer is lost", Next::IsLost, true)]
    {
        let mut world = logged_in().await;
        world.provider.next(next);
        world.next().await;
        assert_eq!(world.record().unanswered.is_some(), marked, "{case}");
        // Where the server has replaced the handle meanwhile, only a person can go on.
        world.provider.next(Next::Keeps);
        world.next().await;
        let problem = marked.then_some("leg_refused");
        assert_eq!(world.problem().as_deref(), problem, "{case}");
        assert_eq!(world.provider.seen().last().map(String::as_str), Some("rt-100"), "{case}");
    }
}
