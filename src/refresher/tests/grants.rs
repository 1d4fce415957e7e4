//! Refresh tokens: none is lost, and none is sent twice without need.

use super::{
    one_use::{Next, World, with_login, with_seed},
    *,
};
use crate::credential::{AfterLostAnswer, RefreshPolicy, Renewal};

const REFRESH: u64 = HOUR * 3 / 4;

fn with_rule(rule: AfterLostAnswer) -> Credential {
    let mut credential = with_seed();
    let renewal = credential.renewal.as_deref().cloned().expect("a renewal");
    let after_lost_answer = Some(rule);
    credential.renewal = Some(Arc::new(Renewal { after_lost_answer, ..renewal }));
    credential
}

#[tokio::test]
async fn each_refresh_hands_in_what_the_one_before_brought_over_restarts() {
    let mut world = World::of(with_seed());
    assert_eq!(world.next().await, REFRESH);
    world.restart();
    assert_eq!(world.next().await, REFRESH);
    world.provider.next(Next::Keeps);
    assert_eq!(world.next().await, REFRESH);
    assert_eq!(world.provider.seen(), ["rt-0", "rt-1", "rt-2", "rt-3"]);
    assert_eq!(world.kept().as_deref(), Some("rt-3"), "none in the reply: it stays");
    assert_eq!(world.output().as_deref(), Some("at-4"));
    let ends = world.record().grant_expires_at.expect("an end");
    assert_eq!(ends.since(world.clock.now().wall).as_secs(), 864_000);
}

#[tokio::test]
async fn the_next_refresh_token_is_on_disk_before_the_access_token_is_published() {
    let mut world = World::of(with_seed());
    loop {
        let now = world.clock.now();
        match world.refresher.schedule.step(now.boot) {
            Step::Publish(_) => break,
            Step::Wait(_) => {
                let ended = world.refresher.tasks.join_next().await;
                world.refresher.joined(ended.expect("a task"));
            }
            step => world.refresher.perform(step, now),
        }
    }
    assert_eq!((world.kept().as_deref(), world.output()), (Some("rt-1"), None));
    world.restart();
    world.settle().await;
    assert_eq!((world.output().as_deref(), world.provider.seen().len()), (Some("at-1"), 1));
}

#[tokio::test]
async fn a_refresh_token_beside_a_bad_access_token_is_kept_and_used_next() {
    for (case, first) in [("at first", true), ("later", false)] {
        let mut world = World::of(with_seed());
        if !first {
            world.settle().await;
            world.advance(REFRESH);
        }
        let before = (world.output(), world.provider.seen().len());
        world.provider.next(Next::IsUnusable);
        world.settle().await;
        assert_eq!(world.problem().as_deref(), Some("token_characters"), "{case}");
        assert_eq!(world.output(), before.0, "{case}: consumers keep what they have");
        let kept = format!("rt-{}", before.1 + 1);
        assert_eq!(world.kept().as_ref(), Some(&kept), "{case}");
        world.provider.next(Next::Rotates);
        world.restart();
        world.next().await;
        assert_eq!(world.provider.seen().last(), Some(&kept), "{case}");
        assert_eq!(world.problem(), None, "{case}");
    }
}

#[tokio::test]
async fn a_token_that_arrives_for_a_removed_credential_is_saved() {
    for (case, next) in [("whole", Next::Rotates), ("rescued", Next::IsUnusable)] {
        let mut world = World::of(with_seed());
        world.provider.next(next);
        let now = world.clock.now();
        let step = due(&mut world.refresher).await;
        assert!(matches!(step, Step::Acquire(_)), "{case}: {step:?}");
        world.refresher.perform(step, now);
        let removed = vec![world.credential.clone()];
        let limits = Limits { concurrent_requests: 4, endpoint_spacing: Duration::ZERO };
        let (added, changed) = (Vec::new(), Vec::new());
        world.refresher.replan(Replan { added, changed, removed, limits });
        world.settle().await;
        assert_eq!(world.kept().as_deref(), Some("rt-1"), "{case}");
    }
}

#[tokio::test]
async fn an_unreadable_token_file_is_never_taken_for_a_missing_one() {
    let mut world = World::of(with_seed());
    world.settle().await;
    let folder = crate::atomic::Directory::open(&world.directory.path().join("state/tokens"));
    let access = crate::atomic::FileAccess { mode: 0o600, owner: None, group: None };
    let durability = crate::atomic::Durability::Volatile;
    let folder = folder.expect("open");
    folder.replace("test.json".as_ref(), b"not ours", access, durability).expect("written");
    world.advance(REFRESH);
    world.settle().await;
    assert_eq!(world.problem().as_deref(), Some("state_foreign"));
    assert_eq!(world.provider.seen().len(), 1, "the configured refresh token is spent");
}

#[tokio::test]
async fn after_a_lost_answer_the_rule_decides_how_often_it_is_sent() {
    use AfterLostAnswer::{Retry, RetryOnceWithin, Stop};
    let within = |seconds| RetryOnceWithin(Duration::from_secs(seconds));
    // (case, rule, sent until shortly before expiry)
    let cases = [
        ("stop", Stop, 1),
        ("once", within(30), 2),
        ("once, too late", within(5), 1),
        ("retry", Retry, 2),
    ];
    for (case, rule, sent) in cases {
        let mut world = World::of(with_rule(rule));
        world.settle().await;
        world.advance(REFRESH);
        world.provider.next(Next::IsLost);
        world.settle().await;
        assert_eq!(world.problem().as_deref(), Some("interrupted"), "{case}");
        // What the provider gives for it is lost as well: it is void.
        while world.clock.now().boot.since(BootTime::from_millis(86_400_000)).as_secs() < 3_590 {
            world.advance(9);
            world.settle().await;
        }
        let seen = world.provider.seen();
        assert_eq!(seen[1..].iter().filter(|token| *token == "rt-1").count(), sent, "{case}");
        if sent == 1 {
            assert_eq!(world.problem().as_deref(), Some("lost_answer"), "{case}");
            assert!(world.record().parked, "{case}");
        }
        assert_eq!(world.output().as_deref(), Some("at-1"), "{case}: it is still good");
        world.advance(20);
        world.settle().await;
        assert_eq!(world.provider.seen().len(), seen.len() + 1, "{case}: nothing left to lose");
    }
}

