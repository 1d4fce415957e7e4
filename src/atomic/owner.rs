//! Whose a directory is.

use nix::{
    sys::stat::fstat,
    unistd::{Uid, fchown},
};

use super::{AtomicError, Directory, Trouble};

impl Directory {
    /// The user that it belongs to.
    pub fn owner(&self) -> Result<Uid, AtomicError> {
        let stat = fstat(&self.handle)
            .map_err(|errno| AtomicError::new(&self.path, Trouble::of("examine", errno)))?;
        Ok(Uid::from_raw(stat.st_uid))
    }

    /// Gives it to a user, and nothing that is in it. It is the directory that was opened, whatever
    /// stands in its place by now.
    pub fn give_to(&self, owner: Uid) -> Result<(), AtomicError> {
        if self.owner()? == owner {
            return Ok(());
        }
        fchown(&self.handle, Some(owner), None)
            .map_err(|errno| AtomicError::new(&self.path, Trouble::changing_owner(errno)))
    }
}
