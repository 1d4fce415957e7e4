//! A refresh token goes to the host that gave it, and to no other.

use super::{
    one_use::{Next, World, with_seed},
    *,
};
use crate::credential::{Fingerprint, Grant};

impl World {
    /// The operator names another host.
    fn moved(&self) -> Arc<Credential> {
        let endpoint = Arc::new(fixture::endpoint("https://other.example/token"));
        let inputs = Fingerprint([9; 32]);
        Arc::new(Credential { endpoint, inputs, ..(*self.credential).clone() })
    }

    /// The daemon runs meanwhile.
    fn reload(&mut self, after: Arc<Credential>) {
        let before = std::mem::replace(&mut self.credential, after.clone());
        let limits = Limits { concurrent_requests: 4, endpoint_spacing: Duration::ZERO };
        let changed = vec![(before, after)];
        self.refresher.replan(Replan { added: vec![], changed, removed: vec![], limits });
    }
}

/// The disk takes nothing, and the daemon has what it cannot save.
#[tokio::test]
async fn one_that_is_not_saved_yet_stays_with_its_host() {
    for (case, next) in [("beside a token", Next::Rotates), ("alone", Next::IsUnusable)] {
        let mut world = World::of(with_seed());
        world.provider.next(next);
        let now = world.clock.now();
        let step = due(&mut world.refresher).await;
        world.refresher.perform(step, now);
        let ended = world.refresher.tasks.join_next().await;
        world.refresher.joined(ended.expect("a task"));
        let in_the_way = world.directory.path().join("state/tokens/test.json");
        std::fs::create_dir(&in_the_way).expect("a folder in its place");
        world.settle().await;
        assert_eq!(world.problem().as_deref(), Some("state_file"), "{case}");
        let moved = world.moved();
        world.reload(moved);
        for mended in [false, true] {
            if mended {
                std::fs::remove_dir(&in_the_way).expect("mended");
            }
            for _ in 0..12 {
                world.advance(1);
                world.settle().await;
            }
            let seen = world.provider.seen();
            assert!(!seen.contains(&"rt-1".to_owned()), "{case}, mended: {mended}: {seen:?}");
        }
        assert!(world.provider.seen().len() > 1, "{case}: the other host is asked");
    }
}

/// What came alone is saved, whether there is a token file of the other host already or none.
#[tokio::test]
async fn one_that_came_alone_is_saved_as_its_host_s() {
    for (case, has_file) in [("no token file", false), ("a token file of another host", true)] {
        let mut world = World::of(with_seed());
        if has_file {
            world.settle().await;
            let grant = Arc::new(Grant::RefreshToken { seed: fixture::literal("rt-101") });
            world.provider.log_in();
            world.credential = Arc::new(Credential { grant, ..(*world.moved()).clone() });
            world.advance(60);
            world.provider.next(Next::IsUnusable);
            world.restart();
            world.settle().await;
        } else {
            world.provider.next(Next::IsUnusable);
            world.settle().await;
        }
        let given = if has_file { "rt-102" } else { "rt-1" };
        assert_eq!(world.kept().as_deref(), Some(given), "{case}");
        assert!(world.saved().is_some_and(|saved| saved.is_of_host(&world.credential)), "{case}");

        world.provider.next(Next::Rotates);
        world.advance(3700);
        world.settle().await;
        assert_eq!(world.provider.seen().last().map(String::as_str), Some(given), "{case}");

        world.provider.next(Next::IsUnusable);
        world.advance(3700);
        world.settle().await;
        let given = world.kept().expect("a refresh token");
        let moved = world.moved();
        let elsewhere = Arc::new(fixture::endpoint("https://third.example/token"));
        world.credential = Arc::new(Credential { endpoint: elsewhere, ..(*moved).clone() });
        world.provider.next(Next::Rotates);
        world.advance(60);
        world.restart();
        world.settle().await;
        let seen = world.provider.seen();
        assert!(!seen.contains(&given), "{case}: {given} in {seen:?}");
    }
}
