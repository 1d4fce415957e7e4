//! What every failure answers: can it pass by itself, what is to be done, and how does the
//! process exit?

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

/// A step of the pipeline.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum Task {
    /// Asking the provider.
    Acquire,
    /// Making the token durable.
    Save,
    /// Writing the outputs.
    Publish,
    /// Telling consumers.
    Notify,
    /// Asking a resource whether it takes the token.
    Probe,
}

/// A failed step, in the one form in which the errors of all rooms travel on: to the log, the
/// state directory and `status`.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Failure {
    /// Which step.
    pub task: Task,
    /// What kind of failure.
    pub fault: Fault,
    /// A stable word.
    pub reason: Box<str>,
    /// What happened and what to do about it, for a person.
    pub message: Box<str>,
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

impl Fault {
    /// The stable word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Transient => "transient",
            Self::Permanent => "permanent",
            Self::Local => "local",
        }
    }
}

impl Task {
    /// The stable word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Acquire => "acquire",
            Self::Save => "save",
            Self::Publish => "publish",
            Self::Notify => "notify",
            Self::Probe => "probe",
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}
