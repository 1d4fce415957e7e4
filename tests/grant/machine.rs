//! A directory with a configuration, the state and the outputs of one grant.

use std::{
    fs::{self, File},
    io::Write,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::Duration,
};

use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};
use serde_json::Value;
use tempfile::TempDir;
use tokenward::clock::{Clock, SystemClock};

pub struct Machine {
    directory: TempDir,
}

impl Machine {
    /// One whose grant began with `rt-0`, and which refreshes it about every two seconds.
    pub fn new(address: &str) -> Self {
        Self::of(address, "grant: refresh_token\n    refresh_token: { file: seed }")
    }

    /// The same for a grant that begins with a log-in.
    pub fn with_login(address: &str) -> Self {
        let endpoint = format!("device_authorization_endpoint: http://{address}/device");
        Self::of(address, &format!("grant: device_code\n    {endpoint}"))
    }

    fn of(address: &str, grant: &str) -> Self {
        let machine = Self { directory: tempfile::tempdir().unwrap() };
        let configuration = format!(
            "version: 1\nstate_directory: state\noutput_directory: out\ncredentials:\n  a:\n    \
             {grant}\n    token_endpoint: http://{address}/token\n    \
             client_authentication: none\n    client_id: client\n    \
             refresh: {{ at: 0.0005, jitter: 0, min_remaining: 1s, min_interval: 1s }}\n    \
             outputs: [ {{ token_file: token }}, {{ json_file: json }} ]\n"
        );
        machine.write("config.yaml", configuration.as_bytes());
        machine.write("seed", b"rt-0");
        machine
    }

    /// The same files in another directory.
    pub fn copy(&self) -> Self {
        let copy = Self { directory: tempfile::tempdir().unwrap() };
        copy_all(self.directory.path(), copy.directory.path());
        copy
    }

    /// The program, ready to be started. `before` is a program that starts it.
    pub fn command(&self, before: &[&str], verb: &str) -> Command {
        let program = [env!("CARGO_BIN_EXE_tokenward"), verb, "--config", "config.yaml"];
        let words: Vec<_> = before.iter().copied().chain(program).collect();
        let mut command = Command::new(words[0]);
        command.args(&words[1..]).current_dir(self.directory.path()).env_clear();
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        command
    }

    /// `tokenward once`; its exit code, and what it said.
    pub fn once(&self) -> (Option<i32>, String) {
        let output = self.command(&[], "once").stderr(Stdio::piped()).output().unwrap();
        (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
    }

    /// `tokenward run` while `act` goes on; then it may finish what is under way.
    pub fn run(&self, act: impl FnOnce(&Running<'_>)) {
        let log = File::create(self.path("log")).unwrap();
        let daemon = self.command(&[], "run").stderr(log).spawn().unwrap();
        let mut running = Running { machine: self, daemon };
        // It notes who it is when it hears signals already.
        running.until(|| self.json("state/daemon.json")["process_id"] == running.daemon.id());
        act(&running);
        let pid = Pid::from_raw(i32::try_from(running.daemon.id()).unwrap());
        kill(pid, Signal::SIGTERM).unwrap();
        assert_eq!(running.daemon.wait().unwrap().code(), Some(0));
    }

    /// Whether the daemon has said this.
    pub fn logged(&self, text: &str) -> bool {
        fs::read_to_string(self.path("log")).is_ok_and(|log| log.contains(text))
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    /// What a file holds; nothing, if it is not there yet.
    fn json(&self, name: &str) -> Value {
        let bytes = fs::read(self.path(name)).unwrap_or_default();
        serde_json::from_slice(&bytes).unwrap_or_default()
    }

    /// The number of the refresh token on disk.
    pub fn kept(&self) -> u64 {
        let file = self.json("state/tokens/a.json");
        number(file["refresh_token"]["value"].as_str().unwrap_or_default())
    }

    /// The numbers of the access tokens that consumers find.
    pub fn published(&self) -> [u64; 2] {
        let token = fs::read_to_string(self.path("out/token")).unwrap_or_default();
        let json = self.json("out/json");
        [number(&token), number(json["access_token"].as_str().unwrap_or_default())]
    }

    fn write(&self, name: &str, bytes: &[u8]) {
        File::create(self.path(name)).unwrap().write_all(bytes).unwrap();
    }
}

/// A daemon that is killed when dropped.
pub struct Running<'a> {
    machine: &'a Machine,
    daemon: Child,
}

impl Running<'_> {
    /// Asks until the answer is yes.
    #[expect(clippy::disallowed_methods, reason = "other processes cannot be waited for otherwise")]
    pub fn until(&self, happened: impl Fn() -> bool) {
        let started = SystemClock.now().boot;
        while !happened() {
            let waited = SystemClock.now().boot.since(started);
            let log = || fs::read_to_string(self.machine.path("log")).unwrap_or_default();
            assert!(waited < Duration::from_secs(60), "waited in vain:\n{}", log());
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

impl Drop for Running<'_> {
    fn drop(&mut self) {
        // Both fail only for a process that has been waited for already.
        self.daemon.kill().ok();
        self.daemon.wait().ok();
    }
}

/// N of `at-N` and `rt-N`; zero of nothing.
fn number(token: &str) -> u64 {
    token.split_once('-').map_or(0, |(_, number)| number.parse().unwrap())
}

/// With their modes; a copy has its own dates.
fn copy_all(from: &Path, to: &Path) {
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            fs::create_dir(&target).unwrap();
            copy_all(&entry.path(), &target);
            fs::set_permissions(&target, entry.metadata().unwrap().permissions()).unwrap();
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}