/// The smallest span that can work with the default `min_interval`, and the one of the example.
#[tokio::test]
async fn the_one_retry_is_sent_as_soon_as_min_interval_allows() {
    let rule = AfterLostAnswer::RetryOnceWithin(Duration::from_secs(10));
    // (case, failures before, seconds until the loss is known, until the retry)
    let cases = [
        ("at once", 0, 0, 10),
        ("after failures", 6, 0, 10),
        ("while it waited", 0, 4, 6),
        ("by a time-out", 0, 30, 0),
    ];
    for (case, failures, until_lost, until_sent) in cases {
        let mut world = World::of(with_rule(rule));
        world.settle().await;
        world.advance(REFRESH);
        world.provider.next(Next::IsNotSent);
        for _ in 0..failures {
            let wait = world.settle().await.expect("a next request");
            world.advance(wait + 1);
        }
        world.provider.next(Next::IsLost);
        let now = world.clock.now();
        let step = due(&mut world.refresher).await;
        assert!(matches!(step, Step::Acquire(_)), "{case}: {step:?}");
        world.refresher.perform(step, now);
        let ended = world.refresher.tasks.join_next().await;
        world.advance(until_lost);
        world.refresher.joined(ended.expect("a task"));
        let next = world.record().next_request_at.expect("a moment");
        assert_eq!(next.since(world.clock.now().wall).as_secs(), until_sent, "{case}");
        world.advance(until_sent);
        world.settle().await;
        let sent = world.provider.seen().iter().filter(|token| *token == "rt-1").count();
        assert_eq!(sent, 2, "{case}");
    }
}

#[tokio::test]
async fn a_process_that_dies_before_the_answer_knows_that_it_was_lost() {
    let mut world = World::of(with_rule(AfterLostAnswer::Stop));
    world.settle().await;
    world.advance(REFRESH);
    let now = world.clock.now();
    let step = due(&mut world.refresher).await;
    world.refresher.perform(step, now);
    // The answer is there, and nobody hears of it any more.
    drop(world.refresher.tasks.join_next().await);
    world.restart();
    world.advance(60);
    world.settle().await;
    assert_eq!(world.provider.seen(), ["rt-0", "rt-1"]);
    assert_eq!(world.problem().as_deref(), Some("lost_answer"));
    let message = world.record().problem.expect("a problem").failure.message;
    assert!(message.contains("`refresh_token`") && !message.contains("rt-1"), "{message}");
}

/// With `overlap: none`, the token in hand may have ended with the answer: nothing is left to lose.
#[tokio::test]
async fn where_a_new_token_ends_the_old_one_a_lost_answer_is_made_good() {
    let mut credential = with_rule(AfterLostAnswer::Stop);
    Arc::make_mut(&mut credential.refresh).exclusive = true;
    let mut world = World::of(credential);
    world.settle().await;
    world.advance(REFRESH);
    world.provider.next(Next::IsLost);
    world.settle().await;
    world.advance(60);
    world.settle().await;
    assert_eq!(world.provider.seen(), ["rt-0", "rt-1", "rt-1"]);
}

#[tokio::test]
async fn what_was_not_sent_is_not_lost() {
    let mut world = World::of(with_rule(AfterLostAnswer::Stop));
    world.settle().await;
    world.advance(REFRESH);
    world.provider.next(Next::IsNotSent);
    world.settle().await;
    assert_eq!(world.problem().as_deref(), Some("connect"));
    world.provider.next(Next::Rotates);
    world.next().await;
    assert_eq!((world.problem(), world.kept().as_deref()), (None, Some("rt-2")));
}

#[tokio::test]
async fn a_dead_grant_parks_says_what_to_do_and_asks_again_when_its_token_expires() {
    // (case, credential, what to do)
    let cases = [
        ("a configured refresh token", with_seed(), "`refresh_token`"),
        ("a log-in", with_login(), "`tokenward login test`"),
    ];
    for (case, credential, mend) in cases {
        let mut world = World::of(credential);
        if case == "a log-in" {
            world.log_in();
            world.refresher.adopt_all();
        }
        world.settle().await;
        let good = world.output();
        world.provider.log_in();
        world.advance(REFRESH);
        let next = world.settle().await;
        assert_eq!(world.problem().as_deref(), Some("invalid_grant"), "{case}");
        let message = world.record().problem.expect("a problem").failure.message;
        assert!(message.contains(mend), "{case}: {message}");
        assert!(world.record().parked && world.output() == good, "{case}");
        assert_eq!(next, Some(HOUR - REFRESH), "{case}: one probe at the expiry");
    }
}

#[tokio::test]
async fn a_grant_that_would_die_of_idleness_is_kept_alive() {
    let keep_alive = Some(Duration::from_secs(600));
    let refresh = Arc::new(RefreshPolicy { keep_alive, ..fixture::refresh() });
    let mut world = World::of(Credential { refresh, ..with_seed() });
    assert_eq!(world.next().await, 600);
    assert_eq!(world.provider.seen(), ["rt-0", "rt-1"]);
}
