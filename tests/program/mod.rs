//! The built program, driven as its users drive it: a configuration, a verb, files to read.

use std::{
    collections::BTreeMap,
    fs::{self, File},
    io::Write,
    path::{Path, PathBuf},
    process::{Child, Command, Output, Stdio},
    sync::Arc,
    time::Duration,
};

use nix::{sys::signal, unistd::Pid};
use tempfile::TempDir;
use tokenward::{
    clock::{Clock, SystemClock},
    sandbox::{Options, Sandbox},
};

/// The first thing that a new directory of ours holds.
pub const CONFIGURATION: &str = "config.yaml";

/// A directory with a configuration, the secrets it names, the state and the outputs.
pub struct Program {
    directory: TempDir,
}

/// How a verb ended.
pub struct Ended {
    pub code: Option<i32>,
    /// Everything that it printed.
    pub text: String,
}

/// `tokenward run`, whose output goes to a file. Killed when dropped.
pub struct Daemon {
    process: Child,
    log: PathBuf,
}

/// An authorization server on loopback.
pub struct Server {
    pub address: String,
    pub sandbox: Sandbox,
    _runtime: tokio::runtime::Runtime,
}

impl Program {
    pub fn new() -> Self {
        let program = Self { directory: tempfile::tempdir().unwrap() };
        for name in ["state", "out"] {
            fs::create_dir(program.path(name)).unwrap();
        }
        program
    }

    /// Writes a configuration: our two directories, then `rest`.
    pub fn configure(&self, rest: &str) {
        let [state, out] = ["state", "out"].map(|name| self.path(name).display().to_string());
        let head = format!("version: 1\nstate_directory: {state}\noutput_directory: {out}\n");
        self.write(CONFIGURATION, head + rest);
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    pub fn write(&self, name: &str, bytes: impl AsRef<[u8]>) {
        File::create(self.path(name)).unwrap().write_all(bytes.as_ref()).unwrap();
    }

    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_tokenward"));
        command.args(arguments).arg("--config").arg(self.path(CONFIGURATION));
        command.env_remove("STATE_DIRECTORY").env_remove("RUNTIME_DIRECTORY");
        command
    }

    pub fn verb(&self, arguments: &[&str]) -> Ended {
        self.command(arguments).output().unwrap().into()
    }

    /// Starts the daemon; its output goes to the file `log` in our directory.
    pub fn run(&self, log: &str, mut command: Command) -> Daemon {
        let log = self.path(log);
        let file = File::create(&log).unwrap();
        command.stdin(Stdio::null()).stdout(file.try_clone().unwrap()).stderr(file);
        Daemon { process: command.spawn().unwrap(), log }
    }
}

impl From<Output> for Ended {
    fn from(output: Output) -> Self {
        let text = [output.stdout, output.stderr].concat();
        Self { code: output.status.code(), text: String::from_utf8_lossy(&text).into_owned() }
    }
}

impl Daemon {
    /// Everything that it has printed so far.
    pub fn log(&self) -> String {
        String::from_utf8_lossy(&fs::read(&self.log).unwrap()).into_owned()
    }

    pub fn signal(&self, signal: signal::Signal) {
        let pid = Pid::from_raw(i32::try_from(self.process.id()).unwrap());
        signal::kill(pid, signal).unwrap();
    }

    /// Sends SIGTERM, and waits for its end.
    pub fn terminate(self) -> Ended {
        self.signal(signal::Signal::SIGTERM);
        self.wait()
    }

    /// Waits for its end.
    pub fn wait(mut self) -> Ended {
        let code = self.process.wait().unwrap().code();
        Ended { code, text: self.log() }
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        // Both fail only if it has already been waited for.
        self.process.kill().ok();
        self.process.wait().ok();
    }
}

impl Server {
    pub fn start() -> Self {
        Self::with(Options::default())
    }

    pub fn with(options: Options) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .unwrap();
        let starting = Sandbox::start(options, Arc::new(SystemClock));
        let sandbox = runtime.block_on(starting).unwrap();
        let address = sandbox.address().to_string();
        Self { address, sandbox, _runtime: runtime }
    }
}

/// Asks again and again until the answer is yes; after a minute it fails, and shows why.
#[expect(clippy::disallowed_methods, reason = "other processes cannot be waited for otherwise")]
pub fn wait_until(what: &str, mut happened: impl FnMut() -> bool, why: impl Fn() -> String) {
    let started = SystemClock.now().boot;
    while !happened() {
        let waited = SystemClock.now().boot.since(started);
        assert!(waited < Duration::from_secs(60), "waited for {what}; at last: {}", end(&why()));
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// The last lines of a log, the last one first.
fn end(log: &str) -> String {
    log.lines().rev().take(20).flat_map(|line| [line, "\n"]).collect()
}

/// Every file below a folder, by path, with its bytes.
pub fn files(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut found = BTreeMap::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.append(&mut files(&path));
        } else if let Ok(bytes) = fs::read(&path) {
            found.insert(path, bytes);
        }
    }
    found
}
