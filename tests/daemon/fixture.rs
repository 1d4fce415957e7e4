//! A directory with a configuration, secrets, state and outputs; a sandbox to ask; and the
//! program, driven as its users do.

use std::{
    fs::{self, File},
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::Arc,
    time::Duration,
};

use serde_json::Value;
use tempfile::TempDir;
use tokenward::{
    clock::SystemClock,
    sandbox::{Options, Sandbox, Seen},
};
use tokio::runtime::Runtime;

use crate::{process::Daemon, wait::until};

/// The secret of `sandbox-client`, which the plain server and every habit know.
pub const SECRET: &str = "sandbox+secret/100%";

/// A sandbox, and a machine's worth of files.
pub struct Fixture {
    directory: TempDir,
    sandbox: Sandbox,
    // The sandbox lives on its thread.
    _runtime: Runtime,
}

/// One credential of the plain server, or of a habit. What differs from test to test is here.
#[derive(Clone, Copy)]
pub struct Credential<'a> {
    pub name: &'a str,
    pub path: &'a str,
    /// The file with its secret.
    pub secret: &'a str,
    /// The value of `outputs`, as YAML.
    pub outputs: &'a str,
    /// Further keys, in YAML's flow style.
    pub more: &'a str,
}

/// How a verb ended.
#[derive(Debug)]
pub struct Ended {
    pub code: Option<i32>,
    pub stdout: String,
    pub stderr: String,
}

impl Fixture {
    /// With tokens that live as long as each system documents.
    pub fn new() -> Self {
        Self::start(None)
    }

    /// With tokens that all live for `seconds`.
    pub fn with_lifetime(seconds: u64) -> Self {
        Self::start(Some(Duration::from_secs(seconds)))
    }

