//! The authorization servers: which there are, and one of them running on loopback.

use std::{
    fs::{self, File},
    io::Write,
    net::{Ipv4Addr, TcpListener, TcpStream},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::Once,
    time::Duration,
};

use tempfile::TempDir;

use crate::wait_until;

/// An authorization server that `tests/real/setup` installs.
pub struct Software {
    pub name: &'static str,
    /// Runs the script `tests/real/servers/SCRIPT`.
    interpreter: &'static str,
    script: &'static str,
    token_path: &'static str,
    /// What a line of its log holds for each token that it issues, and for nothing else.
    issue_line: &'static str,
    /// Which way it wants id and secret written in a Basic header; it refuses the other.
    pub basic_encoding: BasicEncoding,
    /// What its refusals say.
    pub refusals: Refusals,
    announced: Once,
}

/// How id and secret stand in a Basic header.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum BasicEncoding {
    Form,
    Raw,
}

/// The word by which a refusal is known: an error code of RFC 6749, section 5.2, or the HTTP
/// status of a reply without one.
pub struct Refusals {
    pub wrong_secret: &'static str,
    pub other_encoding: &'static str,
    /// `None` from a server that leaves unknown scopes out and grants the rest.
    pub unknown_scope: Option<&'static str>,
}

pub static OIDC_PROVIDER: Software = Software {
    name: "oidc-provider",
    interpreter: "tests/real/.servers/node",
    script: "oidc_provider.mjs",
    token_path: "/token",
    issue_line: "token request: 200",
    basic_encoding: BasicEncoding::Form,
    refusals: Refusals {
        wrong_secret: "invalid_client",
        other_encoding: "invalid_request",
        unknown_scope: None,
    },
    announced: Once::new(),
};

pub static DJANGO_OAUTH_TOOLKIT: Software = Software {
    name: "django-oauth-toolkit",
    interpreter: "tests/real/.servers/python/bin/python",
    script: "django_oauth_toolkit.py",
    token_path: "/o/token/",
    issue_line: "\"POST /o/token/ HTTP/1.1\" 200 ",
    basic_encoding: BasicEncoding::Form,
    refusals: Refusals {
        wrong_secret: "invalid_client",
        other_encoding: "invalid_client",
        unknown_scope: Some("invalid_scope"),
    },
    announced: Once::new(),
};

pub static GLEWLWYD: Software = Software {
    name: "glewlwyd",
    interpreter: "python3",
    script: "glewlwyd.py",
    token_path: "/api/oidc/token",
    issue_line: "with scope list 'read', origin: 127.0.0.1",
    basic_encoding: BasicEncoding::Raw,
    refusals: Refusals {
        wrong_secret: "403",
        other_encoding: "403",
        unknown_scope: Some("scope_invalid"),
    },
    announced: Once::new(),
};

impl Software {
    /// Whether it can be started. If not, says so once; in CI that is a failure.
    pub fn is_installed(&self) -> bool {
        let stem = Path::new(self.script).file_stem().unwrap().to_string_lossy();
        if root().join(format!("tests/real/.servers/{stem}.stamp")).exists() {
            return true;
        }
        let left_out =
            format!("left out: {} is not installed (tests/real/setup installs it)", self.name);
        assert!(std::env::var_os("CI").is_none_or(|ci| ci != "true"), "{left_out}");
        // Not `eprintln!`: of a test that passes, the test runner keeps that to itself.
        let mut stderr = std::io::stderr();
        self.announced.call_once(|| writeln!(stderr, "{left_out}").unwrap());
        false
    }
}

/// An authorization server that runs on a free port until it is dropped.
pub struct Server {
    software: &'static Software,
    port: u16,
    lifetime: Duration,
    directory: TempDir,
    process: Child,
}

impl Server {
    /// Starts it, with tokens that live for `lifetime`, and waits until it answers.
    pub fn start(software: &'static Software, lifetime: Duration) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let port = free_port();
        let process = spawn(software, port, lifetime, directory.path());
        let server = Self { software, port, lifetime, directory, process };
        server.wait_until_it_answers(1);
        server
    }

    /// Stops it as a crash would.
    pub fn stop(&mut self) {
        // It may have ended by itself; `wait` is right either way.
        self.process.kill().ok();
        self.process.wait().unwrap();
    }

    /// Starts it again after [`Server::stop`], at the same address.
    pub fn start_again(&mut self) {
        let starts = self.log().matches(READY).count();
        self.process = spawn(self.software, self.port, self.lifetime, self.directory.path());
        self.wait_until_it_answers(starts + 1);
    }

    pub fn token_endpoint(&self) -> String {
        format!("http://127.0.0.1:{}{}", self.port, self.software.token_path)
    }

    /// How many tokens it has issued, by its own log.
    pub fn tokens_issued(&self) -> usize {
        self.log().matches(self.software.issue_line).count()
    }

    fn log(&self) -> String {
        fs::read_to_string(self.directory.path().join("log")).unwrap()
    }

    fn wait_until_it_answers(&self, starts: usize) {
        wait_until(self.software.name, || {
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

fn spawn(software: &Software, port: u16, lifetime: Duration, directory: &Path) -> Child {
    let log = File::options().create(true).append(true).open(directory.join("log")).unwrap();
    Command::new(software.interpreter)
        .arg(root().join("tests/real/servers").join(software.script))
        .args([port.to_string(), lifetime.as_secs().to_string()])
        .arg(directory)
        .current_dir(root())
        .stdin(Stdio::null())
        .stdout(log.try_clone().unwrap())
        .stderr(log)
        .spawn()
        .unwrap()
}

fn free_port() -> u16 {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap().port()
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}
