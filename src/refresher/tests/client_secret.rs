//! Several client secrets, one of which the provider knows.

use std::{fs::File, io::Write as _};

use super::*;
use crate::{
    credential::{Client, ClientAuthentication, Fingerprint, ValueSource},
    state::SecretTurn,
};

/// A credential with these secrets, which stand in the body of its requests.
fn with_secrets(secrets: &[&str]) -> Credential {
    with_sources(secrets.iter().map(|secret| fixture::literal(secret)).collect())
}

fn with_sources(secrets: Box<[ValueSource]>) -> Credential {
    let client = fixture::client(ClientAuthentication::ClientSecretPost);
    Credential { client: Arc::new(Client { secrets, ..client }), ..credential() }
}

impl World {
    fn provider_knows(&self, secret: &'static str) {
        *self.provider.secret.lock().expect("the lock") = Some(secret);
    }

    fn record(&self) -> crate::state::Record {
        self.refresher.tools.state.record(&self.credential.name)
    }

    fn change_to(&mut self, after: Credential) {
        let changed = vec![(self.credential.clone(), Arc::new(after))];
        let limits = Limits { concurrent_requests: 4, endpoint_spacing: Duration::ZERO };
        let none = Vec::new;
        self.refresher.replan(Replan { added: none(), changed, removed: none(), limits });
    }

    fn turn(&self) -> (u32, u32) {
        let SecretTurn { next, accepted } = self.record().client_secret;
        (next, accepted)
    }
}

#[tokio::test]
async fn the_next_one_is_tried_and_stays_in_use() {
    let mut world = World::of(with_secrets(&["new", "old"]));
    world.provider_knows("old");
    assert_eq!(world.settle().await, Some(10), "after min_interval");
    let problem = world.record().problem.expect("a problem").failure;
    assert_eq!((problem.fault, &*problem.reason), (Fault::Transient, "invalid_client"));
    assert!(problem.message.ends_with("; the next client_secret is tried"), "{problem:?}");
    world.restart();
    world.advance(10);
    assert_eq!(world.settle().await, Some(HOUR * 3 / 4));
    assert_eq!((world.read("token"), world.turn()), ("token-2".into(), (1, 1)));
    world.advance(HOUR * 3 / 4);
    world.settle().await;
    assert_eq!((world.read("token"), world.requests()), ("token-3".into(), 3));
    world.provider_knows("new");
    world.advance(HOUR * 3 / 4);
    world.settle().await;
    world.advance(10);
    world.settle().await;
    assert_eq!((world.read("token"), world.turn()), ("token-5".into(), (0, 0)));
}

#[tokio::test]
async fn once_each_was_refused_the_credential_is_parked() {
    for (case, secrets) in [("one", &["a"][..]), ("two", &["a", "b"]), ("three", &["a", "b", "c"])]
    {
        let mut world = World::of(with_secrets(secrets));
        world.provider_knows("another");
        for tried in 1..=secrets.len() {
            let next = world.settle().await.expect("a next request");
            let is_last = tried == secrets.len();
            assert_eq!(world.record().parked, is_last, "{case}");
            assert_eq!(next, if is_last { 60 } else { 10 } << (tried - 1), "{case}");
            world.advance(next);
        }
        assert_eq!((world.requests(), world.turn()), (secrets.len() as u64, (0, 0)), "{case}");
    }
}

#[tokio::test]
async fn one_that_cannot_be_read_counts_like_one_that_is_refused() {
    let nowhere = ValueSource::File(std::path::Path::new("/nowhere/new").into());
    let mut world = World::of(with_sources([nowhere, fixture::literal("old")].into()));
    world.provider_knows("old");
    assert_eq!(world.settle().await, Some(10), "after min_interval");
    let problem = world.record().problem.expect("a problem").failure;
    assert_eq!((problem.fault, &*problem.reason), (Fault::Transient, "source"));
    assert!(problem.message.ends_with("; the next client_secret is tried"), "{problem:?}");
    world.advance(10);
    world.settle().await;
    assert_eq!((world.read("token"), world.turn()), ("token-1".into(), (1, 1)));
}

#[tokio::test]
async fn a_parked_credential_asks_when_a_secret_can_be_read_at_last() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("new");
    let sources = || [ValueSource::File(file.clone().into()), fixture::literal("old")].into();
    let mut world = World::of(with_sources(sources()));
    world.provider_knows("new");
    world.settle().await;
    world.advance(10);
    world.settle().await;
    assert!(world.record().parked, "the one was not there, the other was refused");
    File::create(&file).and_then(|mut file| file.write_all(b"new")).expect("written");
    world.change_to(Credential { material: Some(Fingerprint([1; 32])), ..with_sources(sources()) });
    world.advance(10);
    world.settle().await;
    assert_eq!((world.read("token"), world.turn()), ("token-2".into(), (0, 0)));
}

#[tokio::test]
async fn another_fault_leaves_the_secret_in_turn() {
    let mut world = World::of(with_secrets(&["new", "old"]));
    *world.provider.down.lock().expect("the lock") = true;
    world.settle().await;
    assert_eq!((world.requests(), world.turn()), (1, (0, 0)));
}

#[tokio::test]
async fn new_secrets_begin_with_the_first() {
    let mut world = World::of(with_secrets(&["new", "old"]));
    world.provider_knows("old");
    world.settle().await;
    world.advance(10);
    world.settle().await;
    assert_eq!(world.turn(), (1, 1));
    world.provider_knows("new");
    let after = Credential { inputs: Fingerprint([1; 32]), ..with_secrets(&["new", "old"]) };
    world.change_to(after.clone());
    assert_eq!(world.turn(), (0, 0));
    world.advance(10);
    world.settle().await;
    assert_eq!((world.read("token"), world.requests()), ("token-3".into(), 3));

    // The same while no daemon ran.
    world
        .refresher
        .tools
        .state
        .amend(&after.name, |record| {
            record.client_secret = SecretTurn { next: 1, accepted: 1 };
        })
        .expect("a record");
    world.credential = Arc::new(Credential { inputs: Fingerprint([2; 32]), ..after });
    world.restart();
    assert_eq!(world.turn(), (0, 0));
}

#[tokio::test]
async fn an_answer_to_old_secrets_says_nothing_of_the_new_ones() {
    let mut world = World::of(with_secrets(&["old", "older"]));
    world.provider_knows("new");
    let now = world.clock.now();
    let step = due(&mut world.refresher).await;
    assert!(matches!(step, Step::Acquire(_)), "{step:?}");
    world.refresher.perform(step, now);
    world.change_to(Credential { inputs: Fingerprint([1; 32]), ..with_secrets(&["new", "old"]) });
    assert_eq!(world.settle().await, Some(10));
    assert_eq!((world.requests(), world.turn()), (1, (0, 0)));
    world.advance(10);
    world.settle().await;
    assert_eq!((world.read("token"), world.turn()), ("token-2".into(), (0, 0)));
}
