//! A token that does not expire: published, and never asked for.

use super::{one_use::World, *};
use crate::{
    credential::{Fingerprint, Grant},
    state::Record,
    token::{IssuedToken, Lifetime},
};

const YEAR: u64 = 365 * 86_400;

fn world() -> World {
    let grant = Arc::new(Grant::OAuth1(fixture::oauth1()));
    World::of(Credential { grant, material: Some(Fingerprint([1; 32])), ..credential() })
}

/// Somebody logs in, and is given this token.
fn log_in(world: &World, access_token: &str) {
    let token = IssuedToken {
        access_token: access_token.into(),
        token_type: "OAuth".into(),
        scope: None,
        refresh_token: None,
        origin: None,
        fields: [].into(),
        requested_at: world.clock.now(),
        lifetime: Lifetime::UNLIMITED,
    };
    world.state().save_login(&world.credential, &token).expect("saved");
}

/// The configuration changes while no daemon runs.
fn with_material(world: &mut World, material: u8) {
    let material = Some(Fingerprint([material; 32]));
    world.credential = Arc::new(Credential { material, ..(*world.credential).clone() });
    world.restart();
}

#[tokio::test]
async fn it_is_published_and_nothing_is_due_for_years() {
    let mut world = world();
    world.settle().await;
    assert_eq!(world.problem().as_deref(), Some("login_needed"));
    log_in(&world, "for-ever");
    world.refresher.command(Command::Adopt);
    for _ in 0..3 {
        assert!(world.settle().await.is_some_and(|wait| wait > 100 * YEAR));
        assert_eq!(world.output().as_deref(), Some("for-ever"));
        let expiry = world.directory.path().join("token.expires_at");
        assert_eq!(std::fs::read_to_string(expiry).expect("a neighbour"), "never");
        let Record { next_request_at, expires_at, problem, parked, .. } = world.record();
        assert!(next_request_at.is_none() && expires_at.is_none() && problem.is_none() && !parked);
        world.advance(YEAR);
        std::fs::remove_file(world.directory.path().join("token")).expect("an output");
        world.restart();
    }
}

#[tokio::test]
async fn another_secret_parks_it_and_the_secret_from_before_takes_it_up_again() {
    let mut world = world();
    log_in(&world, "first");
    world.restart();
    world.settle().await;
    with_material(&mut world, 2);
    assert!(world.settle().await.is_some());
    assert_eq!((world.problem().as_deref(), world.record().parked), (Some("login_needed"), true));
    let message = world.record().problem.expect("a problem").failure.message;
    assert!(message.contains("of another client") && message.contains("tokenward login test"));
    assert_eq!(world.output().as_deref(), Some("first"), "what consumers have stays");

    // The daemon runs while the secret comes back.
    let before = world.credential.clone();
    let material = Some(Fingerprint([1; 32]));
    let credential = Arc::new(Credential { material, ..(*before).clone() });
    let limits = Limits { concurrent_requests: 4, endpoint_spacing: Duration::ZERO };
    let changed = vec![(before, credential.clone())];
    world.refresher.replan(Replan { added: vec![], changed, removed: vec![], limits });
    world.credential = credential;
    world.advance(60);
    assert!(world.settle().await.is_some_and(|wait| wait > 100 * YEAR));
    assert_eq!((world.problem(), world.record().parked), (None, false));
}

#[tokio::test]
async fn whatever_asks_for_another_gets_it_again() {
    let mut world = world();
    log_in(&world, "first");
    world.restart();
    world.settle().await;
    // A clock that was wrong at the log-in, and a reboot: its age cannot be told.
    let now = world.clock.now();
    let earlier =
        Now { wall: now.wall - Duration::from_secs(YEAR), boot: BootTime::from_millis(5) };
    world.clock = Arc::new(ManualClock::new(earlier));
    world.restart();
    world.settle().await;
    assert_eq!((world.problem(), world.output().as_deref()), (None, Some("first")));
    assert!(world.record().next_request_at.is_none());
}
