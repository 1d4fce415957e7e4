//! What can stop an output from being written, and what mends it.

use std::path::Path;

use nix::errno::Errno;
use thiserror::Error;

use super::{Publication, env_file::VariableError};
use crate::{atomic::AtomicError, cluster::ClusterError, error::Fault};

/// Some outputs of a credential could not be written.
#[derive(Debug, PartialEq, Eq, Error)]
#[error("{}", join(failures))]
pub struct PublishError {
    /// What could be written all the same. Its consumers must be told, because a repetition will
    /// find those files unchanged.
    pub publication: Publication,
    /// Why the others could not; never empty.
    pub failures: Vec<OutputError>,
}

/// One output that could not be written or read. What it held before is still there.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum OutputError {
    /// The file or its folder.
    #[error(transparent)]
    File(#[from] AtomicError),
    /// `owner` names nobody.
    #[error(
        "{}: there is no user {name:?} on this machine; create it, or correct `owner`",
        path.display()
    )]
    UnknownOwner {
        /// The output.
        path: Box<Path>,
        /// As configured.
        name: Box<str>,
    },
    /// `group` names no group.
    #[error(
        "{}: there is no group {name:?} on this machine; create it, or correct `group`",
        path.display()
    )]
    UnknownGroup {
        /// The output.
        path: Box<Path>,
        /// As configured.
        name: Box<str>,
    },
    /// The databases of users and groups could not be asked.
    #[error(
        "{}: the user and group databases cannot be read ({}); give `owner` and `group` as \
         numbers, or mend nsswitch.conf",
        path.display(),
        errno.desc()
    )]
    Lookup {
        /// The output.
        path: Box<Path>,
        /// What the system said.
        errno: Errno,
    },
    /// A variable of an env file.
    #[error("{}: {error}", path.display())]
    Variable {
        /// The output.
        path: Box<Path>,
        /// What is wrong with it.
        error: VariableError,
    },
    /// A Secret.
    #[error("{secret}: {error}")]
    Secret {
        /// Which.
        secret: Box<str>,
        /// Why the cluster does not have it.
        error: ClusterError,
    },
}

impl PublishError {
    /// Always the machine's, never the provider's.
    pub const fn fault(&self) -> Fault {
        Fault::Local
    }

    /// A label for logs and metrics: that of the first failure.
    pub fn reason(&self) -> &'static str {
        self.failures.first().map_or("unknown", OutputError::reason)
    }
}

impl OutputError {
    /// Always the machine's, never the provider's.
    pub const fn fault(&self) -> Fault {
        Fault::Local
    }

    /// A label for logs and metrics.
    pub const fn reason(&self) -> &'static str {
        match self {
            Self::File(error) => error.reason(),
            Self::UnknownOwner { .. } => "unknown_owner",
            Self::UnknownGroup { .. } => "unknown_group",
            Self::Lookup { .. } => "user_database",
            Self::Variable { error, .. } => error.reason(),
            Self::Secret { error, .. } => error.reason(),
        }
    }
}

/// What two publications of one credential have come to.
pub fn both(
    first: Result<Publication, PublishError>,
    second: Result<Publication, PublishError>,
) -> Result<Publication, PublishError> {
    let mut publication = Publication::default();
    let mut failures = Vec::new();
    for result in [first, second] {
        let part = result.unwrap_or_else(|error| {
            failures.extend(error.failures);
            error.publication
        });
        publication.changed.extend(part.changed);
    }
    if failures.is_empty() { Ok(publication) } else { Err(PublishError { publication, failures }) }
}

fn join(failures: &[OutputError]) -> String {
    failures.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
}
