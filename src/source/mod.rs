//! Reading the values that the configuration only points to.
//!
//! A value is read again at each use, so that a changed file or a new password is picked up
//! without a restart. Each error says where it looked and what to do, never what it found.

mod command;
mod error;
mod list;
mod mounts;

use std::{
    fs,
    io::{self, Read as _},
    os::unix::fs::OpenOptionsExt as _,
    path::{Path, PathBuf},
};

use nix::fcntl::OFlag;
use serde_json::Value;
use zeroize::Zeroizing;

use self::command::TIMEOUT;
pub use self::{
    command::output,
    error::{Place, SourceError},
    list::{Items, List},
    mounts::{Mounted, Mounts},
};
use crate::{
    credential::{FieldPath, ValueSource},
    secret::Secret,
};

/// The longest value. A source that gives more is not the one that was meant.
const MAX_BYTES: u64 = 1 << 20;

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

#[cfg(test)]
mod tests;
