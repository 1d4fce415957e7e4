//! Reading the values that the configuration only points to.
//!
//! A value is read again at each use, so that a changed file or a new password is picked up
//! without a restart. Each error says where it looked and what to do, never what it found.

mod command;
mod list;

use std::{
    fmt, fs,
    io::{self, Read as _},
    os::unix::fs::OpenOptionsExt as _,
    path::{Path, PathBuf},
    process::ExitStatus,
    time::Duration,
};

use nix::{fcntl::OFlag, unistd};
use serde_json::Value;
use zeroize::Zeroizing;

use self::command::TIMEOUT;
pub use self::{
    command::output,
    list::{Items, List},
};
use crate::{
    credential::{FieldPath, ValueSource},
    error::Fault,
    secret::Secret,
};

/// The longest value. A source that gives more is not the one that was meant.
const MAX_BYTES: u64 = 1 << 20;

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
    /// A program, without its arguments ([`crate::credential::program`]).
    Program(Box<str>),
}

impl SourceError {
    /// Always [`Fault::Local`]: the provider has no part in it.
    pub const fn fault(&self) -> Fault {
        Fault::Local
    }

    fn of_io(cause: io::Error, place: &Place) -> Self {
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

/// Reads a value. A file is read on another thread: a dead network file system delays only the
/// credential whose secret is on it.
pub async fn read(source: &ValueSource) -> Result<Secret, SourceError> {
    match source {
        ValueSource::Literal(value) => literal(value),
        ValueSource::Env(name) => variable(name),
        ValueSource::File(path) => file_elsewhere(path.clone()).await,
        ValueSource::JsonFile { path, field } => {
            let document = file_elsewhere(path.clone()).await?;
            json_field(&document, path, field)
        }
        ValueSource::SystemdCredential(name) => file_elsewhere(credential_path(name)?).await,
        ValueSource::Command(argv) => output(argv, &[], TIMEOUT).await,
    }
}

/// Reads a value unless that would run a program; what is read changes nothing but access times.
/// It serves to notice that a secret has changed.
pub fn read_if_passive(source: &ValueSource) -> Option<Result<Secret, SourceError>> {
    match source {
        ValueSource::Literal(value) => Some(literal(value)),
        ValueSource::Env(name) => Some(variable(name)),
        ValueSource::File(path) => Some(file(path)),
        ValueSource::JsonFile { path, field } => {
            Some(file(path).and_then(|document| json_field(&document, path, field)))
        }
        ValueSource::SystemdCredential(name) => {
            Some(credential_path(name).and_then(|path| file(&path)))
        }
        ValueSource::Command(_) => None,
    }
}

/// A field of a JSON document.
fn json_field(document: &Secret, path: &Path, field: &FieldPath) -> Result<Secret, SourceError> {
    let place = || Place::File(path.into());
    let document: Value =
        serde_json::from_str(document.expose()).map_err(|_| SourceError::NotJson(place()))?;
    match field.find(&document) {
        Some(Value::String(text)) if !text.is_empty() => Ok(Secret::from(text.as_str())),
        Some(Value::Number(number)) => Ok(Secret::from(number.to_string())),
        _ => Err(SourceError::NoField { place: place(), field: field.to_string().into() }),
    }
}

fn literal(value: &Secret) -> Result<Secret, SourceError> {
    if value.is_empty() { Err(SourceError::Empty(Place::Configuration)) } else { Ok(value.clone()) }
}

fn variable(name: &str) -> Result<Secret, SourceError> {
    let value = std::env::var_os(name).ok_or_else(|| SourceError::Unset(name.into()))?;
    let text =
        value.into_string().map_err(|_| SourceError::NotText(Place::Variable(name.into())))?;
    if text.is_empty() {
        return Err(SourceError::Empty(Place::Variable(name.into())));
    }
    Ok(Secret::from(text))
}

fn credential_path(name: &str) -> Result<Box<Path>, SourceError> {
    if name.is_empty() || name.contains('/') || matches!(name, "." | "..") {
        return Err(SourceError::CredentialName(name.into()));
    }
    let directory = std::env::var_os("CREDENTIALS_DIRECTORY")
        .ok_or_else(|| SourceError::NoCredentials(name.into()))?;
    Ok(PathBuf::from(directory).join(name).into())
}

async fn file_elsewhere(path: Box<Path>) -> Result<Secret, SourceError> {
    let place = Place::File(path.clone());
    let read = tokio::task::spawn_blocking(move || file(&path)).await;
    read.unwrap_or_else(|cause| {
        Err(SourceError::Unreadable { place, cause: io::Error::other(cause) })
    })
}

fn file(path: &Path) -> Result<Secret, SourceError> {
    let place = Place::File(path.into());
    let bytes = bytes(path, &place)?;
    value(&bytes, place)
}

fn bytes(path: &Path, place: &Place) -> Result<Zeroizing<Vec<u8>>, SourceError> {
    let fail = |cause| SourceError::of_io(cause, place);
    let Some(opened) = open_regular(path).map_err(fail)? else {
        return Err(SourceError::NotAFile(place.clone()));
    };
    let mut bytes = Zeroizing::new(Vec::new());
    opened.take(MAX_BYTES + 1).read_to_end(&mut bytes).map_err(fail)?;
    Ok(bytes)
}

/// Opens a file to read it; `None` if it is a directory, a pipe or a device. Without `O_NONBLOCK`,
/// opening a named pipe would wait for ever for its writer.
pub fn open_regular(path: &Path) -> io::Result<Option<fs::File>> {
    let opened =
        fs::OpenOptions::new().read(true).custom_flags(OFlag::O_NONBLOCK.bits()).open(path)?;
    Ok(opened.metadata()?.is_file().then_some(opened))
}

/// What was read, as a value: one line break at the end comes from the editor or from `echo`.
fn value(bytes: &[u8], place: Place) -> Result<Secret, SourceError> {
    let text = text(bytes, &place)?;
    let text = text.strip_suffix('\n').map_or(text, |line| line.strip_suffix('\r').unwrap_or(line));
    if text.is_empty() { Err(SourceError::Empty(place)) } else { Ok(Secret::from(text)) }
}

fn text<'a>(bytes: &'a [u8], place: &Place) -> Result<&'a str, SourceError> {
    if bytes.len() as u64 > MAX_BYTES {
        return Err(SourceError::TooLong(place.clone()));
    }
    std::str::from_utf8(bytes).map_err(|_| SourceError::NotText(place.clone()))
}

/// The name of the user we run as, or its number.
fn own_user() -> Box<str> {
    let id = unistd::geteuid();
    match unistd::User::from_uid(id) {
        Ok(Some(user)) => user.name.into(),
        _ => id.to_string().into(),
    }
}

#[cfg(test)]
mod tests;
