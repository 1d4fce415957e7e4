//! Every malformed or hostile reply gives an error with a name, keeps the last good token, and
//! causes at most one request in `min_interval`.
//!
//! One credential for each of them gets a good token first and nothing but that reply from then
//! on. The whole pipeline runs on real files in virtual time: until the refresh is due, while the
//! good token still lives, and after it has expired.

mod answers;
#[path = "../shared/write.rs"]
mod write;

use std::{
    collections::{BTreeMap, HashMap},
    fmt::Write as _,
    fs,
    path::Path,
    sync::{Arc, Mutex},
    time::Duration,
};

use tokenward::{
    acquire::{Acquirer, Exchange, HttpTransport, RawResponse, TokenRequest},
    clock::{BootTime, Clock, Now, WallTime},
    credential::{Name, TokenEndpoint},
    daemon::{Reading, Surroundings},
    plan::Plan,
    refresher::{Command, Limits, Refresher, Replan, Tools},
    state::{ProblemRecord, State},
};
use tokio::{sync::mpsc, time::Instant};

use answers::{Case, WHOLE};
use write::write;

const MIN_INTERVAL: Duration = Duration::from_secs(10);
/// The good token lives for an hour and is refreshed after three quarters of it.
const LONG_ENOUGH: Duration = Duration::from_secs(65 * 60);

/// Both clocks follow the virtual time of the runtime.
struct VirtualClock(Instant);

impl VirtualClock {
    #[expect(clippy::disallowed_methods, reason = "time is virtual here, and this is the clock")]
    fn start() -> Self {
        Self(Instant::now())
    }
}

impl Clock for VirtualClock {
    fn now(&self) -> Now {
        let span = self.0.elapsed();
        let wall = WallTime::from_seconds(1_790_000_000) + span;
        Now { wall, boot: BootTime::from_millis(86_400_000) + span }
    }
}

/// Gives each credential a good token, and then its bad answer for ever.
struct Server {
    cases: HashMap<String, Case>,
    clock: Arc<VirtualClock>,
    /// When each was asked.
    requests: Mutex<BTreeMap<String, Vec<BootTime>>>,
}

impl HttpTransport for Server {
    fn send<'a>(
        &'a self,
        _: &'a TokenEndpoint,
        request: TokenRequest,
        deadline: Duration,
    ) -> Exchange<'a> {
        let name = request.url.path().trim_start_matches('/');
        let mut requests = self.requests.lock().unwrap();
        let moments = requests.entry(name.to_owned()).or_default();
        moments.push(self.clock.now().boot);
        let case = &self.cases[name];
        let answer = if moments.len() == 1 { Ok(good(case)) } else { case.answer.give(deadline) };
        Box::pin(std::future::ready(answer))
    }
}

/// A token in the place where the case looks for one.
fn good(case: &Case) -> RawResponse {
    let header = |name: &str, value: &str| (name.into(), value.into());
    let body = match case.response {
        WHOLE => "good",
        _ => r#"{"access_token":"good","r":{"t":"good"},"expires_in":3600}"#,
    };
    RawResponse {
        status: 200,
        headers: vec![header("X-Token", "good"), header("Set-Cookie", "SID=good")],
        body: body.as_bytes().to_vec().into(),
    }
}

/// The credentials of these cases, with one token file each.
fn plan(directory: &Path, cases: &[Case]) -> Plan {
    let mut text =
        String::from("version: 1\nstate_directory: state\noutput_directory: out\ncredentials:\n");
    for Case { name, response, .. } in cases {
        let _ = writeln!(
            text,
            "  {name}: {{ token_endpoint: 'https://idp.example/{name}', client_id: x, \
             client_secret: s3cret, response: {response}, \
             outputs: [ {{ token_file: {name} }} ] }}"
        );
    }
    let file = directory.join("config.yaml");
    write(&file, &text);
    let mut reading = Reading::of(&file, &Surroundings::default());
    reading.plan.take().unwrap_or_else(|| panic!("{}", reading.report().join("\n")))
}

