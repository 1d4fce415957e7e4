//! The program under test, driven as its users do: a configuration, a verb, files to read.

use std::{
    fs::{self, File},
    io::Write,
    path::PathBuf,
    process::{Child, Command, Stdio},
    time::Duration,
};

use nix::{sys::signal, unistd::Pid};
use serde_json::Value;
use tempfile::TempDir;

use crate::wait_until;

/// A directory with a configuration, the secrets it names, the state and the outputs.
pub struct Tokenward {
    directory: TempDir,
}

/// Of the tokens that servers issue for an [`entry`]. They are refreshed after three seconds, and
/// even on a slow machine do not expire before somebody looks at them.
pub const LIFETIME: Duration = Duration::from_secs(20);

const REFRESH: &str = "{ at: 0.15, jitter: 0, min_remaining: 1s, min_interval: 1s }";

/// An entry for [`Tokenward::of`], with these keys, early refreshes and a token file.
pub fn entry(name: &str, keys: &[String]) -> String {
    let keys = keys.join("\n    ");
    format!(
        "  {name}:\n    {keys}\n    refresh: {REFRESH}\n    outputs: [ {{ token_file: {name}/token }} ]\n"
    )
}

/// One credential of the configuration.
pub struct Credential<'a> {
    pub name: &'a str,
    pub client_id: &'a str,
    pub client_secret: &'a str,
    /// The value of `client_authentication`, as YAML.
    pub authentication: &'a str,
    pub scope: &'a str,
    /// The value of `refresh`, as YAML.
    pub refresh: &'a str,
}

/// How `tokenward once` ended.
pub struct Ended {
    pub code: Option<i32>,
    /// Everything that it printed.
    pub text: String,
}

/// `tokenward run`. Killed when dropped.
pub struct Daemon {
    process: Child,
}

impl Tokenward {
    /// Writes the configuration of `credentials`, which all ask at `token_endpoint`.
    pub fn new(token_endpoint: &str, credentials: &[Credential<'_>]) -> Self {
        let tokenward = Self::empty();
        tokenward.configure(token_endpoint, credentials);
        tokenward
    }

    /// Writes the configuration of `entries`: YAML, each below its name. A token is expected in
    /// `NAME/token`.
    pub fn of(entries: &str) -> Self {
        let tokenward = Self::empty();
        tokenward.write_configuration(entries);
        tokenward
    }

    fn empty() -> Self {
        let tokenward = Self { directory: tempfile::tempdir().unwrap() };
        for name in ["state", "outputs"] {
            fs::create_dir(tokenward.path(name)).unwrap();
        }
        tokenward
    }

    /// Replaces the configuration.
    pub fn configure(&self, token_endpoint: &str, credentials: &[Credential<'_>]) {
        let mut entries = String::new();
        for credential in credentials {
            self.write(&format!("{}.secret", credential.name), credential.client_secret);
            entries += &self.entry(token_endpoint, credential);
        }
        self.write_configuration(&entries);
    }

    fn write_configuration(&self, entries: &str) {
        let yaml = format!(
            "version: 1\nstate_directory: {}\noutput_directory: {}\ncredentials:\n{entries}",
            self.path("state").display(),
            self.path("outputs").display(),
        );
        self.write("config.yaml", &yaml);
    }

    fn entry(&self, token_endpoint: &str, credential: &Credential<'_>) -> String {
        let Credential { name, client_id, authentication, scope, refresh, .. } = credential;
        let secret = self.path(&format!("{name}.secret"));
        // A YAML string in double quotes; the odd characters of the test clients need no escape.
        format!(
            r#"  {name}:
    token_endpoint: {token_endpoint}
    grant: client_credentials
    client_authentication: {authentication}
    client_id: "{client_id}"
    client_secret: {{ file: {} }}
    scope: [{scope}]
    refresh: {refresh}
    outputs:
      - token_file: {name}/token
      - env_file: {{ path: {name}/env, variables: {{ TOKEN: "${{access_token}}" }} }}
"#,
            secret.display(),
        )
    }

    /// `tokenward once`.
    pub fn once(&self) -> Ended {
        Self::end(&mut self.command("once"))
    }

    /// What `tokenward status` says of a credential.
    pub fn status(&self, name: &str) -> Value {
        let output = self.command("status").arg("--json").output().unwrap();
        let mut status: Value = serde_json::from_slice(&output.stdout).unwrap();
        let credentials = status["credentials"].as_array_mut().unwrap().iter_mut();
        let mut named = credentials.filter(|credential| credential["name"] == name);
        named.next().expect(name).take()
    }

    /// What is wrong with a credential, by the `reason` of its status.
    pub fn reason(&self, name: &str) -> Option<String> {
        self.status(name)["problem"]["reason"].as_str().map(ToOwned::to_owned)
    }

    /// Waits until the token file has another token than `last`, and gives that.
    pub fn another_token(&self, name: &str, last: Option<&String>) -> Option<String> {
        wait_until("another token", || self.token(name).as_ref() != last);
        self.token(name)
    }

    fn end(command: &mut Command) -> Ended {
        let output = command.output().unwrap();
        let text = [output.stdout, output.stderr].concat();
        Ended { code: output.status.code(), text: String::from_utf8_lossy(&text).into_owned() }
    }

    /// `tokenward run`, in the background.
    pub fn run(&self) -> Daemon {
        let log = File::options().create(true).append(true).open(self.path("log")).unwrap();
        let process = self
            .command("run")
            .stdin(Stdio::null())
            .stdout(log.try_clone().unwrap())
            .stderr(log)
            .spawn()
            .unwrap();
        Daemon { process }
    }

    /// What the daemons have logged.
    pub fn log(&self) -> String {
        fs::read_to_string(self.path("log")).unwrap()
    }

    /// The token in the credential's token file, if there is one.
    pub fn token(&self, name: &str) -> Option<String> {
        fs::read_to_string(self.path(&format!("outputs/{name}/token"))).ok()
    }

    /// The token in the credential's env file, as a shell reads it.
    pub fn token_in_env_file(&self, name: &str) -> String {
        let shell = Command::new("sh")
            .args(["-c", ". \"$0\" && printf %s \"$TOKEN\""])
            .arg(self.path(&format!("outputs/{name}/env")))
            .output()
            .unwrap();
        String::from_utf8(shell.stdout).unwrap()
    }

    pub fn command(&self, verb: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_tokenward"));
        command.arg(verb).arg("--config").arg(self.path("config.yaml"));
        command
    }

    fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    fn write(&self, name: &str, text: &str) {
        File::create(self.path(name)).unwrap().write_all(text.as_bytes()).unwrap();
    }
}

impl Daemon {
    /// Sends SIGTERM and gives the exit code.
    pub fn terminate(mut self) -> Option<i32> {
        let pid = Pid::from_raw(i32::try_from(self.process.id()).unwrap());
        signal::kill(pid, signal::Signal::SIGTERM).unwrap();
        let mut status = None;
        wait_until("tokenward to end after SIGTERM", || {
            status = self.process.try_wait().unwrap();
            status.is_some()
        });
        status.and_then(|status| status.code())
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        // Both fail only if the process has already been waited for.
        self.process.kill().ok();
        self.process.wait().ok();
    }
}
