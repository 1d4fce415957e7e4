//! Who is told that a token has changed.

use std::{path::Path, time::Duration};

use super::CommandLine;

/// How a consumer is told that its outputs have changed.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Notification {
    /// Send a signal to the process whose id stands in a file.
    Signal {
        /// The file with the process id.
        pid_file: Box<Path>,
        /// The number of the signal.
        signal: i32,
    },
    /// Run a program. It is told the credential's name, never the token.
    Command {
        /// The program.
        argv: CommandLine,
        /// It is ended after this long.
        timeout: Duration,
    },
    /// Have systemd do a job for a unit.
    Systemd {
        /// Its whole name.
        unit: Box<str>,
        /// What is done.
        action: UnitAction,
        /// Nobody waits longer for the job's end.
        timeout: Duration,
    },
}

/// A job of systemd for a unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum UnitAction {
    /// Reload it, or restart it if it cannot reload. One that does not run is left alone.
    TryReloadOrRestart,
    /// Restart it. One that does not run is left alone.
    TryRestart,
    /// Restart it, or start it.
    Restart,
}

impl UnitAction {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::TryReloadOrRestart, Self::TryRestart, Self::Restart];

    /// As systemctl calls it.
    pub const fn verb(self) -> &'static str {
        match self {
            Self::TryReloadOrRestart => "try-reload-or-restart",
            Self::TryRestart => "try-restart",
            Self::Restart => "restart",
        }
    }
}
