//! `tokenward status`.

use std::{io::IsTerminal, time::Duration};

use super::{Common, block_on, print};
use crate::{
    clock::{Clock, SystemClock},
    daemon::{Reading, Surroundings, survey::survey},
    error::Exit,
    observe::{Status, Style, table},
    state::State,
};

#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// Print JSON; its fields are stable, its dates milliseconds since 1970
    #[arg(long)]
    json: bool,
    /// Show it anew every second
    #[arg(long)]
    watch: bool,
}

const INTERVAL: Duration = Duration::from_secs(1);

pub fn run(common: &Common, arguments: &Arguments) -> Exit {
    if !arguments.watch {
        return show(common, arguments, "");
    }
    block_on(async {
        loop {
            // The screen is cleared only once the new text is there.
            show(common, arguments, "\x1b[2J\x1b[H");
            tokio::time::sleep(INTERVAL).await;
        }
    })
}

/// A configuration with errors does not hide the credentials that it has right.
fn show(common: &Common, arguments: &Arguments, before: &str) -> Exit {
    let reading = Reading::without_secrets(&common.config, &Surroundings::of_process());
    let refused = reading.plan.is_none();
    if refused {
        eprintln!("{}\n", reading.refusal().join("\n"));
    }
    let Some(plan) = reading.plan.or(reading.sketch) else { return Exit::Config };
    let state = match State::open_existing(&plan.settings.state_directory) {
        Ok(state) => state,
        Err(error) => {
            eprintln!("tokenward: what the daemon knows cannot be read: {error}");
            None
        }
    };
    let status = survey(&plan, state.as_ref(), SystemClock.now());
    print(&format!("{before}{}", render(&status, arguments)));
    match (refused, status.is_complete()) {
        (true, _) => Exit::Config,
        (false, true) => Exit::Ok,
        (false, false) => Exit::Unavailable,
    }
}

fn render(status: &Status, arguments: &Arguments) -> String {
    if arguments.json {
        return serde_json::to_string_pretty(status).unwrap_or_default() + "\n";
    }
    table(status, Style::of(std::io::stdout().is_terminal()))
}
