//! What every failure answers: can it pass by itself, what is to be done, and how does the
//! process exit?

use std::{process::ExitCode, time::Duration};

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

/// What a failed request says of the endpoint it was sent to, which other credentials ask as well.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Evidence {
    /// The authorization server itself has answered: it works, whatever it thinks of this request.
    Working,
    /// Nothing either way: nothing was sent, or the reply may be that of a gateway's rate limit.
    Unknown,
    /// No answer, or none that an authorization server gives while it works.
    Failing,
}

/// A time during which nothing is sent, because a server asked for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Pause {
    /// How long, counted from the reply.
    pub span: Duration,
    /// Who is meant.
    pub scope: PauseScope,
}

/// Who is meant by a pause.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    serde::Serialize,
    serde::Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum PauseScope {
    /// The credential whose request was refused.
    Credential,
    /// Every credential with the same `client_id` at the same token endpoint.
    Client,
    /// Every credential at the token endpoint. A record that does not say it means this.
    #[default]
    Endpoint,
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

impl PauseScope {
    /// The stable word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Credential => "credential",
            Self::Client => "client",
            Self::Endpoint => "endpoint",
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
