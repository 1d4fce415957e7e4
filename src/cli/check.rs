//! `tokenward check`.

use std::{collections::BTreeSet, path::Path, sync::Arc};

use super::{Common, block_on, counted, print};
use crate::{
    acquire::{AcquireError, Acquirer, Attempt, HttpClients},
    clock::{Clock, SystemClock},
    cluster::Cluster,
    credential::{Credential, Grant},
    daemon::{Reading, Surroundings},
    error::{Exit, Fault},
    plan::{Plan, sources},
    publish, source, state,
    token::IssuedToken,
};

#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// Also get each token once; nothing is saved or published
    #[arg(long)]
    online: bool,
    /// Look at the configuration alone, not at the files and directories of this machine
    #[arg(long, conflicts_with = "online")]
    syntax: bool,
}

pub fn run(common: &Common, arguments: &Arguments) -> Exit {
    let mut surroundings = Surroundings::of_process();
    if arguments.syntax {
        // Whatever the service manager will say there.
        surroundings.state_directory.get_or_insert("/var/lib/tokenward".into());
        surroundings.runtime_directory.get_or_insert("/run/tokenward".into());
    }
    let read = if arguments.syntax { Reading::of_text } else { Reading::of };
    let mut reading = read(&common.config, &surroundings);
    for problem in reading.report() {
        eprintln!("{problem}\n");
    }
    let Some(plan) = reading.plan.take() else {
        eprintln!("{}: {}", common.config.display(), counted(reading.errors(), "error"));
        return Exit::Config;
    };
    let found = if arguments.syntax { Vec::new() } else { preflight(&plan) };
    for problem in &found {
        eprintln!("{problem}\n");
    }
    if !found.is_empty() {
        let count = counted(found.len(), "problem");
        eprintln!("{}: good, but {count} with what it names", common.config.display());
        return Exit::Config;
    }
    let exit = if arguments.online { online(&plan) } else { Exit::Ok };
    if exit == Exit::Ok {
        let count = counted(plan.credentials.len(), "credential");
        print(&format!("{}: good, {count}\n", common.config.display()));
    }
    exit
}

/// What this machine would refuse: unreadable secrets, missing groups, read-only directories.
fn preflight(plan: &Plan) -> Vec<String> {
    let state = state::preflight(&plan.settings.state_directory).err();
    let mut found: BTreeSet<String> = state.iter().map(ToString::to_string).collect();
    let transport = HttpClients::default();
    let (directory, missing) = split(&plan.settings.output_directory);
    for credential in &plan.credentials {
        let name = &credential.name;
        let errors = sources(credential).into_iter().filter_map(source::read_if_passive);
        found.extend(errors.filter_map(Result::err).map(|error| format!("{name}: {error}")));
        // The machine's own authorities take long to load, and are not the user's to mend.
        if credential.endpoint.ca_file.is_some() {
            let error = block_on(transport.check(&credential.endpoint)).err();
            found.extend(error.map(|error| format!("{name}: {error}")));
        }
        let mut outputs = credential.outputs.clone();
        outputs.iter_mut().for_each(|output| output.path = missing.join(&output.path).into());
        if !credential.secrets.is_empty() {
            let error = Cluster::default().preflight().err();
            found.extend(error.map(|error| format!("{name}: {error}")));
        }
        let outputs = publish::preflight(directory, &outputs);
        found.extend(outputs.iter().map(|error| format!("{name}: {error}")));
    }
    found.into_iter().collect()
}

/// The part of the output directory that is there, and the part that `run` will create in it. Of
/// a relative one, perhaps nothing is there yet but the folder that we are in.
fn split(directory: &Path) -> (&Path, &Path) {
    let there = directory.ancestors().find(|folder| folder.is_dir());
    let missing = there.and_then(|there| directory.strip_prefix(there).ok());
    (there.unwrap_or(Path::new(".")), missing.unwrap_or(directory))
}

/// Gets each token once.
fn online(plan: &Plan) -> Exit {
    let acquirer = Acquirer::new(Arc::new(HttpClients::default()), Arc::new(SystemClock));
    let mut worst = Exit::Ok;
    for credential in &plan.credentials {
        let (exit, line) = block_on(attempt(credential, &acquirer));
        print(&format!("{}: {line}\n", credential.name));
        worst = match (worst, exit) {
            (Exit::Unavailable, _) | (_, Exit::Ok) => worst,
            _ => exit,
        };
    }
    worst
}

async fn attempt(credential: &Arc<Credential>, acquirer: &Acquirer) -> (Exit, String) {
    // Its refresh token would be spent, and the next one lost.
    if credential.grant.has_refresh_token() {
        return (Exit::Ok, "not asked: only the daemon may use its refresh token".into());
    }
    if let Grant::OAuth1(_) = &*credential.grant {
        return (Exit::Ok, "not asked: `tokenward login` gets its token".into());
    }
    if credential.refresh.exclusive {
        return (
            Exit::Ok,
            "not asked: with `overlap: none` a new token ends the one in use".into(),
        );
    }
    match acquire(credential, acquirer).await {
        Ok(token) => {
            let seconds = token.lifetime.duration.as_secs();
            (Exit::Ok, format!("a token for {seconds} s"))
        }
        Err(error) => {
            let exit = match error.fault() {
                Fault::Permanent => Exit::Unavailable,
                Fault::Transient | Fault::Local => Exit::Temporary,
            };
            (exit, error.to_string())
        }
    }
}

/// Asks with each client secret, until one can be read and the provider knows it.
async fn acquire(
    credential: &Arc<Credential>,
    acquirer: &Acquirer,
) -> Result<IssuedToken, AcquireError> {
    let mut client_secret = 0;
    loop {
        let attempt = Attempt {
            credential,
            sent_at: SystemClock.now(),
            deadline: credential.parameters.timeout,
            previous: None,
            client_secret,
        };
        let result = acquirer.acquire(&attempt).await;
        client_secret += 1;
        let is_useless = result.as_ref().is_err_and(AcquireError::concerns_client_secret);
        if !is_useless || client_secret >= credential.client.secrets.len() {
            return result;
        }
    }
}
