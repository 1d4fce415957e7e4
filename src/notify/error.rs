//! What can stop a consumer from being told, and what mends it.

use std::{io::ErrorKind, path::Path, process::ExitStatus, time::Duration};

use thiserror::Error;

use crate::error::Fault;

/// A consumer that was not told. Its files are new all the same.
#[derive(Debug, PartialEq, Eq, Error)]
pub enum NotifyError {
    /// No process id can be read.
    #[error(
        "{}: the pid file cannot be read ({kind}); start the program that writes it, or correct \
         `pid_file`",
        path.display()
    )]
    PidFile {
        /// The pid file.
        path: Box<Path>,
        /// What the system said.
        kind: ErrorKind,
    },
    /// What was read is no process id, or one that stands for more than one process.
    #[error(
        "{}: the pid file does not begin with the number of a process, above 1; correct `pid_file`",
        path.display()
    )]
    NotAProcess {
        /// The pid file.
        path: Box<Path>,
    },
    /// The pid file is stale.
    #[error(
        "{}: there is no process {pid}; the program has ended and left its pid file behind, so \
         start it again",
        path.display()
    )]
    NoProcess {
        /// The pid file.
        path: Box<Path>,
        /// What it says.
        pid: i32,
    },
    /// The process belongs to somebody else.
    #[error(
        "{}: the daemon may not signal process {pid}; run both as one user, or give the daemon \
         CAP_KILL",
        path.display()
    )]
    NotPermitted {
        /// The pid file.
        path: Box<Path>,
        /// What it says.
        pid: i32,
    },
    /// Not a signal of this system.
    #[error("there is no signal {signal} to send; correct `signal`")]
    UnknownSignal {
        /// As configured.
        signal: i32,
    },
    /// The program could not be started or waited for.
    #[error(
        "cannot run {program} ({kind}); check that it exists, that the daemon may run it, and that \
         each argument is an item of its own"
    )]
    NotRun {
        /// The first word of `command`: the others may hold what should not be shown.
        program: Box<str>,
        /// What the system said.
        kind: ErrorKind,
    },
    /// The program says that it failed.
    #[error("{program} failed ({status}); run it by hand to see why, for its output is not kept")]
    Failed {
        /// The first word of `command`.
        program: Box<str>,
        /// How it ended.
        status: ExitStatus,
    },
    /// The program did not end in time, and was killed with all that it had started.
    #[error("{program} was killed after {timeout:?}; let it end sooner, or raise its `timeout`")]
    TimedOut {
        /// The first word of `command`.
        program: Box<str>,
        /// As configured.
        timeout: Duration,
    },
    /// The service manager would not, or the job failed.
    #[error(
        "{said} ({command}); if it asks for authentication, let a polkit rule allow it to the \
         daemon's user, or else look at `systemctl status {unit}`"
    )]
    Unit {
        /// What was tried.
        command: Box<str>,
        /// The unit.
        unit: Box<str>,
        /// What systemctl said.
        said: Box<str>,
    },
}

impl NotifyError {
    /// Always the machine's, never the provider's.
    pub const fn fault(&self) -> Fault {
        Fault::Local
    }

    /// A label for logs and metrics.
    pub const fn reason(&self) -> &'static str {
        match self {
            Self::PidFile { .. } => "pid_file_unreadable",
            Self::NotAProcess { .. } => "pid_file_invalid",
            Self::NoProcess { .. } => "no_process",
            Self::NotPermitted { .. } => "signal_not_permitted",
            Self::UnknownSignal { .. } => "unknown_signal",
            Self::NotRun { .. } => "command_not_run",
            Self::Failed { .. } => "command_failed",
            Self::TimedOut { .. } => "command_timed_out",
            Self::Unit { .. } => "unit_refused",
        }
    }
}
