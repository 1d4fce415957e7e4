//! No secret and no token gets out, whatever goes wrong and wherever the program may say so.
//!
//! A server that repeats what it is sent, the sandbox with all its bad habits, sources that fail,
//! people who log in and broken configurations with secrets in them are met by every verb, at the
//! most talkative level of the log. Everything that the program says is kept and searched.

mod cases;
mod echo;
mod forms;
mod log_ins;
mod misspelt;
#[path = "../program/mod.rs"]
mod program;
mod relay;

use std::{
    collections::{BTreeMap, BTreeSet},
    io::{Read, Write},
    net::{TcpListener, TcpStream},
    path::{Path, PathBuf},
    process::Command,
};

use nix::sys::signal::Signal;

use cases::{ELSEWHERE, ODD_SECRETS, SANDBOX_SECRET};
use forms::Forms;
use program::{Program, Server, wait_until};
use relay::Relay;

/// What the program said, by the way in which it said it.
#[derive(Default)]
struct Said(Vec<(String, Vec<u8>)>);

impl Said {
    fn keep(&mut self, how: &str, what: impl Into<Vec<u8>>) {
        self.0.push((how.to_owned(), what.into()));
    }

    /// What the daemon writes for `status`, and what it gives to the programs that it runs.
    fn keep_files(&mut self, program: &Program) {
        for folder in ["state/records", "state/daemon.json", "told"] {
            let path = program.path(folder);
            let found = if path.is_dir() { program::files(&path) } else { single(&path) };
            assert!(!found.is_empty(), "{folder} is there:\n{}", self.all());
            for (path, bytes) in found {
                self.keep(&path.display().to_string(), bytes);
            }
        }
    }

    fn all(&self) -> String {
        self.0.iter().map(|(_, what)| String::from_utf8_lossy(what)).collect()
    }

    /// Fails if a secret was said, and says where, but in the test's own words.
    fn holds_none_of(&self, forms: &Forms) {
        for (how, what) in &self.0 {
            let found = forms.found_in(what);
            assert!(found.is_empty(), "{how} shows {found:#?}{}", around(what, &found));
        }
    }
}

fn single(path: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    std::fs::read(path).map(|bytes| (path.to_owned(), bytes)).into_iter().collect()
}

/// The lines with what was found.
fn around(what: &[u8], found: &BTreeSet<(&str, &str)>) -> String {
    let text = String::from_utf8_lossy(what);
    let guilty = text.lines().filter(|line| found.iter().any(|(_, form)| line.contains(form)));
    guilty.take(3).flat_map(|line| ["\n", line]).collect()
}

/// The stage: both servers, and the directories of one run.
struct Stage {
    server: Server,
    relay: Relay,
    echo: String,
}

impl Stage {
    fn set() -> Self {
        let server = Server::start();
        let relay = Relay::before(&server.address);
        Self { server, relay, echo: echo::start() }
    }

    /// A program with everything configured that can go wrong.
    fn program(&self) -> (Program, String) {
        let program = cases::with_programs();
        let credentials = cases::repeated(&self.echo, ODD_SECRETS.len())
            + &cases::habits(&self.server.sandbox, &self.relay.address)
            + &cases::elsewhere(&self.echo);
        (program, format!("credentials:\n{credentials}"))
    }

    fn forms(&self) -> Forms {
        let tokens = self.relay.tokens();
        assert!(tokens.len() > 30, "tokens were issued: {}", tokens.len());
        let secrets =
            ODD_SECRETS.into_iter().chain([SANDBOX_SECRET, "issued-beside-a-repeated-secret"]);
        let elsewhere = ELSEWHERE.iter().flat_map(|(_, secret)| secret.lines());
        Forms::of(secrets.chain(elsewhere).chain(tokens.iter().map(String::as_str)))
    }
}

const LIMITS: &str = "limits: { concurrent_requests: 32, endpoint_requests_per_second: 1000 }\n";

fn command(program: &Program, arguments: &[&str]) -> Command {
    let mut command = program.command(arguments);
    // The scripts are named relative to it.
    command.env("SANDBOX_SECRET", SANDBOX_SECRET).current_dir(program.path("."));
    command
}

fn told(program: &Program, arguments: &[&str]) -> String {
    program::Ended::from(command(program, arguments).output().unwrap()).text
}

