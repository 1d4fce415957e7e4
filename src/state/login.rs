//! Log-ins: tokens that `tokenward login` has got, on their way to the daemon.
//!
//! Another process than the daemon writes them, so they have a folder of their own beside that of
//! the tokens, which only the daemon writes. Whoever touches the folder takes its turn (a lock of
//! the folder itself), so that a log-in is never removed in place of the one before it.

use std::{
    fs::File,
    io,
    path::{Path, PathBuf},
    time::Duration,
};

use nix::fcntl::{Flock, FlockArg};

use super::{ACCESS, Saved, State, StateError, file_name, saved::Stored};
use crate::{
    atomic::{Durability, FileAccess},
    clock::Now,
    credential::{Credential, Fingerprint, Name},
    token::IssuedToken,
};

pub(super) const FOLDER: &str = "logins";

/// The moment of the first refresh is drawn by nobody: it comes as late as the policy lets it.
const UNDRAWN: Duration = Duration::MAX;

impl State {
    /// Opens the state directory for a log-in, while a daemon holds the lock or without one. What
    /// root creates there belongs to whom the directory belongs: the daemon has to read it.
    pub fn open_for_login(path: &Path) -> Result<Self, StateError> {
        let state = Self::open(path)?;
        state.give_to_owner()?;
        Ok(state)
    }

    /// The folders themselves, as they were opened: whom the directory belongs to can put anything
    /// in their place meanwhile, and must not get what is root's.
    fn give_to_owner(&self) -> Result<(), StateError> {
        let owner = self.root.owner()?;
        let logins = self.root.open_below(Path::new(FOLDER))?;
        for folder in [&self.tokens, &self.records, &logins] {
            folder.give_to(owner)?;
        }
        Ok(())
    }

    /// Makes a log-in durable for the daemon to adopt. Each has an origin of its own, by which
    /// it is known for as long as its refresh tokens follow one another.
    pub fn save_login(
        &self,
        credential: &Credential,
        token: &IssuedToken,
    ) -> Result<(), StateError> {
        let folder = self.root.create_below(Path::new(FOLDER), 0o700)?;
        let token = IssuedToken { origin: Some(origin(token)), ..token.clone() };
        let bytes = Stored::new(credential, &token, UNDRAWN, &self.boot_id).encode()?;
        let _turn = self.turn()?;
        let name = file_name(&credential.name);
        folder.replace(&name, &bytes, self.access_of_owner()?, Durability::Durable)?;
        Ok(())
    }

    /// Where a log-in for `name` is left.
    pub fn login_path(&self, name: &Name) -> PathBuf {
        self.path.join(FOLDER).join(file_name(name))
    }

    /// Whether a log-in for `name` waits.
    pub fn has_login(&self, name: &Name) -> bool {
        self.login_path(name).exists()
    }

    /// Makes the log-in of `name`, if there is one, the token that is kept, durable, and removes
    /// its file. `None` if there is none, or if it was adopted before and only its file was left:
    /// what has come of it since is newer.
    pub fn adopt_login(&self, name: &Name, now: Now) -> Result<Option<Saved>, StateError> {
        let folder = self.root.create_below(Path::new(FOLDER), 0o700)?;
        let _turn = self.turn()?;
        let Some(login) = self.stored(&folder, FOLDER, name)? else { return Ok(None) };
        let kept = self.stored(&self.tokens, "tokens", name)?;
        let is_new = kept.is_none_or(|kept| kept.origin != login.origin);
        if is_new {
            self.keep(name, &login)?;
        }
        folder.remove(&file_name(name))?;
        Ok(is_new.then(|| login.at(&self.boot_id, now)))
    }

    /// Removes what a killed log-in left behind; says how many files.
    pub(super) fn sweep_logins(&self) -> Result<usize, StateError> {
        let folder = self.root.create_below(Path::new(FOLDER), 0o700)?;
        let _turn = self.turn()?;
        Ok(folder.sweep()?)
    }

    /// The turn of whoever logs in, or touches the folder.
    pub(super) fn turn(&self) -> Result<Flock<File>, StateError> {
        let path = self.path.join(FOLDER);
        let failed = |error: io::Error| StateError::Lock { path: path.clone(), error };
        let folder = File::open(&path).map_err(failed)?;
        Flock::lock(folder, FlockArg::LockExclusive).map_err(|(_, errno)| failed(errno.into()))
    }

    /// That of the state directory's owner.
    pub(super) fn access_of_owner(&self) -> Result<FileAccess, StateError> {
        Ok(FileAccess { owner: Some(self.root.owner()?), ..ACCESS })
    }
}

/// A digest of the tokens and the moment: a provider may answer two log-ins with one token.
fn origin(token: &IssuedToken) -> Box<str> {
    let refresh_token = token.refresh_token.as_ref().map(|token| token.value.expose());
    let parts = [token.access_token.expose(), refresh_token.unwrap_or_default()];
    let moment = token.requested_at.wall.millis();
    Fingerprint::of(format!("{moment} {}", parts.join(" ")).as_bytes()).to_string().into()
}

#[cfg(test)]
mod tests;
