//! What must survive a crash, and the single-writer lock.
//!
//! ```text
//! state_directory/           0700
//!   lock                     held by the one daemon that writes here; its process id
//!   daemon.json              what that daemon is doing: `status` reads it
//!   waiting.json             why credentials that are due are not asked for yet, for `status`
//!   tokens/NAME.json         the token as issued; durable before anything is published
//!   logins/NAME.json         a log-in that the daemon has not adopted yet; durable
//!   seconds.json             which seconds log-ins of OAuth 1.0a have taken; whole, not durable
//!   records/NAME.json        requests, failures, what consumers were not told; whole, not durable
//! ```
//!
//! Tokens and records are files of their own because they are written in different ways: losing a
//! record to a power cut costs one early request, losing a token may cost the grant.

mod error;
mod exposed;
mod lock;
mod login;
mod preflight;
mod record;
mod saved;
mod seconds;
mod secret_turn;

use std::{
    collections::BTreeSet,
    ffi::{OsStr, OsString},
    os::unix::fs::DirBuilderExt,
    path::{Path, PathBuf},
    time::Duration,
};

use serde::{Serialize, de::DeserializeOwned};
use zeroize::Zeroizing;

pub use self::{
    error::StateError,
    lock::{Lock, holder},
    preflight::preflight,
    record::{DaemonRecord, ProblemRecord, Record, Rejection, Unanswered},
    saved::Saved,
    secret_turn::SecretTurn,
};
use crate::{
    atomic::{Directory, Durability, FileAccess},
    clock::Now,
    credential::{Credential, Name},
    token::{IssuedToken, RefreshToken},
    waiting::Waiting,
};
use saved::Stored;

/// No file of ours comes near this.
const LIMIT: usize = 4 << 20;

/// Tokens are for the daemon's eyes only; consumers have their outputs.
const ACCESS: FileAccess = FileAccess { mode: 0o600, owner: None, group: None };

/// The state directory.
#[derive(Debug)]
pub struct State {
    root: Directory,
    tokens: Directory,
    records: Directory,
    path: PathBuf,
    boot_id: Box<str>,
}

impl State {
    /// Opens the state directory, and creates it (0700) where it is missing.
    pub fn open(path: &Path) -> Result<Self, StateError> {
        std::fs::DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(path)
            .map_err(|error| StateError::create(path, error))?;
        let root = Directory::open(path)?;
        root.create_below(Path::new(login::FOLDER), 0o700)?;
        Ok(Self {
            tokens: root.create_below(Path::new("tokens"), 0o700)?,
            records: root.create_below(Path::new("records"), 0o700)?,
            root,
            path: path.to_owned(),
            boot_id: boot_id(),
        })
    }

    /// Opens it to read: nothing is created. `None` if no daemon has been here.
    pub fn open_existing(path: &Path) -> Result<Option<Self>, StateError> {
        if !path.join("tokens").exists() {
            return Ok(None);
        }
        let root = Directory::open(path)?;
        Ok(Some(Self {
            tokens: root.open_below(Path::new("tokens"))?,
            records: root.open_below(Path::new("records"))?,
            root,
            path: path.to_owned(),
            boot_id: boot_id(),
        }))
    }

    /// Becomes the one writer.
    pub fn lock(&self) -> Result<Lock, StateError> {
        // It knows by name what stops a file, and the mend.
        self.root.check_writing(ACCESS)?;
        lock::acquire(&self.path)
    }

    /// Removes what a killed writer left behind; says how many files.
    pub fn sweep(&self) -> Result<usize, StateError> {
        let ours = self.root.sweep()? + self.tokens.sweep()? + self.records.sweep()?;
        Ok(ours + self.sweep_logins()?)
    }

    /// Makes a token durable: when this returns, a power cut does not lose it.
    pub fn save(
        &self,
        credential: &Credential,
        token: &IssuedToken,
        refresh_after: Duration,
    ) -> Result<(), StateError> {
        let stored = Stored::new(credential, token, refresh_after, &self.boot_id);
        self.keep(&credential.name, &stored)
    }

    /// Makes a refresh token durable that came with nothing else of use: it takes the place of
    /// the one before, and the access token stays what it was. `credential` is what it was asked
    /// for with.
    pub fn keep_refresh_token(
        &self,
        credential: &Credential,
        refresh_token: &RefreshToken,
        origin: Option<Box<str>>,
    ) -> Result<(), StateError> {
        let stored = self.stored(&self.tokens, "tokens", &credential.name)?;
        let mut stored = stored.unwrap_or_else(Stored::without_access_token);
        stored.keep(credential, refresh_token.clone(), origin);
        self.keep(&credential.name, &stored)
    }

