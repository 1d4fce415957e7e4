use super::*;
use crate::{
    credential::{Name, OnRemove},
    publish::withdraw,
    refresher::withdraw::removable,
};

fn leaving() -> Credential {
    Credential { on_remove: OnRemove::Remove, ..credential() }
}

impl World {
    fn replan(&mut self, added: &[&Arc<Credential>], removed: &[&Arc<Credential>]) {
        let list = |of: &[&Arc<Credential>]| of.iter().map(|&one| one.clone()).collect();
        let limits = Limits { concurrent_requests: 4, endpoint_spacing: Duration::ZERO };
        let (added, removed) = (list(added), list(removed));
        self.refresher.replan(Replan { added, changed: Vec::new(), removed, limits });
    }

    fn outputs(&self) -> usize {
        let files = ["token", "token.expires_at"].map(|name| self.directory.path().join(name));
        files.iter().filter(|path| path.exists()).count()
    }

    fn removable(&self) -> usize {
        let state = &self.refresher.tools.state;
        state.record(&self.credential.name).removable.len()
    }
}

#[tokio::test]
async fn outputs_go_with_their_credential_if_they_are_to() {
    for (case, credential, left) in
        [("they are to", leaving(), 0), ("they are not", credential(), 2)]
    {
        let mut world = World::of(credential);
        world.settle().await;
        assert_eq!((world.outputs(), world.removable()), (2, 2 - left), "{case}");
        let gone = world.credential.clone();
        world.replan(&[], &[&gone]);
        world.settle().await;
        assert_eq!((world.outputs(), world.removable()), (left, 0), "{case}");
    }
}

#[tokio::test]
async fn a_publication_that_is_under_way_does_not_bring_them_back() {
    let mut world = World::of(leaving());
    let gone = world.credential.clone();
    let mut published = false;
    while !published {
        let now = world.clock.now();
        match world.refresher.schedule.step(now.boot) {
            Step::Wait(_) => {
                let ended = world.refresher.tasks.join_next().await;
                world.refresher.joined(ended.expect("a task"));
            }
            step => {
                published = matches!(step, Step::Publish(_));
                world.refresher.perform(step, now);
            }
        }
    }
    world.replan(&[], &[&gone]);
    assert_eq!(world.refresher.tasks.len(), 1, "the removal waits for the publication");
    world.settle().await;
    assert_eq!(world.outputs(), 0);
}

#[tokio::test]
async fn what_another_credential_writes_now_stays() {
    let mut world = World::of(leaving());
    world.settle().await;
    let (gone, name) = (world.credential.clone(), Name::parse("other").expect("a name"));
    let other = Arc::new(Credential { name, ..credential() });
    world.replan(&[&other], &[]);
    world.settle().await;
    world.replan(&[], &[&gone]);
    world.settle().await;
    assert_eq!((world.outputs(), world.read("token")), (2, "token-2".into()));
}

#[tokio::test]
async fn one_that_comes_back_while_they_are_removed_is_published_again_without_a_request() {
    let mut world = World::of(leaving());
    world.settle().await;
    let gone = world.credential.clone();
    world.replan(&[], &[&gone]);
    let late = world.refresher.tasks.join_next().await.expect("a task");
    world.replan(&[&gone], &[]);
    world.settle().await;
    // The disk was slow, so the removal came after what was published since.
    withdraw(world.directory.path(), &removable(&gone)).expect("removed");
    world.refresher.joined(late);
    world.settle().await;
    assert_eq!((world.outputs(), world.read("token"), world.requests()), (2, "token-1".into(), 1));
    assert_eq!(world.removable(), 2, "it is still known what goes with it");
}
