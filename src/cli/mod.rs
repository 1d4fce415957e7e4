//! The verbs. Each has one file; what they share is here.

mod block_on;
mod check;
mod completions;
mod demo;
mod get;
mod held;
mod login;
mod once;
mod providers;
mod run;
mod sandbox;
mod schema;
mod seal;
mod sign;
mod status;
mod wait;

use std::{path::PathBuf, process::ExitCode, sync::Arc};

use clap::{Parser, Subcommand};
use tracing::level_filters::LevelFilter;

use self::block_on::block_on;
use crate::{
    acquire::{Acquirer, HttpClients},
    clock::SystemClock,
    config::check::nearest,
    daemon::{Reading, Setup, Supervisor, Surroundings},
    error::Exit,
    observe::log::{self, LogFormat},
    plan::Plan,
};

/// What a newcomer and a script want to know.
const AFTER_HELP: &str = "\
Start with `tokenward demo`: it needs no configuration, no provider and no network.

Exit codes: 0 done, 64 usage, 69 no token could be had, 70 a bug, 75 it may work later,
78 configuration.";

/// Keeps OAuth tokens fresh for other programs.
#[derive(Debug, Parser)]
#[command(
    name = "tokenward",
    version,
    propagate_version = true,
    max_term_width = 100,
    after_help = AFTER_HELP,
    subcommand_help_heading = "Verbs",
    subcommand_value_name = "VERB"
)]
struct Arguments {
    #[command(subcommand)]
    verb: Verb,
    #[command(flatten)]
    common: Common,
}

/// What every verb takes.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Options of every verb")]
struct Common {
    /// The configuration file
    #[arg(
        short,
        long,
        global = true,
        value_name = "FILE",
        env = "TOKENWARD_CONFIG",
        default_value = "/etc/tokenward/config.yaml"
    )]
    config: PathBuf,
    /// How log lines look
    #[arg(
        long,
        global = true,
        value_enum,
        default_value_t,
        env = "TOKENWARD_LOG_FORMAT",
        value_name = "FORMAT"
    )]
    log_format: LogFormat,
    /// Which log lines are written: off, error, warn, info, debug, trace
    #[arg(
        long,
        global = true,
        default_value_t = LevelFilter::INFO,
        env = "TOKENWARD_LOG",
        value_name = "LEVEL"
    )]
    log: LevelFilter,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Run the daemon
    ///
    /// It keeps the token of each credential fresh until SIGTERM or SIGINT. It reads the
    /// configuration again when one of its files changes, and on SIGHUP.
    Run,
    /// Acquire and publish what is due, then exit: for init containers, cron and CI
    ///
    /// A token that is still good is published as it is, and the provider is not asked. Where a
    /// daemon runs there is nothing left to do, so it refuses to start beside one.
    Once(once::Arguments),
    /// Find every problem of a configuration, then of its files and directories
    ///
    /// It writes nothing. With `--online`, grants with a refresh token and tokens that would end the
    /// one in use are left out: asking for them is for the daemon alone. It exits with 0 if
    /// everything is good, with 78 if not, and with 69 or 75 if a token could not be had.
    Check(check::Arguments),
    /// Show the state of each credential, when it expires, and what is wrong with it
    ///
    /// It reads the files of the daemon and its outputs. It exits with 0 if every output holds a
    /// good token, and with 69 if not.
    Status(status::Arguments),
    /// Wait until the outputs hold good tokens: for `ExecStartPre=` and startup probes
    ///
    /// It reads the configuration and the outputs, so it needs neither the daemon nor its state.
    Wait(wait::Arguments),
    /// Print the token that the daemon holds, for a script
    ///
    /// The provider is not asked, and a token that has expired is not printed.
    Get(get::Arguments),
    /// Print the `Authorization` header for a request, for OAuth 1.0a
    ///
    /// It is good for that one request. The token is the one that the daemon holds; the provider
    /// is not asked.
    Sign(sign::Arguments),
    /// Log in for a credential whose grant begins with a person
    ///
    /// It shows where to go, waits, and leaves the grant for the daemon, which goes on alone. It
    /// works while the daemon runs and without it.
    Login(login::Arguments),
    /// List the providers that the catalogue knows, or show what one of them sets and needs
    Providers(providers::Arguments),
    /// Print the JSON Schema of the configuration, for editors
    Schema,
    /// Run an authorization server to try configurations on
    ///
    /// It speaks as real ones do, and has the bad habits of real ones when asked for them. It
    /// prints its token endpoints, clients and habits when it starts.
    Sandbox(sandbox::Arguments),
    /// Run the sandbox and the daemon together, with a configuration to play with
    Demo(demo::Arguments),
    /// Print completions for a shell
    ///
    /// For bash: `tokenward completions bash > /etc/bash_completion.d/tokenward`
    Completions(completions::Arguments),
    /// Print the man page, or that of a verb
    ///
    /// To read one: `tokenward man login | man -l -`
    Man(completions::Page),
}

