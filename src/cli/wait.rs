//! `tokenward wait`: reads files only, so it works where no daemon can be reached. Of Secrets the
//! state directory knows; without them it is not needed.

use std::time::Duration;

use super::{Common, block_on, unknown};
use crate::{
    clock::{Clock, SystemClock},
    credential::Credential,
    daemon::survey::look,
    error::Exit,
    observe::OutputState,
    plan::Plan,
    state::{Record, State},
};

#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// The names of the credentials to wait for; all if none is named
    names: Vec<String>,
    /// Give up after this many seconds; 0 looks once
    #[arg(long, value_name = "SECONDS", default_value_t = 60)]
    timeout: u64,
}

const INTERVAL: Duration = Duration::from_millis(200);

pub fn run(common: &Common, arguments: &Arguments) -> Exit {
    let plan = match common.plan() {
        Ok(plan) => plan,
        Err(exit) => return exit,
    };
    let mut wanted = Vec::new();
    for name in &arguments.names {
        let before = wanted.len();
        wanted.extend(plan.named(name).cloned());
        if wanted.len() == before {
            eprintln!("tokenward: {}", unknown(&plan, name));
            return Exit::Usage;
        }
    }
    if arguments.names.is_empty() {
        wanted.clone_from(&plan.credentials);
    }
    let deadline = SystemClock.now().boot + Duration::from_secs(arguments.timeout);
    block_on(async {
        loop {
            let now = SystemClock.now();
            let missing: Vec<_> = wanted.iter().filter_map(|one| missing(&plan, one)).collect();
            if missing.is_empty() && !wanted.is_empty() {
                return Exit::Ok;
            }
            if now.boot >= deadline {
                let lines = missing.join("\n  ");
                eprintln!("tokenward: no good token after {} s:\n  {lines}", arguments.timeout);
                return Exit::Temporary;
            }
            tokio::time::sleep(INTERVAL).await;
        }
    })
}

/// The first output of a credential that does not hold a good token.
fn missing(plan: &Plan, credential: &Credential) -> Option<String> {
    let now = SystemClock.now().wall;
    look(plan, credential, &record(plan, credential), now).into_iter().find_map(|look| {
        let what = match look.state {
            OutputState::Valid => return None,
            OutputState::Expired => "its token has expired",
            OutputState::Missing => "it is not there",
            OutputState::Unreadable => "it cannot be read, or is not ours",
        };
        Some(format!("{}: {}: {what}", credential.name, look.label))
    })
}

/// What the daemon has noted, if it is wanted and there is any.
fn record(plan: &Plan, credential: &Credential) -> Record {
    if credential.secrets.is_empty() {
        return Record::default();
    }
    let state = State::open_existing(&plan.settings.state_directory).ok().flatten();
    state.map(|state| state.record(&credential.name)).unwrap_or_default()
}
