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
}
