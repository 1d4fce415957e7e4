//! An authorization server, running on loopback.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs::{self, File},
    net::{Ipv4Addr, TcpListener, TcpStream},
    os::unix::process::CommandExt as _,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::Mutex,
    time::Duration,
};

use nix::{sys::signal, unistd::Pid};
use serde::Serialize;
use tempfile::TempDir;

use crate::{keys, software::Software, wait_until};

/// A client that the server is to know.
#[derive(Clone, Debug, Serialize)]
pub struct Client {
    #[serde(rename = "client_id")]
    pub id: String,
    #[serde(rename = "client_secret")]
    pub secret: Option<String>,
    /// How it proves who it is, by its name in RFC 7591.
    pub authentication: &'static str,
    /// Of the JWTs that it authenticates with.
    pub algorithm: Option<&'static str>,
    /// The grant that it is there for, as the configuration calls it.
    pub grant: &'static str,
    pub redirect_uri: Option<String>,
}

impl Client {
    /// One without a secret.
    pub fn new(id: &str, grant: &'static str, authentication: &'static str) -> Self {
        let (secret, algorithm, redirect_uri) = (None, None, None);
        Self { id: id.to_owned(), secret, authentication, algorithm, grant, redirect_uri }
    }
}

/// An authorization server that runs on free ports until it is dropped.
pub struct Server {
    software: &'static Software,
    port: u16,
    tls_port: u16,
    directory: TempDir,
    process: Child,
}

/// What a script is told.
#[derive(Serialize)]
struct Orders<'a> {
    port: u16,
    /// For the servers that know clients by their certificates.
    tls_port: u16,
    /// Of tokens, in seconds.
    lifetime: u64,
    /// How far its clock is ahead of the right time, in seconds.
    clock_ahead: i64,
    clients: &'a [Client],
}

impl Server {
    /// Starts it, with tokens that live for `lifetime`, and waits until it answers.
    pub fn start(software: &'static Software, lifetime: Duration, clients: &[Client]) -> Self {
        Self::start_ahead(0, software, lifetime, clients)
    }

    /// The same, with a clock that is so many seconds ahead.
    pub fn start_ahead(
        clock_ahead: i64,
        software: &'static Software,
        lifetime: Duration,
        clients: &[Client],
    ) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let [port, tls_port] = [free_port(), free_port()];
        let lifetime = lifetime.as_secs();
        let orders = Orders { port, tls_port, lifetime, clock_ahead, clients };
        let file = File::create(directory.path().join("server.json")).unwrap();
        serde_json::to_writer(file, &orders).unwrap();
        keys::write(directory.path());
        let process = spawn(software, directory.path());
        let mut server = Self { software, port, tls_port, directory, process };
        server.wait_until_it_answers(1);
        server
    }

    /// Stops it as a crash would, with what its script may have started.
    pub fn stop(&mut self) {
        let group = Pid::from_raw(i32::try_from(self.process.id()).unwrap());
        // It may have ended by itself; `wait` is right either way.
        signal::killpg(group, signal::Signal::SIGKILL).ok();
        self.process.wait().unwrap();
    }

    /// Starts it again after [`Server::stop`], at the same address.
    pub fn start_again(&mut self) {
        let starts = self.log().matches(READY).count();
        self.process = spawn(self.software, self.directory.path());
        self.wait_until_it_answers(starts + 1);
    }

    pub const fn port(&self) -> u16 {
        self.port
    }

    pub fn token_endpoint(&self) -> String {
        self.address(self.software.token_path)
    }

    /// The address of a page on it.
    pub fn address(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.port)
    }

    /// The same page, where the server asks for a client certificate.
    pub fn tls_address(&self, path: &str) -> String {
        format!("https://127.0.0.1:{}{path}", self.tls_port)
    }

    /// Makes all keys and certificates anew; a server that runs goes on with the old ones.
    pub fn renew_keys(&self) {
        keys::write(self.directory.path());
    }

    /// A key, a certificate or another file that the server and its clients share.
    pub fn file(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    /// The token that a client begins with: a refresh token, or one to exchange.
    pub fn seed(&self, client_id: &str) -> String {
        let seeds = fs::read(self.file("seeds.json")).unwrap();
        let seeds: BTreeMap<String, String> = serde_json::from_slice(&seeds).unwrap();
        seeds.get(client_id).expect(client_id).clone()
    }

    /// How many tokens it has issued, by its own log.
    pub fn tokens_issued(&self) -> usize {
        let is_issue =
            |line: &&str| self.software.issue_line.iter().all(|part| line.contains(part));
        self.log().lines().filter(is_issue).count()
    }

    /// What it has printed.
    pub fn log(&self) -> String {
        fs::read_to_string(self.directory.path().join("log")).unwrap()
    }

    fn wait_until_it_answers(&mut self, starts: usize) {
        wait_until(self.software.name, || {
            let ended = self.process.try_wait().unwrap();
            assert!(ended.is_none(), "it did not start:\n{}", self.log());
            self.log().matches(READY).count() == starts
                && TcpStream::connect((Ipv4Addr::LOCALHOST, self.port)).is_ok()
        });
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop();
    }
}

/// What each script prints when its clients are registered, before it listens.
const READY: &str = "clients registered";

fn spawn(software: &Software, directory: &Path) -> Child {
    let log = File::options().create(true).append(true).open(directory.join("log")).unwrap();
    Command::new(software.interpreter)
        .arg(root().join("tests/real/servers").join(software.script))
        .arg(directory)
        .process_group(0)
        .current_dir(root())
        .stdin(Stdio::null())
        .stdout(log.try_clone().unwrap())
        .stderr(log)
        .spawn()
        .unwrap()
}

/// A port that is free now, and that no other test has been given: a server takes its time to
/// listen, and until then the kernel may name its port again.
pub fn free_port() -> u16 {
    static GIVEN: Mutex<BTreeSet<u16>> = Mutex::new(BTreeSet::new());
    loop {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        if GIVEN.lock().unwrap().insert(port) {
            return port;
        }
    }
}

pub fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}
