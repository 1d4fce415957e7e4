//! Whoever asks whether the loop turns gets an answer, however slow everything around it is.

use tokio::sync::oneshot;

use super::*;

/// A provider that takes a request and never answers.
struct Silent;

impl HttpTransport for Silent {
    fn send<'a>(&'a self, _: &'a TokenEndpoint, _: TokenRequest, _: Duration) -> Exchange<'a> {
        Box::pin(std::future::pending())
    }
}

/// Runs a refresher and asks it, before and while it drains.
async fn answers(refresher: Refresher) {
    let (commands, receiver) = mpsc::channel(4);
    let running = tokio::spawn(refresher.run(receiver));
    for drain in [false, true] {
        let (answer, answered) = oneshot::channel();
        if drain {
            commands.send(Command::Drain).await.expect("it runs");
        }
        tokio::task::yield_now().await;
        commands.send(Command::Answer(answer)).await.expect("it runs");
        let answered = tokio::time::timeout(Duration::from_secs(5), answered).await;
        assert_eq!(answered.expect("in time"), Ok(()), "draining: {drain}");
    }
    assert!(!running.is_finished(), "what is under way is not done");
    running.abort();
}

#[tokio::test]
async fn a_provider_that_never_answers_stops_no_loop() {
    let world = World::new();
    let silent = Arc::new(Silent);
    let directory = world.directory.path().join("other");
    answers(refresher(&directory, &world.clock, &silent, &world.credential)).await;
}

/// All threads for the disk wait, as they do for a network file system that is gone.
#[test]
fn a_disk_that_hangs_stops_no_loop() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .max_blocking_threads(1)
        .build()
        .expect("a runtime");
    runtime.block_on(async {
        let (release, hanging) = std::sync::mpsc::channel::<()>();
        let disk = tokio::task::spawn_blocking(move || hanging.recv().is_err());
        let world = World::new();
        answers(world.refresher).await;
        drop(release);
        assert!(disk.await.expect("a thread"), "it hung until now");
    });
}
