//! What every failure answers: can it pass by itself, and how does the process exit?

use std::process::ExitCode;

/// The kind of a failure, which decides what the scheduler does next.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum Fault {
    /// The other side may recover: try again with exponential back-off.
    Transient,
    /// Asking again changes nothing until an input changes: park, and probe slowly.
    Permanent,
    /// The trouble is on this machine (disk, group, secret file): retry that step alone, and
    /// never ask the provider again because of it.
    Local,
}

/// How a verb ends, in the words of `sysexits.h`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Exit {
    /// Done.
    Ok = 0,
    /// The command line is wrong (`EX_USAGE`).
    Usage = 64,
    /// No token could be had (`EX_UNAVAILABLE`).
    Unavailable = 69,
    /// A bug (`EX_SOFTWARE`).
    Software = 70,
    /// It may work later (`EX_TEMPFAIL`).
    Temporary = 75,
    /// The configuration is wrong (`EX_CONFIG`).
    Config = 78,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}