/// Runs the verb on the command line.
pub fn main() -> ExitCode {
    match Arguments::try_parse() {
        Ok(arguments) => run(arguments).into(),
        Err(error) => {
            let _ = error.print();
            if error.use_stderr() { Exit::Usage.into() } else { Exit::Ok.into() }
        }
    }
}

fn run(arguments: Arguments) -> Exit {
    seal::seal();
    let common = arguments.common;
    // A demo shows a table; its log would tear it.
    let quiet = matches!(arguments.verb, Verb::Demo(_));
    if !quiet {
        log::init(common.log_format, common.log);
    }
    match arguments.verb {
        Verb::Run => run::run(&common),
        Verb::Once(arguments) => once::run(&common, &arguments),
        Verb::Check(arguments) => check::run(&common, &arguments),
        Verb::Status(arguments) => status::run(&common, &arguments),
        Verb::Wait(arguments) => wait::run(&common, &arguments),
        Verb::Get(arguments) => get::run(&common, &arguments),
        Verb::Sign(arguments) => sign::run(&common, &arguments),
        Verb::Login(arguments) => login::run(&common, &arguments),
        Verb::Providers(arguments) => providers::run(&arguments),
        Verb::Schema => schema::run(),
        Verb::Sandbox(arguments) => sandbox::run(&arguments),
        Verb::Demo(arguments) => demo::run(&arguments),
        Verb::Completions(arguments) => completions::completions(&arguments),
        Verb::Man(page) => completions::man(&page),
    }
}

impl Common {
    /// What a daemon of this process is started with.
    fn setup(&self) -> Setup {
        setup(self.config.clone(), Surroundings::of_process())
    }

    /// The plan, for verbs that only look; its errors go to standard error.
    fn plan(&self) -> Result<Plan, Exit> {
        let mut reading = Reading::without_secrets(&self.config, &Surroundings::of_process());
        if let Some(plan) = reading.plan.take() {
            return Ok(plan);
        }
        eprintln!("{}", reading.refusal().join("\n"));
        Err(Exit::Config)
    }
}

fn setup(configuration: PathBuf, surroundings: Surroundings) -> Setup {
    Setup {
        configuration,
        surroundings,
        clock: Arc::new(SystemClock),
        supervisor: Supervisor::of_process(),
        acquirer: Arc::new(Acquirer::new(Arc::new(HttpClients::default()), Arc::new(SystemClock))),
        draw,
        cluster: Arc::default(),
    }
}

/// Uniform in `[0, 1)`, from the kernel. Without randomness there is no jitter, which is no
/// reason to stop.
fn draw() -> f64 {
    f64::from(getrandom::u32().unwrap_or(0)) / (f64::from(u32::MAX) + 1.0)
}

/// That there is no such credential, and which was probably meant.
fn unknown(plan: &Plan, name: &str) -> String {
    let names = plan.credentials.iter().map(|one| one.name.as_str());
    let mend = match (plan.named(name).next(), nearest(name, names)) {
        (Some(one), _) => format!("it has one for each value, such as {}", one.name),
        (None, Some(name)) => format!("did you mean {name}?"),
        (None, None) => "`tokenward status` lists all".into(),
    };
    format!("there is no credential {name:?} in the configuration; {mend}")
}

/// `1 error`, `2 errors`.
fn counted(count: usize, noun: &str) -> String {
    format!("{count} {noun}{}", if count == 1 { "" } else { "s" })
}

/// Writes to standard output. A reader that has seen enough is no failure.
fn print(text: &str) -> Exit {
    use std::io::Write;
    match std::io::stdout().lock().write_all(text.as_bytes()) {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => {
            eprintln!("tokenward: cannot write: {error}");
            Exit::Temporary
        }
        _ => Exit::Ok,
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_sound() {
        super::Arguments::command().debug_assert();
    }
}