    fn keep(&self, name: &Name, stored: &Stored) -> Result<(), StateError> {
        self.tokens.replace(&file_name(name), &stored.encode()?, ACCESS, Durability::Durable)?;
        Ok(())
    }

    /// The token of `name`, if one was saved. A file that cannot be understood is an error: it is
    /// never taken for a missing one.
    pub fn load(&self, name: &Name, now: Now) -> Result<Option<Saved>, StateError> {
        let stored = self.stored(&self.tokens, "tokens", name)?;
        Ok(stored.map(|stored| stored.at(&self.boot_id, now)))
    }

    /// Reads a token file.
    fn stored(
        &self,
        folder: &Directory,
        folder_name: &str,
        name: &Name,
    ) -> Result<Option<Stored>, StateError> {
        let Some(bytes) = folder.read(&file_name(name), LIMIT)? else { return Ok(None) };
        serde_json::from_slice(&Zeroizing::new(bytes))
            .map(Some)
            .map_err(|error| StateError::foreign(&self.path.join(folder_name), name, &error))
    }

    /// What is known of `name` besides its token. An unreadable record is an empty one: it is
    /// written anew at the next request.
    pub fn record(&self, name: &Name) -> Record {
        read_json(&self.records, &file_name(name)).unwrap_or_default()
    }

    /// Changes a record.
    pub fn amend(&self, name: &Name, change: impl FnOnce(&mut Record)) -> Result<(), StateError> {
        let before = self.record(name);
        let mut record = before.clone();
        change(&mut record);
        if record == before {
            return Ok(());
        }
        write_json(&self.records, &file_name(name), &record, Durability::Volatile)
    }

    /// Puts on record that a refresh token is being sent. Durable, unlike all else in a record: a
    /// power cut may come between the request and its answer.
    pub fn mark_unanswered(&self, name: &Name, mark: Unanswered) -> Result<(), StateError> {
        let record = Record { unanswered: Some(mark), ..self.record(name) };
        write_json(&self.records, &file_name(name), &record, Durability::Durable)
    }

    /// The name of everything of which there is a token or a record.
    pub fn names(&self) -> Result<BTreeSet<Name>, StateError> {
        let files = self.tokens.names()?.into_iter().chain(self.records.names()?);
        let name = |file: OsString| Name::written(file.to_str()?.strip_suffix(".json")?);
        Ok(files.filter_map(name).collect())
    }

    /// Drops what is known of `name`, its token included.
    pub fn forget(&self, name: &Name) -> Result<(), StateError> {
        self.tokens.remove(&file_name(name))?;
        self.records.remove(&file_name(name))?;
        Ok(())
    }

    /// What the daemon is doing, if one has ever run here.
    pub fn daemon(&self) -> Option<DaemonRecord> {
        read_json(&self.root, OsStr::new("daemon.json"))
    }

    /// Says what the daemon is doing.
    pub fn note_daemon(&self, record: &DaemonRecord) -> Result<(), StateError> {
        write_json(&self.root, OsStr::new("daemon.json"), record, Durability::Volatile)
    }

    /// What credentials waited for when the daemon noted it last.
    pub fn waiting(&self) -> Waiting {
        read_json(&self.root, OsStr::new("waiting.json")).unwrap_or_default()
    }

    /// Notes what credentials wait for.
    pub fn note_waiting(&self, waiting: &Waiting) -> Result<(), StateError> {
        write_json(&self.root, OsStr::new("waiting.json"), waiting, Durability::Volatile)
    }

    /// Which process writes here now, if one does.
    pub fn writer(&self) -> Option<i32> {
        holder(&self.path)
    }
}

fn write_json<T: Serialize>(
    directory: &Directory,
    name: &OsStr,
    value: &T,
    durability: Durability,
) -> Result<(), StateError> {
    let bytes = serde_json::to_vec(value).map_err(|error| StateError::encode(&error))?;
    directory.replace(name, &bytes, ACCESS, durability)?;
    Ok(())
}

fn read_json<T: DeserializeOwned>(directory: &Directory, name: &OsStr) -> Option<T> {
    let bytes = directory.read(name, LIMIT).ok()??;
    serde_json::from_slice(&bytes).ok()
}

fn file_name(name: &Name) -> OsString {
    format!("{name}.json").into()
}

/// Tells whether a moment of the boot clock is of this boot (`proc_sys_kernel(5)`).
fn boot_id() -> Box<str> {
    std::fs::read_to_string("/proc/sys/kernel/random/boot_id")
        .map(|id| id.trim().into())
        .unwrap_or_default()
}

#[cfg(test)]
mod tests;
