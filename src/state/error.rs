//! What can go wrong with the state directory, and what mends it.

use std::{
    io,
    path::{Path, PathBuf},
};

use thiserror::Error;

use crate::{atomic::AtomicError, credential::Name, error::Fault};

/// The state directory could not be used.
#[derive(Debug, Error)]
pub enum StateError {
    /// It does not exist and could not be created.
    #[error("cannot create the state directory {}: {error}; create it, or set `state_directory`", path.display())]
    Create {
        /// The directory.
        path: PathBuf,
        /// Why.
        error: io::Error,
    },
    /// Another process writes there.
    #[error(
        "process {holder} already uses the state directory {}; stop it first, or give this one a \
         `state_directory` of its own",
        path.display()
    )]
    Locked {
        /// The directory.
        path: PathBuf,
        /// The process, as far as it can be told.
        holder: String,
    },
    /// The lock file could not be used.
    #[error("cannot lock the state directory {}: {error}", path.display())]
    Lock {
        /// The directory.
        path: PathBuf,
        /// Why.
        error: io::Error,
    },
    /// A file in it could not be read or written.
    #[error(transparent)]
    File(#[from] AtomicError),
    /// A file in it is none of ours, or of a later version.
    #[error("{} is not a token file of this version ({error}); move it away, and a new token is acquired", path.display())]
    Foreign {
        /// The file.
        path: PathBuf,
        /// Why it cannot be understood. It names positions, never values.
        error: String,
    },
    /// A value could not be written as JSON: a bug.
    #[error("cannot encode the state: {0}")]
    Encode(String),
}

impl StateError {
    /// Every failure of this room is on this machine.
    pub const fn fault(&self) -> Fault {
        Fault::Local
    }

    /// A stable word for logs and metrics.
    pub const fn reason(&self) -> &'static str {
        match self {
            Self::Create { .. } => "state_directory",
            Self::Locked { .. } | Self::Lock { .. } => "state_lock",
            Self::File(_) => "state_file",
            Self::Foreign { .. } => "state_foreign",
            Self::Encode(_) => "state_encode",
        }
    }

    pub(super) fn create(path: &Path, error: io::Error) -> Self {
        Self::Create { path: path.to_owned(), error }
    }

    pub(super) fn foreign(folder: &Path, name: &Name, error: &serde_json::Error) -> Self {
        // A JSON error may quote the text around it; its position says enough.
        let error = format!("line {}, column {}", error.line(), error.column());
        Self::Foreign { path: folder.join(format!("{name}.json")), error }
    }

    pub(super) fn encode(error: &serde_json::Error) -> Self {
        Self::Encode(format!("{:?}", error.classify()))
    }
}
