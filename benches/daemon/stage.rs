//! Where a daemon is measured: a provider, a configuration, and directories of its own.

use std::{
    error::Error,
    fmt::Write as _,
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

/// A stage for some number of credentials.
pub struct Stage {
    directory: TempDir,
    credentials: usize,
    sandbox: Sandbox,
    /// The provider answers on a thread of this.
    _runtime: Runtime,
}

impl Stage {
    /// Sets it up. Each credential has a scope and an output of its own; the client and the
    /// endpoint they have in common.
    pub fn new(credentials: usize) -> Result<Self, Box<dyn Error>> {
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
        let sandbox =
            runtime.block_on(Sandbox::start(Options::default(), Arc::new(SystemClock)))?;
        let directory = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR"))?;
        let stage = Self { directory, credentials, sandbox, _runtime: runtime };
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

    /// How many requests the provider has had.
    pub fn requests(&self) -> usize {
        self.sandbox.requests().len()
    }

    /// Forgets every token.
    pub fn clear_state(&self) -> io::Result<()> {
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
        File::create(self.directory.path().join("secret"))?
            .write_all(offer.client_secret.as_bytes())?;
        let mut text = String::from(HEAD);
        for number in 0..self.credentials {
            let (endpoint, id) = (&offer.token_endpoint, offer.client_id);
            write!(
                text,
                "  c{number}:\n    token_endpoint: {endpoint}\n    client_id: {id}\n    \
                 client_secret: {{ file: secret }}\n    \
                 client_authentication: client_secret_post\n    scope: [\"session:{number}\"]\n    \
                 outputs: [{{ token_file: c{number}/access_token }}]\n"
            )?;
        }
        File::create(self.configuration())?.write_all(text.as_bytes())?;
        Ok(())
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

fn clear(directory: &Path) -> io::Result<()> {
    match fs::remove_dir_all(directory) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}