    fn start(lifetime: Option<Duration>) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .unwrap();
        let options = Options { lifetime, ..Options::default() };
        let sandbox = runtime.block_on(Sandbox::start(options, Arc::new(SystemClock))).unwrap();
        let directory = tempfile::tempdir().unwrap();
        let fixture = Self { directory, sandbox, _runtime: runtime };
        for offer in fixture.sandbox.offers() {
            fixture.write(&format!("secrets/{}", offer.system), offer.client_secret);
        }
        fixture
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    /// Writes a file in place, and the folders above it. `@BASE@` stands for the sandbox.
    #[expect(clippy::disallowed_methods, reason = "an editor that writes in place is a case, too")]
    pub fn write(&self, name: &str, text: &str) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text.replace("@BASE@", &self.base())).unwrap();
    }

    /// Replaces a file as most editors save it.
    pub fn rename_save(&self, name: &str, text: &str) {
        let new = format!("{name}~");
        self.write(&new, text);
        fs::rename(self.path(&new), self.path(name)).unwrap();
    }

    /// What a file holds, if it is there.
    pub fn read(&self, name: &str) -> Option<String> {
        fs::read_to_string(self.path(name)).ok()
    }

    /// The token that consumers of a credential's token file find, if there is one.
    pub fn token(&self, name: &str) -> Option<String> {
        self.read(&format!("out/{name}/token"))
    }

    /// Which file stands at a path: another one after each replacement.
    pub fn inode(&self, name: &str) -> u64 {
        fs::metadata(self.path(name)).unwrap().ino()
    }

    /// Writes `config.yaml`.
    pub fn configure(&self, credentials: &[Credential<'_>]) {
        self.write("config.yaml", &configuration("", credentials));
    }

    /// Writes `config.yaml` with further keys at its top.
    pub fn configure_with(&self, top: &str, credentials: &[Credential<'_>]) {
        self.write("config.yaml", &configuration(top, credentials));
    }

    /// Starts `tokenward run`.
    pub fn run(&self) -> Daemon {
        Daemon::start(self.command(&["run", "--log-format", "json"]), &self.path("log"))
    }

    /// Starts `tokenward run`, and waits until each of these has a token file.
    pub fn run_until_published(&self, names: &[&str]) -> Daemon {
        let daemon = self.run();
        self.wait_for_tokens(names);
        daemon
    }

    /// The expiry beside a token is written last.
    pub fn wait_for_tokens(&self, names: &[&str]) {
        for name in names {
            let expiry = self.path(&format!("out/{name}/token.expires_at"));
            until(&format!("a token of {name}"), || self.token(name).is_some() && expiry.exists());
        }
    }

    /// Runs a verb to its end.
    pub fn tokenward(&self, arguments: &[&str]) -> Ended {
        let output = self.command(arguments).stdin(Stdio::null()).output().unwrap();
        Ended {
            code: output.status.code(),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }

    /// The program in this directory, with nothing of the surroundings in its environment.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_tokenward"));
        command
            .args(arguments)
            .current_dir(self.directory.path())
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("TOKENWARD_CONFIG", self.path("config.yaml"));
        command
    }

    /// `status --json`.
    pub fn status(&self) -> Value {
        let ended = self.tokenward(&["status", "--json"]);
        serde_json::from_str(&ended.stdout).unwrap_or_else(|error| panic!("{error}: {ended:?}"))
    }

    /// What `status --json` says of one credential.
    pub fn status_of(&self, name: &str) -> Value {
        let status = self.status();
        let all = status["credentials"].as_array().unwrap();
        all.iter().find(|one| one["name"] == name).unwrap().clone()
    }

    pub fn sandbox(&self) -> &Sandbox {
        &self.sandbox
    }

    /// The requests that a path of the sandbox has had.
    pub fn requests(&self, path: &str) -> Vec<Seen> {
        self.sandbox.requests().into_iter().filter(|seen| *seen.path == *path).collect()
    }

    pub fn base(&self) -> String {
        format!("http://{}", self.sandbox.address())
    }

    /// The daemons' logs, one JSON object a line; other lines are left out.
    pub fn log(&self) -> Vec<Value> {
        let text = self.read("log").unwrap_or_default();
        text.lines().filter_map(|line| serde_json::from_str(line).ok()).collect()
    }

    /// How many lines of the log have this message.
    pub fn logged(&self, message: &str) -> usize {
        self.log().iter().filter(|line| line["message"] == message).count()
    }

    /// Waits for one more line of the log with this message than there is before `act`.
    pub fn after(&self, message: &str, act: impl FnOnce()) {
        let before = self.logged(message);
        act();
        until(message, || self.logged(message) > before);
    }
}

/// The text of a configuration, with the shortest times that are allowed.
pub fn configuration(top: &str, credentials: &[Credential<'_>]) -> String {
    let entries: String = credentials.iter().map(Credential::entry).collect();
    format!(
        "version: 1\nstate_directory: state\noutput_directory: out\n{top}\
         defaults: {{ refresh: {{ jitter: 0, min_remaining: 1s, min_interval: 1s }} }}\n\
         credentials:\n{entries}"
    )
}

impl<'a> Credential<'a> {
    /// A credential of the plain server with one token file, `NAME/token`.
    pub const fn new(name: &'a str) -> Self {
        let outputs = "[ { token_file: NAME/token } ]";
        Self { name, path: "/plain/token", secret: "secrets/plain", outputs, more: "" }
    }

    /// As it stands below `credentials:`. `NAME` in its outputs stands for its name.
    pub fn entry(&self) -> String {
        let Self { name, path, secret, outputs, more } = self;
        let outputs = outputs.replace("NAME", name);
        format!(
            "  {name}: {{ token_endpoint: '@BASE@{path}', client_id: sandbox-client, \
             client_secret: {{ file: {secret} }}, outputs: {outputs}, {more} }}\n"
        )
    }
}

/// Takes a file away, as a person does who does not know what it is for.
pub fn remove(path: &Path) {
    fs::remove_file(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
}

/// A log to append to.
pub fn append(path: &Path) -> File {
    File::options().create(true).append(true).open(path).unwrap()
}
