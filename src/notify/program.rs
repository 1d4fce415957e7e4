//! A program that tells a consumer: run to its end, or to the end of its time.

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

/// What a program gets of our environment. The rest may hold client secrets, which are none of
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

/// A program that is silent and hears nothing. It leads a process group, and does not outlive us.
pub(super) fn quiet(path: &str) -> Command {
    let kept = KEPT.into_iter().filter_map(|name| Some((name, std::env::var_os(name)?)));
    let mut command = Command::new(path);
    command
        .env_clear()
        .envs(kept)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .process_group(0)
        .kill_on_drop(true);
    command
}

/// Waits for its end. `program` is what errors call it.
pub(super) async fn end(
    child: &mut Child,
    program: &str,
    timeout: Duration,
) -> Result<ExitStatus, NotifyError> {
    let Ok(ended) = time::timeout(timeout, child.wait()).await else {
        kill_group(child).await.map_err(not_run(program))?;
        return Err(NotifyError::TimedOut { program: program.into(), timeout });
    };
    ended.map_err(not_run(program))
}

/// A program that could not be started or waited for.
pub(super) fn not_run(program: &str) -> impl Fn(io::Error) -> NotifyError {
    move |error| NotifyError::NotRun { program: program.into(), kind: error.kind() }
}

/// Ends the program with everything that it has started. It has not been waited for, so its
/// number still stands for its group and for no other.
async fn kill_group(child: &mut Child) -> io::Result<ExitStatus> {
    if let Some(leader) = child.id().and_then(|id| i32::try_from(id).ok()) {
        killpg(Pid::from_raw(leader), Signal::SIGKILL)?;
    }
    child.wait().await
}
