//! `tokenward demo`: the sandbox and the real daemon, side by side. There is no daemon code here.

use std::{
    io::{self, IsTerminal},
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use super::{block_on::listening, print, setup};
use crate::{
    clock::{Clock, SystemClock},
    daemon::{self, Reading, Surroundings, survey::survey},
    error::Exit,
    observe::{Style, table},
    plan::Plan,
    sandbox::{Offer, Options, Sandbox},
    state::State,
};

#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// Keep configuration and outputs in this directory; without it, they go when the demo ends
    #[arg(long, value_name = "DIR")]
    directory: Option<PathBuf>,
}

/// About a minute, so that refreshes are seen.
const LIFETIME: Duration = Duration::from_secs(60);
/// Until the first tokens are there.
const FIRST_LOOK: Duration = Duration::from_secs(1);
const ON_A_TERMINAL: Duration = Duration::from_secs(1);
const ELSEWHERE: Duration = Duration::from_secs(10);
const CLEAR: &str = "\x1b[2J\x1b[H";
const CONFIGURATION: &str = include_str!("demo.yaml");

pub fn run(arguments: &Arguments) -> Exit {
    let (directory, _kept) = match directory(arguments.directory.as_deref()) {
        Ok(directory) => directory,
        Err(error) => {
            eprintln!("tokenward: cannot make a directory for the demo: {error}");
            return Exit::Temporary;
        }
    };
    listening(demo(&directory)).unwrap_or_else(|message| {
        eprintln!("tokenward: {message}");
        Exit::Temporary
    })
}

/// The directory, and what removes it at the end if it is a temporary one.
fn directory(asked: Option<&Path>) -> io::Result<(PathBuf, Option<tempfile::TempDir>)> {
    let Some(asked) = asked else {
        let temporary = tempfile::Builder::new().prefix("tokenward-demo-").tempdir()?;
        return Ok((temporary.path().canonicalize()?, Some(temporary)));
    };
    std::fs::create_dir_all(asked)?;
    Ok((asked.canonicalize()?, None))
}

async fn demo(directory: &Path) -> Result<Exit, String> {
    let options = Options { lifetime: Some(LIFETIME), ..Options::default() };
    let sandbox =
        Sandbox::start(options, Arc::new(SystemClock)).await.map_err(|error| error.to_string())?;
    prepare(directory, &sandbox).map_err(|error| {
        format!("cannot write into {}: {error}; choose another --directory", directory.display())
    })?;
    let configuration = directory.join("config.yaml");
    let daemon = daemon::run(setup(configuration.clone(), Surroundings::default()));
    tokio::pin!(daemon);
    let mut screen = Screen::new(directory, configuration);
    let mut pause = FIRST_LOOK;
    loop {
        tokio::select! {
            ended = &mut daemon => return ended.map_err(|error| error.to_string()),
            () = tokio::time::sleep(pause) => screen.show(),
        }
        pause = if screen.terminal { ON_A_TERMINAL } else { ELSEWHERE };
    }
}

/// The secrets as files and the configuration, as a user would have them.
fn prepare(directory: &Path, sandbox: &Sandbox) -> io::Result<()> {
    let secrets = directory.join("secrets");
    std::fs::create_dir_all(&secrets)?;
    let base = format!("http://{}", sandbox.address());
    let mut text = CONFIGURATION
        .replace("@BASE@", &base)
        .replace("@DIRECTORY@", &directory.display().to_string());
    for Offer { system, token_endpoint, client_id, client_secret, .. } in sandbox.offers() {
        text = text
            .replace(&format!("@{system}.url@"), &token_endpoint)
            .replace(&format!("@{system}.id@"), client_id);
        write(&secrets, system, client_secret)?;
    }
    write(directory, "config.yaml", &text)
}

/// The demo's own files; whole, like everything that a daemon may be reading.
fn write(directory: &Path, name: &str, text: &str) -> io::Result<()> {
    let mut file = tempfile::NamedTempFile::new_in(directory)?;
    io::Write::write_all(&mut file, text.as_bytes())?;
    file.persist(directory.join(name)).map(|_| ()).map_err(|error| error.error)
}

/// What a newcomer sees.
struct Screen {
    configuration: PathBuf,
    outputs: PathBuf,
    /// By the last configuration that was good, which is the one in force.
    plan: Option<Plan>,
    terminal: bool,
}

impl Screen {
    fn new(directory: &Path, configuration: PathBuf) -> Self {
        let (outputs, terminal) = (directory.join("out"), io::stdout().is_terminal());
        Self { configuration, outputs, plan: None, terminal }
    }

    /// The status table of a configuration in use, below what one needs to play with it.
    fn show(&mut self) {
        let reading = Reading::without_secrets(&self.configuration, &Surroundings::default());
        self.plan = reading.plan.or(self.plan.take());
        let Some(plan) = &self.plan else { return };
        let state = State::open_existing(&plan.settings.state_directory).ok().flatten();
        let status = survey(plan, state.as_ref(), SystemClock.now());
        print(&format!(
            "{}The daemon keeps these tokens fresh; a sandbox plays the providers.\n\n\
             configuration  {}\n\
             outputs        {}\n\
             Edit the configuration and save it: the daemon reads it again. Ctrl-C ends.\n\n\
             {}\n",
            if self.terminal { CLEAR } else { "" },
            self.configuration.display(),
            self.outputs.display(),
            table(&status, Style::of(self.terminal)),
        ));
    }
}
