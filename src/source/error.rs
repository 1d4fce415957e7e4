//! Why a value could not be read: where it was looked for, and never what was found.

use std::{fmt, io, path::Path, process::ExitStatus, time::Duration};

use nix::unistd;

use crate::error::Fault;

/// Why a value could not be read.
#[derive(Debug, thiserror::Error)]
pub enum SourceError {
    /// An environment variable is not set.
    #[error(
        "the environment variable {0} is not set; set it for the daemon (systemd: Environment= or EnvironmentFile=) and restart it"
    )]
    Unset(Box<str>),
    /// A systemd credential outside a unit that loads credentials.
    #[error(
        "there is no systemd credential {0:?}, because $CREDENTIALS_DIRECTORY is not set; add LoadCredential={0}:PATH to the unit"
    )]
    NoCredentials(Box<str>),
    /// The name of a systemd credential leads out of its directory.
    #[error(
        "the name of the systemd credential {0:?} must be that of a file in $CREDENTIALS_DIRECTORY, without '/'; give the part before the ':' of LoadCredential="
    )]
    CredentialName(Box<str>),
    /// A file does not exist.
    #[error("{0} does not exist; create it, or correct its path")]
    NotFound(Place),
    /// We may not read a file.
    #[error(
        "{place} may not be read; let the user {user} read it, and enter each directory above it"
    )]
    PermissionDenied {
        /// Which file.
        place: Place,
        /// Who has to be able to read it.
        user: Box<str>,
    },
    /// A directory, a pipe or a device.
    #[error("{0} is no regular file; name one")]
    NotAFile(Place),
    /// Any other failure to read.
    #[error("{place} cannot be read: {cause}; mend that and it is read again at the next attempt")]
    Unreadable {
        /// Which file or program.
        place: Place,
        /// What the system said.
        cause: io::Error,
    },
    /// There is nothing in it.
    #[error("{0} is empty; put the value there")]
    Empty(Place),
    /// There is too much in it.
    #[error("{0} gives more than 1 MiB; check that it is the one you mean")]
    TooLong(Place),
    /// It is not UTF-8.
    #[error("{0} is not text in UTF-8; encode the value as text")]
    NotText(Place),
    /// A JSON file does not hold what is looked for.
    #[error("{place} has no text or number at `{field}`; correct the path of the field")]
    NoField {
        /// Which file.
        place: Place,
        /// Which field.
        field: Box<str>,
    },
    /// It is not JSON.
    #[error("{0} is not JSON; name the file that the provider gave you")]
    NotJson(Place),
    /// A program could not be started.
    #[error(
        "{place} cannot be started: {cause}; give its absolute path, each argument as an item of its own, and let the daemon's user run it"
    )]
    NotStarted {
        /// Which program.
        place: Place,
        /// What the system said.
        cause: io::Error,
    },
    /// A program failed.
    #[error("{place} failed ({status}); run it by hand as the user {user} to see why")]
    Failed {
        /// Which program.
        place: Place,
        /// How it ended.
        status: ExitStatus,
        /// As whom it ran.
        user: Box<str>,
    },
    /// A program did not end.
    #[error(
        "{place} did not end within {} s and was stopped; make it faster, or let it write a file",
        after.as_secs_f32()
    )]
    TimedOut {
        /// Which program.
        place: Place,
        /// How long it had.
        after: Duration,
    },
}

/// Where a value was looked for: never the value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// In the configuration.
    Configuration,
    /// An environment variable.
    Variable(Box<str>),
    /// A file.
    File(Box<Path>),
    /// A folder.
    Folder(Box<Path>),
    /// A program, without its arguments ([`CommandLine::program`](crate::credential::CommandLine::program)).
    Program(Box<str>),
}

impl SourceError {
    /// Always [`Fault::Local`]: the provider has no part in it.
    pub const fn fault(&self) -> Fault {
        Fault::Local
    }

    pub(super) fn of_io(cause: io::Error, place: &Place) -> Self {
        let place = place.clone();
        match cause.kind() {
            io::ErrorKind::NotFound => Self::NotFound(place),
            io::ErrorKind::PermissionDenied => Self::PermissionDenied { place, user: own_user() },
            _ => Self::Unreadable { place, cause },
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Configuration => f.write_str("the value in the configuration"),
            Self::Variable(name) => write!(f, "the environment variable {name}"),
            Self::File(path) => write!(f, "the file {}", path.display()),
            Self::Folder(path) => write!(f, "the folder {}", path.display()),
            Self::Program(name) => write!(f, "the program {name}"),
        }
    }
}

/// The name of the user we run as, or its number.
pub(super) fn own_user() -> Box<str> {
    let id = unistd::geteuid();
    match unistd::User::from_uid(id) {
        Ok(Some(user)) => user.name.into(),
        _ => id.to_string().into(),
    }
}