/// Runs the credentials; the moments of their requests.
async fn run(
    directory: &Path,
    state: &Arc<State>,
    cases: Vec<Case>,
) -> BTreeMap<String, Vec<BootTime>> {
    let plan = plan(directory, &cases);
    let clock = Arc::new(VirtualClock::start());
    let cases = cases.into_iter().map(|case| (case.name.clone(), case)).collect();
    let server = Arc::new(Server { cases, clock: clock.clone(), requests: Mutex::default() });
    let tools = Tools {
        clock: clock.clone(),
        acquirer: Arc::new(Acquirer::new(server.clone(), clock.clone())),
        draw: || 0.5,
        state: state.clone(),
        observer: Arc::default(),
        cluster: Arc::default(),
    };
    let limits = Limits { concurrent_requests: 64, endpoint_spacing: Duration::from_millis(100) };
    let mut refresher = Refresher::new(tools, &directory.join("out"), limits);
    let added = plan.credentials;
    refresher.replan(Replan { added, changed: Vec::new(), removed: Vec::new(), limits });
    let (commands, receiver) = mpsc::channel(1);
    let patience = async {
        tokio::time::sleep(LONG_ENOUGH).await;
        commands.send(Command::Drain).await.unwrap();
    };
    tokio::join!(refresher.run(receiver), patience);
    let requests = server.requests.lock().unwrap();
    requests.clone()
}

/// An error that a person can act on, and that holds nothing of the reply's poison.
fn assert_named(name: &str, problem: &ProblemRecord) {
    let failure = &problem.failure;
    let operations = include_str!("../../docs/operations.md");
    let row = format!("`{}`", failure.reason);
    assert!(operations.contains(&row), "{name}: {row} is not explained");
    let message = &failure.message;
    assert!(message.contains(';') && !message.contains(char::is_control), "{name}: {message}");
    assert!(!message.contains("good") && !message.contains("s3cret"), "{name}: {message}");
}

#[test]
fn every_bad_reply_is_named_keeps_the_good_token_and_is_not_asked_for_too_often() {
    let runtime = |paused| {
        let mut builder = tokio::runtime::Builder::new_current_thread();
        builder.enable_all().start_paused(paused).build().unwrap()
    };
    let mut cases = runtime(false).block_on(answers::habits());
    let habits = cases.len();
    cases.extend(answers::hostile());
    let names: Vec<String> = cases.iter().map(|case| case.name.clone()).collect();
    // In memory where that can be had: thousands of durable writes are not what is tried here.
    let directory = tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).unwrap();
    fs::create_dir(directory.path().join("out")).unwrap();
    let state = Arc::new(State::open(&directory.path().join("state")).unwrap());
    let requests = runtime(true).block_on(run(directory.path(), &state, cases));

    let mut refused = 0;
    for name in &names {
        let moments = &requests[name];
        assert!(moments.len() >= 2, "{name}: it was never refreshed");
        for pair in moments.windows(2) {
            assert!(pair[1].since(pair[0]) >= MIN_INTERVAL, "{name}: asked too often");
        }
        let record = state.record(&Name::parse(name).unwrap());
        let token = fs::read_to_string(directory.path().join("out").join(name)).unwrap();
        match &record.problem {
            Some(problem) => {
                assert_named(name, problem);
                assert_eq!(token, "good", "{name}: {problem:?}");
                refused += 1;
            }
            None => assert!(token != "good" && name.starts_with("habit-"), "{name}: {token}"),
        }
    }
    let total: usize = requests.values().map(Vec::len).sum();
    println!(
        "{} replies, {habits} of them habits; {refused} refused; {total} requests",
        names.len()
    );
    assert!(habits >= 40 && refused >= names.len() - habits + 15, "{habits} {refused}");
}
