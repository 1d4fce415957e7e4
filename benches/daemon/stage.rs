//! Where a daemon is measured: a provider, a configuration, and directories of its own.

use std::{
    error::Error,
    fs::{self, File},
    io::{self, Write as _},
    path::{Path, PathBuf},
    sync::Arc,
};

use tempfile::TempDir;
use tokenward::{
    clock::SystemClock,
    sandbox::{Options, Sandbox},
};
use tokio::runtime::Runtime;

/// How the credentials of a stage are configured.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// An entry for each.
    Entries,
    /// One entry with a `for_each`, and a file with a value for each.
    ForEach,
    /// An entry for each, whose refresh token is replaced by each refresh.
    RefreshTokens,
}

/// A stage for some number of credentials.
pub struct Stage {
    directory: TempDir,
    credentials: usize,
    shape: Shape,
    sandbox: Sandbox,
    /// The provider answers on a thread of this.
    _runtime: Runtime,
}

impl Stage {
    /// Sets it up. Each credential has a scope and an output of its own; the client and the
    /// endpoint they have in common.
    pub fn new(credentials: usize, shape: Shape) -> Result<Self, Box<dyn Error>> {
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
        let sandbox =
            runtime.block_on(Sandbox::start(Options::default(), Arc::new(SystemClock)))?;
        let directory = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR"))?;
        let stage = Self { directory, credentials, shape, sandbox, _runtime: runtime };
        stage.write_configuration()?;
        Ok(stage)
    }

    /// The daemon's configuration.
    pub fn configuration(&self) -> PathBuf {
        self.directory.path().join("config.yaml")
    }

    /// Where the daemon's log lines go.
    pub fn log(&self) -> PathBuf {
        self.directory.path().join("log")
    }

    /// The files that consumers read.
    pub fn outputs(&self) -> impl Iterator<Item = PathBuf> {
        (0..self.credentials).map(|number| self.out().join(format!("c{number}/access_token")))
    }

    /// How many credentials it has.
    pub const fn credentials(&self) -> usize {
        self.credentials
    }

    /// How many requests the provider has had.
    pub fn requests(&self) -> usize {
        self.sandbox.requests().len()
    }

    /// Forgets every token, and begins a new grant where there is one.
    pub fn clear_state(&self) -> io::Result<()> {
        self.write("refresh_token", &format!("sandbox-refresh-token-{}", self.requests()))?;
        clear(&self.directory.path().join("state"))
    }

    /// Takes every token from consumers.
    pub fn clear_outputs(&self) -> io::Result<()> {
        clear(&self.out())
    }

    fn out(&self) -> PathBuf {
        self.directory.path().join("out")
    }

    fn write_configuration(&self) -> Result<(), Box<dyn Error>> {
        let offers = self.sandbox.offers();
        let offer = offers.iter().find(|offer| offer.system == "plain").ok_or("no plain system")?;
        self.write("secret", offer.client_secret)?;
        let values: Vec<_> = (0..self.credentials).map(|number| format!("c{number}")).collect();
        let (endpoint, id) = (&offer.token_endpoint, offer.client_id);
        let entry = |name: &str, value: &str, more: &str| {
            format!(
                "  {name}:\n    token_endpoint: {endpoint}\n    client_id: {id}\n    \
                 client_secret: {{ file: secret }}\n    \
                 client_authentication: client_secret_post\n    scope: [\"session:{value}\"]\n    \
                 outputs: [{{ token_file: \"{value}/access_token\" }}]\n{more}"
            )
        };
        let entries: String = match self.shape {
            Shape::Entries => values.iter().map(|value| entry(value, value, "")).collect(),
            Shape::ForEach => entry("c", "${value}", EACH),
            Shape::RefreshTokens => {
                values.iter().map(|value| entry(value, value, REFRESH_TOKEN)).collect()
            }
        };
        self.write("values", &values.join("\n"))?;
        self.write("refresh_token", "sandbox-refresh-token")?;
        self.write("config.yaml", &format!("{HEAD}{entries}"))?;
        Ok(())
    }

    fn write(&self, name: &str, text: &str) -> io::Result<()> {
        File::create(self.directory.path().join(name))?.write_all(text.as_bytes())
    }
}

/// The provider is on this machine, and nobody's budget is spent.
const HEAD: &str = "\
version: 1
state_directory: state
output_directory: out
limits: { concurrent_requests: 16, endpoint_requests_per_second: 100000 }
credentials:
";

/// The keys of a credential that is there once for each value.
const EACH: &str = "    for_each: { value: { file: values } }\n";

/// The keys of one that lives by refresh tokens.
const REFRESH_TOKEN: &str =
    "    grant: refresh_token\n    refresh_token: { file: refresh_token }\n";

fn clear(directory: &Path) -> io::Result<()> {
    match fs::remove_dir_all(directory) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}
