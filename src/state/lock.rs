//! One writer: two daemons that spend one grant would kill it (RFC 9700, section 4.14.2).

use std::{
    fs::{File, OpenOptions},
    io::{Read, Seek, Write},
    os::unix::fs::OpenOptionsExt,
    path::Path,
};

use nix::fcntl::{Flock, FlockArg};

use super::StateError;

/// Held as long as the daemon lives; the kernel drops it with the process.
#[derive(Debug)]
pub struct Lock {
    _file: Flock<File>,
}

/// Takes the lock, and writes our process id beside it for people.
pub(super) fn acquire(directory: &Path) -> Result<Lock, StateError> {
    let failed = |error| StateError::Lock { path: directory.to_owned(), error };
    let file = open(directory, true).map_err(failed)?;
    let mut file = Flock::lock(file, FlockArg::LockExclusiveNonblock).map_err(|(_, errno)| {
        if errno == nix::errno::Errno::EWOULDBLOCK {
            let holder = holder(directory).map_or_else(|| "(unknown)".into(), |id| id.to_string());
            StateError::Locked { path: directory.to_owned(), holder }
        } else {
            failed(errno.into())
        }
    })?;
    let write = |file: &mut File| -> std::io::Result<()> {
        file.set_len(0)?;
        file.rewind()?;
        writeln!(file, "{}", std::process::id())
    };
    write(&mut file).map_err(failed)?;
    Ok(Lock { _file: file })
}

/// Which process holds the lock now. A shared lock tells whether anybody does: the process id in
/// the file may be left over from one that is gone.
pub fn holder(directory: &Path) -> Option<i32> {
    let mut file = open(directory, false).ok()?;
    let mut text = String::new();
    file.read_to_string(&mut text).ok()?;
    match Flock::lock(file, FlockArg::LockSharedNonblock) {
        Ok(_) => None,
        Err(_) => text.trim().parse().ok(),
    }
}

fn open(directory: &Path, create: bool) -> std::io::Result<File> {
    OpenOptions::new()
        .read(true)
        .write(create)
        .create(create)
        .truncate(false)
        .mode(0o600)
        .open(directory.join("lock"))
}
