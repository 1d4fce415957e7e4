//! What a credential leaves behind: nothing that has arrived is lost with it.

use super::{
    one_use::{Next, World, with_seed},
    *,
};

impl World {
    /// The first request is sent and answered, and nothing is saved yet.
    async fn answered(&mut self) {
        let now = self.clock.now();
        let step = due(&mut self.refresher).await;
        assert!(matches!(step, Step::Acquire(_)), "{step:?}");
        self.refresher.perform(step, now);
        let ended = self.refresher.tasks.join_next().await;
        self.refresher.joined(ended.expect("a task"));
    }

    /// Something in the way of the token file.
    fn obstacle(&self) -> std::path::PathBuf {
        self.directory.path().join("state/tokens/test.json")
    }

    fn remove(&mut self) {
        let removed = vec![self.credential.clone()];
        let limits = Limits { concurrent_requests: 4, endpoint_spacing: Duration::ZERO };
        self.refresher.replan(Replan { added: vec![], changed: vec![], removed, limits });
    }
}

/// When the credential is removed.
#[derive(Clone, Copy, Debug, PartialEq)]
enum At {
    BeforeTheAnswer,
    BeforeTheSave,
    WhileASaveFails,
    AfterASaveHasFailed,
}

#[tokio::test]
async fn a_refresh_token_that_has_arrived_is_saved_though_its_credential_is_removed() {
    for next in [Next::Rotates, Next::IsUnusable] {
        for at in
            [At::BeforeTheAnswer, At::BeforeTheSave, At::WhileASaveFails, At::AfterASaveHasFailed]
        {
            let case = format!("{at:?}, unusable: {}", next == Next::IsUnusable);
            let mut world = World::of(with_seed());
            world.provider.next(next);
            if at == At::BeforeTheAnswer {
                let now = world.clock.now();
                let step = due(&mut world.refresher).await;
                world.refresher.perform(step, now);
            } else {
                world.answered().await;
            }
            if at == At::WhileASaveFails {
                std::fs::create_dir(world.obstacle()).expect("a folder in its place");
                let now = world.clock.now();
                let step = due(&mut world.refresher).await;
                assert!(matches!(step, Step::Save(_)), "{case}: {step:?}");
                world.refresher.perform(step, now);
                let ended = world.refresher.tasks.join_next().await.expect("a save");
                world.remove();
                std::fs::remove_dir(world.obstacle()).expect("mended");
                world.refresher.joined(ended);
            } else if at == At::AfterASaveHasFailed {
                std::fs::create_dir(world.obstacle()).expect("a folder in its place");
                world.settle().await;
                assert_eq!(world.problem().as_deref(), Some("state_file"), "{case}");
                std::fs::remove_dir(world.obstacle()).expect("mended");
                world.remove();
            } else {
                world.remove();
            }
            world.settle().await;
            assert_eq!(world.kept().as_deref(), Some("rt-1"), "{case}");
            assert!(world.refresher.items.is_empty(), "{case}");
        }
    }
}
