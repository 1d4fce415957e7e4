//! The verbs. Each has one file; what they share is here.

mod check;
mod completions;
mod demo;
mod get;
mod once;
mod run;
mod sandbox;
mod schema;
mod status;
mod wait;

use std::{path::PathBuf, process::ExitCode, sync::Arc};

use clap::{Parser, Subcommand};

use crate::{
    acquire::HttpClients,
    clock::SystemClock,
    daemon::{Reading, Setup, Surroundings},
    error::Exit,
    observe::log::{self, LogFormat},
    plan::Plan,
};

/// Keeps OAuth tokens fresh for other programs.
#[derive(Debug, Parser)]
#[command(name = "tokenward", version, propagate_version = true, max_term_width = 100)]
struct Arguments {
    #[command(subcommand)]
    verb: Verb,
    #[command(flatten)]
    common: Common,
}

/// What every verb takes.
#[derive(Debug, clap::Args)]
struct Common {
    /// The configuration
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
    #[arg(long, global = true, value_enum, default_value_t, env = "TOKENWARD_LOG_FORMAT")]
    log_format: LogFormat,
    /// Which log lines are written: error, warn, info, debug
    #[arg(
        long,
        global = true,
        default_value = "info",
        env = "TOKENWARD_LOG",
        value_name = "LEVEL"
    )]
    log: String,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Run the daemon
    Run,
    /// Acquire and publish what is due, then exit: for init containers, cron and CI
    Once(once::Arguments),
    /// Find every problem of a configuration, then of its files and directories
    Check(check::Arguments),
    /// Show how each credential is
    Status(status::Arguments),
    /// Wait until the outputs on disk hold good tokens
    Wait(wait::Arguments),
    /// Print a token
    Get(get::Arguments),
    /// Print the JSON Schema of the configuration
    Schema,
    /// Run an authorization server to try configurations on, with the shapes and the bad habits of real ones
    Sandbox(sandbox::Arguments),
    /// Run the sandbox and the daemon together, with a configuration to play with
    Demo(demo::Arguments),
    /// Print completions for a shell
    Completions(completions::Arguments),
    /// Print the man page
    Man,
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
    let common = arguments.common;
    // A demo shows a table; its log would tear it.
    let quiet = matches!(arguments.verb, Verb::Demo(_));
    if !quiet {
        log::init(common.log_format, &common.log);
    }
    match arguments.verb {
        Verb::Run => run::run(&common),
        Verb::Once(arguments) => once::run(&common, &arguments),
        Verb::Check(arguments) => check::run(&common, &arguments),
        Verb::Status(arguments) => status::run(&common, &arguments),
        Verb::Wait(arguments) => wait::run(&common, &arguments),
        Verb::Get(arguments) => get::run(&common, &arguments),
        Verb::Schema => schema::run(),
        Verb::Sandbox(arguments) => sandbox::run(&arguments),
        Verb::Demo(arguments) => demo::run(&arguments),
        Verb::Completions(arguments) => completions::completions(&arguments),
        Verb::Man => completions::man(),
    }
}

impl Common {
    /// What a daemon of this process is started with.
    fn setup(&self) -> Setup {
        setup(self.config.clone(), Surroundings::of_process())
    }

    /// The plan, for verbs that only look; its problems go to standard error.
    fn plan(&self) -> Result<Plan, Exit> {
        let mut reading = Reading::without_secrets(&self.config, &Surroundings::of_process());
        if let Some(plan) = reading.plan.take() {
            return Ok(plan);
        }
        eprintln!("{}", reading.report().join("\n"));
        Err(Exit::Config)
    }
}

fn setup(configuration: PathBuf, surroundings: Surroundings) -> Setup {
    Setup {
        configuration,
        surroundings,
        clock: Arc::new(SystemClock),
        transport: Arc::new(HttpClients::default()),
        draw,
    }
}

/// Uniform in `[0, 1)`, from the kernel. Without randomness there is no jitter, which is no
/// reason to stop.
fn draw() -> f64 {
    f64::from(getrandom::u32().unwrap_or(0)) / (f64::from(u32::MAX) + 1.0)
}

/// One thread for the loop and its requests; a few more, when needed, for the disk.
fn block_on<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .max_blocking_threads(8)
        .build()
        .unwrap_or_else(|error| {
            eprintln!("tokenward: cannot start: {error}");
            std::process::exit(Exit::Software as i32)
        })
        .block_on(future)
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
