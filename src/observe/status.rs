//! The status: computed from what is on disk and the clock now.

use serde::Serialize;

use crate::{
    clock::WallTime,
    error::Failure,
    token::{Assumption, LifetimeSource},
    waiting::{EndpointWaiting, Reason},
};

/// Everything there is to know. Its JSON is stable: fields are added, never renamed.
#[derive(Clone, Debug, Serialize)]
pub struct Status {
    /// When it was computed.
    pub at: WallTime,
    /// By `ready_when`.
    pub ready: bool,
    /// The daemon, if one has ever run on this state directory.
    pub daemon: Option<DaemonStatus>,
    /// Sorted by name.
    pub credentials: Vec<CredentialStatus>,
    /// Every token endpoint, sorted by URL: its circuit breaker, its pauses, how many wait.
    pub endpoints: Vec<EndpointWaiting>,
}

/// The daemon.
#[derive(Clone, Debug, Serialize)]
pub struct DaemonStatus {
    /// Its process, if it runs now.
    pub process_id: Option<i32>,
    /// Of the program.
    pub version: Box<str>,
    /// Its configuration file.
    pub configuration: Box<str>,
    /// When it started.
    pub started_at: WallTime,
    /// When the plan in force was read.
    pub configured_at: WallTime,
    /// Why the configuration on disk is not in force, if it is not.
    pub configuration_problem: Option<Box<str>>,
}

/// One credential.
#[derive(Clone, Debug, Serialize)]
pub struct CredentialStatus {
    /// Its name.
    pub name: Box<str>,
    /// How it is, in one word.
    pub standing: Standing,
    /// When its token was issued.
    pub issued_at: Option<WallTime>,
    /// Until when consumers have a good token: the earliest over its outputs.
    pub expires_at: Option<WallTime>,
    /// How the lifetime is known.
    pub lifetime_source: Option<LifetimeSource>,
    /// With `overlap: none`: for how long consumers may have had a dead token when the last one was
    /// published.
    pub outage_ms: Option<u64>,
    /// When the next request is due.
    pub next_request_at: Option<WallTime>,
    /// Until when the refresh token is good, if the provider says so.
    pub grant_expires_at: Option<WallTime>,
    /// Whether refreshing extends the grant, as far as is known.
    pub grant_extends: bool,
    /// Requests that failed since the last token.
    pub failures: u32,
    /// Asking again changes nothing until an input changes, whatever consumers have meanwhile.
    pub parked: bool,
    /// Why it is not asked for yet, if it waits for more than its refresh moment.
    pub waiting: Option<Reason>,
    /// Which client secret got the token, if it is not the first.
    pub client_secret: Option<SecretStatus>,
    /// What is wrong, since when, and what to do about it.
    pub problem: Option<ProblemStatus>,
    /// What consumers read.
    pub outputs: Vec<OutputStatus>,
}

/// One of several client secrets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct SecretStatus {
    /// Its place in the configuration, from one.
    pub number: usize,
    /// How many there are.
    pub of: usize,
}

/// What is wrong.
#[derive(Clone, Debug, Serialize)]
pub struct ProblemStatus {
    /// Since when.
    pub at: WallTime,
    /// What, why, and what to do about it.
    #[serde(flatten)]
    pub failure: Failure,
}

/// How a credential is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// Consumers have a good token, and nothing is wrong.
    Fresh,
    /// Consumers have a good token, but the last step failed.
    Failing,
    /// Consumers have a good token, but asking again changes nothing until an input changes.
    Parked,
    /// A resource does not take the token on disk: it was revoked.
    Revoked,
    /// The token on disk is no longer good.
    Expired,
    /// An output is not there, or is not what was written.
    Missing,
}

/// One output.
#[derive(Clone, Debug, Serialize)]
pub struct OutputStatus {
    /// Relative to the output directory; of a Secret, `secret/NAME`.
    pub path: Box<str>,
    /// What a consumer would find now.
    pub state: OutputState,
}

/// What a consumer would find in an output.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum OutputState {
    /// A good token.
    Valid,
    /// A token that is no longer good.
    Expired,
    /// Nothing.
    Missing,
    /// Something that cannot be read, or that we did not write.
    Unreadable,
}

impl Status {
    /// Of which nothing is known.
    pub fn unknown(at: WallTime) -> Self {
        let (credentials, endpoints) = (Vec::new(), Vec::new());
        Self { at, ready: false, daemon: None, credentials, endpoints }
    }

    /// Every credential has a good token in every output, and there is at least one.
    pub fn is_complete(&self) -> bool {
        !self.credentials.is_empty() && self.credentials.iter().all(CredentialStatus::is_ready)
    }
}

impl CredentialStatus {
    /// Whether every consumer has a good token.
    pub fn is_ready(&self) -> bool {
        matches!(self.standing, Standing::Fresh | Standing::Failing | Standing::Parked)
    }

    /// Whether its token is good until somebody revokes it.
    pub fn is_unlimited(&self) -> bool {
        self.is_ready() && self.lifetime_source == Some(LifetimeSource::Unlimited)
    }

    /// Why its lifetime had to be assumed, if it had.
    pub fn assumption(&self) -> Option<Assumption> {
        self.lifetime_source.and_then(LifetimeSource::assumption)
    }
}

impl Standing {
    /// Each, from the best to the worst.
    pub const ALL: [Self; 6] =
        [Self::Fresh, Self::Failing, Self::Parked, Self::Revoked, Self::Expired, Self::Missing];

    /// The stable word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Fresh => "fresh",
            Self::Failing => "failing",
            Self::Parked => "parked",
            Self::Revoked => "revoked",
            Self::Expired => "expired",
            Self::Missing => "missing",
        }
    }
}