#[test]
fn nothing_that_the_program_says_shows_a_secret() {
    let stage = Stage::set();
    let mut said = Said::default();
    let (program, credentials) = stage.program();
    program.configure(&format!("{LIMITS}{credentials}"));
    said.keep("once", told(&program, &["once", "--log", "trace"]));
    said.keep_files(&program);
    said.keep("check", told(&program, &["check", "--log", "trace"]));

    let text = said.all();
    assert!(text.contains("expected: [redacted]"), "the sandbox's error is shown:\n{text}");
    let public = Forms::of(["invalid_client", "sandbox-client"]);
    assert!(!public.found_in(text.as_bytes()).is_empty(), "a server's words get as far as here");
    said.holds_none_of(&stage.forms());
}

#[test]
fn nothing_that_the_daemon_says_shows_a_secret() {
    let stage = Stage::set();
    let mut said = Said::default();
    let (program, credentials) = stage.program();
    let address = free_address();
    let good = format!("listen: {address}\n{LIMITS}{credentials}");
    program.configure(&good);
    let log = ["run", "--log", "trace", "--log-format", "json"];
    let daemon = program.run("log", command(&program, &log));
    let all = credentials.lines().count() - 1;
    wait_until("every credential", || spoken_of(&daemon.log()) == all, || daemon.log());

    for path in ["/", "/ready", "/live", "/metrics", "/no/such/page"] {
        said.keep(path, get(&address, path));
    }
    for verb in [&["status"][..], &["status", "--json"], &["wait", "--timeout", "0"], &["get", "x"]]
    {
        said.keep(&verb.join(" "), told(&program, verb));
    }
    for (index, broken) in misspelt::CONFIGURATIONS.iter().enumerate() {
        program.configure(broken);
        daemon.signal(Signal::SIGHUP);
        let refused = |log: String| log.matches("configuration refused").count() > index;
        wait_until(broken, || refused(daemon.log()), || daemon.log());
        said.keep("status of a refused configuration", told(&program, &["status"]));
    }
    program.configure(&good);
    said.keep_files(&program);
    said.keep("status", told(&program, &["status", "--json"]));
    said.keep("run", daemon.terminate().text);

    assert!(said.all().contains("expected: [redacted]"), "the sandbox's error is shown");
    said.holds_none_of(&stage.forms());
    said.holds_none_of(&Forms::of(misspelt::SECRETS));
}

#[test]
fn nothing_that_is_said_of_a_broken_configuration_shows_a_secret() {
    let mut said = Said::default();
    let program = Program::new();
    for broken in misspelt::CONFIGURATIONS {
        program.configure(broken);
        for verb in [&["check"][..], &["once"], &["run"], &["status"], &["wait"], &["get", "x"]] {
            // As in the journal, which has lines of another form.
            let output = command(&program, verb).env("JOURNAL_STREAM", "8:1").output().unwrap();
            let ended = program::Ended::from(output);
            assert_eq!(ended.code, Some(78), "{verb:?} on {broken}");
            said.keep(&format!("{verb:?} on {broken}"), ended.text);
        }
    }
    assert!(said.0.iter().all(|(_, text)| !text.is_empty()), "each says something");
    said.holds_none_of(&Forms::of(misspelt::SECRETS));
}

#[test]
fn nothing_that_a_trial_request_meets_shows_a_secret() {
    let stage = Stage::set();
    let program = Program::new();
    cases::write_secrets(&program);
    program.configure(&format!("credentials:\n{}", cases::repeated(&stage.echo, 1)));
    let mut said = Said::default();
    said.keep("check --online", program.verb(&["check", "--online", "--log", "trace"]).text);
    assert!(said.all().contains("you said: "), "{}", said.all());
    said.holds_none_of(&Forms::of(ODD_SECRETS));
}

#[test]
fn a_leak_would_be_noticed() {
    let forms = Forms::of([SANDBOX_SECRET]);
    for form in forms::forms(SANDBOX_SECRET) {
        let mut said = Said::default();
        said.keep("innocent", "nothing here");
        said.keep("log", format!(r#"{{"message":"answered 401: \"{form}\""}}"#));
        let noticed = std::panic::catch_unwind(|| said.holds_none_of(&forms));
        assert!(noticed.is_err(), "{form}");
    }
}

/// How many credentials have a result in the log.
fn spoken_of(log: &str) -> usize {
    let lines = log.lines().filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok());
    let names = lines.filter_map(|line| line["credential"].as_str().map(str::to_owned));
    names.collect::<BTreeSet<_>>().len()
}

fn free_address() -> String {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string()
}

fn get(address: &str, path: &str) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    write!(stream, "GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").unwrap();
    let mut reply = String::new();
    stream.read_to_string(&mut reply).unwrap();
    reply
}
