mod client_secret;
mod grant_ends;
mod grants;
mod hosts;
mod inputs;
mod logins;
mod one_use;
mod probes;
mod removals;
mod session;
mod sign_of_life;
mod unlimited;
mod withdraw;

use std::sync::Mutex;

use super::*;
use crate::{
    acquire::{Exchange, HttpTransport, RawResponse, TokenRequest, TransportError},
    clock::{ManualClock, WallTime},
    credential::{
        Access, Content, Credential, Notification, Output, RefreshPolicy, TokenEndpoint, fixture,
    },
};

const HOUR: u64 = 3600;

/// A provider in memory that counts, and answers or does not.
#[derive(Default)]
struct Provider {
    requests: Mutex<u64>,
    down: Mutex<bool>,
    /// The client secret that it knows, in the body of a request; `None`: any.
    secret: Mutex<Option<&'static str>>,
}

impl HttpTransport for Provider {
    fn send<'a>(
        &'a self,
        _: &'a TokenEndpoint,
        sent: TokenRequest,
        after: Duration,
    ) -> Exchange<'a> {
        let mut requests = self.requests.lock().expect("the lock");
        *requests += 1;
        let body = format!(r#"{{"access_token":"token-{requests}","expires_in":3600}}"#);
        let down = *self.down.lock().expect("the lock");
        let known = *self.secret.lock().expect("the lock");
        let good = known
            .is_none_or(|secret| sent.body.expose().contains(&format!("client_secret={secret}")));
        let (status, body) =
            if good { (200, body) } else { (401, r#"{"error":"invalid_client"}"#.into()) };
        let raw = RawResponse { status, headers: Vec::new(), body: body.into_bytes().into() };
        let timeout = TransportError::Timeout { origin: "https://idp.example".into(), after };
        Box::pin(async move { if down { Err(timeout) } else { Ok(raw) } })
    }
}

struct World {
    directory: tempfile::TempDir,
    clock: Arc<ManualClock>,
    provider: Arc<Provider>,
    credential: Arc<Credential>,
    refresher: Refresher,
}

impl World {
    /// A refresher of one credential, at a date, on a machine that has run for a day.
    fn new() -> Self {
        Self::of(credential())
    }

    fn of(credential: Credential) -> Self {
        let directory = tempfile::tempdir().expect("a directory");
        let now = Now {
            wall: WallTime::from_seconds(1_790_000_000),
            boot: BootTime::from_millis(86_400_000),
        };
        let clock = Arc::new(ManualClock::new(now));
        let provider = Arc::new(Provider::default());
        let credential = Arc::new(credential);
        let refresher = refresher(directory.path(), &clock, &provider, &credential);
        Self { directory, clock, provider, credential, refresher }
    }

    /// The process dies and another starts.
    fn restart(&mut self) {
        let Self { directory, clock, provider, credential, .. } = self;
        self.refresher = refresher(directory.path(), clock, provider, credential);
    }

    fn advance(&self, seconds: u64) {
        self.clock.advance(Duration::from_secs(seconds));
    }

    async fn settle(&mut self) -> Option<u64> {
        settle(&mut self.refresher).await
    }

    fn requests(&self) -> u64 {
        *self.provider.requests.lock().expect("the lock")
    }

    fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.directory.path().join(name)).expect("an output")
    }

    /// Seconds until the expiry that consumers read, by the wall clock.
    fn left(&self) -> i64 {
        let expires: i64 = self.read("token.expires_at").trim().parse().expect("a date");
        expires - self.clock.now().wall.seconds()
    }
}

/// What is due now, once the values for a request have been read.
async fn due(refresher: &mut Refresher) -> Step {
    loop {
        let now = refresher.tools.clock.now();
        match refresher.schedule.step(now.boot) {
            Step::Prepare(id) => {
                refresher.perform(Step::Prepare(id), now);
                let ended = refresher.tasks.join_next().await;
                refresher.joined(ended.expect("a task"));
            }
            step => return step,
        }
    }
}

/// Does what is due, until there is nothing left to do now; the moment of the next step.
async fn settle(refresher: &mut Refresher) -> Option<u64> {
    loop {
        let now = refresher.tools.clock.now();
        refresher.notice_step(now);
        match refresher.schedule.step(now.boot) {
            Step::Wait(until) if refresher.tasks.is_empty() => {
                return until.map(|until| until.since(now.boot).as_secs());
            }
            Step::Wait(_) => {
                let ended = refresher.tasks.join_next().await;
                refresher.joined(ended.expect("a task"));
            }
            step => refresher.perform(step, now),
        }
    }
}

