//! Values that programs print for a request.

use super::*;
use crate::credential::{Client, ClientAuthentication, CommandLine, ValueSource};

/// The client's secret is what a program prints.
fn with_program(script: &str) -> Credential {
    let argv = ["/bin/sh", "-c", script].map(Box::from);
    let secrets = [ValueSource::Command(CommandLine(argv.into()))].into();
    let client = fixture::client(ClientAuthentication::ClientSecretPost);
    Credential { client: Arc::new(Client { secrets, ..client }), ..credential() }
}

/// Does what is due until an output is there; how many seconds that takes by the clock of the
/// world, which stays where it is as long as anything ends. Programs that hang do not.
async fn until_written(world: &mut World) -> u64 {
    let began = world.clock.now().boot;
    let output = world.directory.path().join("token");
    while !output.exists() && world.clock.now().boot.since(began).as_secs() < 60 {
        let now = world.clock.now();
        match world.refresher.schedule.step(now.boot) {
            Step::Wait(until) => {
                let next = world.refresher.tasks.join_next();
                match tokio::time::timeout(Duration::from_millis(300), next).await {
                    Ok(ended) => world.refresher.joined(ended.expect("a task")),
                    Err(_elapsed) => world.clock.advance(span(until, now)),
                }
            }
            step => world.refresher.perform(step, now),
        }
    }
    world.clock.now().boot.since(began).as_secs()
}

#[tokio::test]
async fn programs_that_hang_keep_no_other_credential_from_its_token() {
    let mut world = World::of(with_program("exec sleep 600"));
    let named = |name: String| Name::parse(&name).expect("a name");
    let hanging = (1..12).map(|number| {
        let name = named(format!("hanging-{number}"));
        Arc::new(Credential { name, outputs: [].into(), ..(*world.credential).clone() })
    });
    let healthy = Credential { name: named("healthy".into()), ..with_program("echo secret") };
    let added = hanging.chain([Arc::new(healthy)]).collect();
    let limits = Limits { concurrent_requests: 4, endpoint_spacing: Duration::ZERO };
    world.refresher.replan(Replan { added, changed: vec![], removed: vec![], limits });
    assert!(until_written(&mut world).await <= 5, "it waited for those that hang");
    assert_eq!((world.read("token"), world.requests()), ("token-1".into(), 1));
    assert_eq!(world.refresher.tasks.len(), 12, "the others hang still");
}

#[tokio::test]
async fn a_program_runs_once_for_each_request() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("runs");
    let mut world = World::of(with_program(&format!("echo >> {}; echo fresh", file.display())));
    *world.provider.secret.lock().expect("the lock") = Some("fresh");
    for requests in 1..=3 {
        world.settle().await;
        let runs = std::fs::read_to_string(&file).expect("a file").lines().count();
        assert_eq!((world.requests(), runs), (requests, usize::try_from(requests).unwrap_or(0)));
        world.advance(HOUR * 3 / 4);
    }
}
