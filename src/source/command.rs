//! A value that a program prints.

use std::{process::Stdio, time::Duration};

use tokio::{io::AsyncReadExt as _, process::Command};
use zeroize::Zeroizing;

use super::{MAX_BYTES, Place, SourceError, error::own_user, value};
use crate::{credential::CommandLine, secret::Secret};

/// A program that asks a vault over the network may take a while; one that hangs may not.
pub const TIMEOUT: Duration = Duration::from_secs(30);

/// What the service manager meant for us: a program that answers in our place would be believed
/// (`sd_notify(3)`).
const SUPERVISION: [&str; 3] = ["NOTIFY_SOCKET", "WATCHDOG_PID", "WATCHDOG_USEC"];

/// What the program prints. It gets no shell and no input, and what it writes to its standard
/// error is dropped: programs print secrets there too, and ours would end up in the journal.
/// `environment` is what it finds there besides the daemon's own.
pub async fn output(
    argv: &CommandLine,
    environment: &[(&str, &str)],
    limit: Duration,
) -> Result<Secret, SourceError> {
    let place = Place::Program(argv.program().into());
    // When the time is up the future is dropped, and with it the program (`kill_on_drop`).
    match tokio::time::timeout(limit, run(argv, environment, place.clone())).await {
        Ok(result) => result,
        Err(_elapsed) => Err(SourceError::TimedOut { place, after: limit }),
    }
}

async fn run(
    argv: &CommandLine,
    environment: &[(&str, &str)],
    place: Place,
) -> Result<Secret, SourceError> {
    let [path, arguments @ ..] = &*argv.0 else { return Err(SourceError::Empty(place)) };
    let mut command = Command::new(&**path);
    for name in SUPERVISION {
        command.env_remove(name);
    }
    let started = command
        .args(arguments.iter().map(|argument| &**argument))
        .envs(environment.iter().copied())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn();
    let mut child = match started {
        Ok(child) => child,
        Err(cause) => return Err(SourceError::NotStarted { place, cause }),
    };
    let mut printed = Zeroizing::new(Vec::new());
    if let Some(stdout) = child.stdout.take()
        && let Err(cause) = stdout.take(MAX_BYTES + 1).read_to_end(&mut printed).await
    {
        return Err(SourceError::Unreadable { place, cause });
    }
    if printed.len() as u64 > MAX_BYTES {
        return Err(SourceError::TooLong(place));
    }
    match child.wait().await {
        Ok(status) if status.success() => value(&printed, place),
        Ok(status) => Err(SourceError::Failed { place, status, user: own_user() }),
        Err(cause) => Err(SourceError::Unreadable { place, cause }),
    }
}