fn refresher(
    directory: &std::path::Path,
    clock: &Arc<ManualClock>,
    provider: &Arc<impl HttpTransport + 'static>,
    credential: &Arc<Credential>,
) -> Refresher {
    let tools = Tools {
        clock: clock.clone(),
        acquirer: Arc::new(Acquirer::new(provider.clone(), clock.clone())),
        draw: || 0.0,
        state: Arc::new(State::open(&directory.join("state")).expect("a state directory")),
        observer: Arc::default(),
        cluster: Arc::default(),
    };
    let limits = Limits { concurrent_requests: 4, endpoint_spacing: Duration::ZERO };
    let mut refresher = Refresher::new(tools, directory, limits);
    let added = vec![credential.clone()];
    refresher.replan(Replan { added, changed: Vec::new(), removed: Vec::new(), limits });
    refresher
}

fn credential() -> Credential {
    let output = Output {
        path: std::path::Path::new("token").into(),
        content: Content::TokenFile { newline: false },
        access: Access { mode: 0o600, owner: None, group: None }.into(),
    };
    Credential { outputs: [output].into(), ..fixture::credential() }
}

#[tokio::test]
async fn a_refresh_comes_at_the_fraction() {
    let mut world = World::new();
    assert_eq!(world.settle().await, Some(HOUR * 3 / 4));
    assert_eq!((world.read("token"), world.left()), ("token-1".into(), 3600));
    world.advance(HOUR * 3 / 4 - 1);
    assert_eq!(world.settle().await, Some(1));
    world.advance(1);
    world.settle().await;
    assert_eq!((world.read("token"), world.requests()), ("token-2".into(), 2));
}

#[tokio::test]
async fn a_machine_that_wakes_after_eight_hours_refreshes_at_once() {
    let mut world = World::new();
    world.settle().await;
    world.advance(8 * HOUR);
    world.settle().await;
    assert_eq!((world.read("token"), world.left()), ("token-2".into(), 3600));
}

#[tokio::test]
async fn a_stepped_wall_clock_asks_nobody_and_dates_on_disk_follow_it() {
    for (case, step) in [("four hours ahead", 4 * 3600), ("four hours back", -4 * 3600)] {
        let mut world = World::new();
        world.settle().await;
        world.advance(600);
        world.clock.step_wall(world.clock.now().wall.shifted(step * 1000));
        assert_eq!(world.settle().await, Some(HOUR * 3 / 4 - 600), "{case}");
        assert_eq!((world.requests(), world.left()), (1, 3000), "{case}");
    }
}

#[tokio::test]
async fn a_restart_asks_nobody_keeps_the_moment_and_mends_outputs() {
    let mut world = World::new();
    world.settle().await;
    world.advance(600);
    std::fs::remove_file(world.directory.path().join("token")).expect("removed");
    world.restart();
    assert_eq!(world.settle().await, Some(HOUR * 3 / 4 - 600));
    assert_eq!((world.requests(), world.read("token")), (1, "token-1".into()));
}

#[tokio::test]
async fn a_consumer_is_told_though_the_daemon_dies_right_after_publishing() {
    let pid_file = std::path::Path::new("/nonexistent").into();
    let notifications = [Arc::new(Notification::Signal { pid_file, signal: 1 })].into();
    let mut world = World::of(Credential { notifications, ..credential() });
    let output = world.directory.path().join("token");
    while !output.exists() {
        let now = world.clock.now();
        match world.refresher.schedule.step(now.boot) {
            Step::Publish(id) => {
                world.refresher.perform(Step::Publish(id), now);
                // The files are there, and nobody hears of it any more.
                drop(world.refresher.tasks.join_next().await);
            }
            Step::Wait(_) => {
                let ended = world.refresher.tasks.join_next().await;
                world.refresher.joined(ended.expect("a task"));
            }
            step => world.refresher.perform(step, now),
        }
    }
    world.restart();
    assert_eq!(world.settle().await, Some(1), "the notification is due");
    assert!(world.refresher.owes_a_notification());
    assert_eq!(world.requests(), 1);
}

#[tokio::test]
async fn a_crash_loop_during_an_outage_asks_once_in_min_interval() {
    let mut world = World::new();
    *world.provider.down.lock().expect("the lock") = true;
    for _ in 0..60 {
        world.settle().await;
        world.advance(1);
        world.restart();
    }
    assert_eq!(world.requests(), 6);
}

/// What becomes of the time-out of a refresh, with both kinds of provider.
#[tokio::test]
async fn after_a_lost_answer_an_exclusive_token_is_asked_for_as_if_there_were_none() {
    for (exclusive, expected) in [(true, [10, 10, 10, 10]), (false, [10, 20, 40, 80])] {
        let refresh = RefreshPolicy { exclusive, ..fixture::refresh() };
        let mut world = World::of(Credential { refresh: Arc::new(refresh), ..credential() });
        world.settle().await;
        *world.provider.down.lock().expect("the lock") = true;
        world.advance(HOUR * 3 / 4);
        let mut waits = Vec::new();
        for _ in 0..4 {
            let wait = world.settle().await.expect("a retry");
            waits.push(wait);
            world.advance(wait);
        }
        assert_eq!(waits, expected, "exclusive: {exclusive}");
        assert_eq!(world.read("token"), "token-1", "consumers keep what they have");
    }
}
