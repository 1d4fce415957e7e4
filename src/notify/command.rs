//! `command`: a program with its arguments, and no shell.

use std::{
    io,
    process::{ExitStatus, Stdio},
    time::Duration,
};

use nix::{
    sys::signal::{Signal, killpg},
    unistd::Pid,
};
use tokio::{
    process::{Child, Command},
    time,
};

use super::NotifyError;
use crate::credential::{CommandLine, Name};

/// What the program gets of our environment. The rest may hold client secrets, which are none of
/// its business; a program that needs more is started with `env NAME=value`.
const KEPT: [&str; 8] = [
    "DBUS_SESSION_BUS_ADDRESS",
    "HOME",
    "LANG",
    "LOGNAME",
    "PATH",
    "TZ",
    "USER",
    "XDG_RUNTIME_DIR",
];

/// Names, separated by spaces, of the credentials whose outputs have changed.
const CREDENTIALS: &str = "TOKENWARD_CREDENTIALS";

/// Runs the program to its end, or to the end of its time.
pub(super) async fn run(
    argv: &CommandLine,
    timeout: Duration,
    names: &[Name],
) -> Result<(), NotifyError> {
    let program = argv.program();
    let not_run =
        |error: io::Error| NotifyError::NotRun { program: program.into(), kind: error.kind() };
    let mut child = spawn(argv, names).map_err(not_run)?;
    let Ok(ended) = time::timeout(timeout, child.wait()).await else {
        kill_group(&mut child).await.map_err(not_run)?;
        return Err(NotifyError::TimedOut { program: program.into(), timeout });
    };
    let status = ended.map_err(not_run)?;
    if status.success() {
        Ok(())
    } else {
        Err(NotifyError::Failed { program: program.into(), status })
    }
}

fn spawn(argv: &CommandLine, names: &[Name]) -> io::Result<Child> {
    let [path, arguments @ ..] = &*argv.0 else { return Err(io::ErrorKind::NotFound.into()) };
    let kept = KEPT.into_iter().filter_map(|name| Some((name, std::env::var_os(name)?)));
    let names: Vec<_> = names.iter().map(Name::as_str).collect();
    Command::new(&**path)
        .args(arguments.iter().map(|argument| &**argument))
        .env_clear()
        .envs(kept)
        .env(CREDENTIALS, names.join(" "))
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .process_group(0)
        .kill_on_drop(true)
        .spawn()
}

/// Ends the program with everything that it has started. It has not been waited for, so its
/// number still stands for its group and for no other.
async fn kill_group(child: &mut Child) -> io::Result<ExitStatus> {
    if let Some(leader) = child.id().and_then(|id| i32::try_from(id).ok()) {
        killpg(Pid::from_raw(leader), Signal::SIGKILL)?;
    }
    child.wait().await
}
