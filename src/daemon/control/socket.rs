//! The socket in the file system. Nobody can connect before it has its mode and its group: it gets
//! them before it listens, and until then the kernel refuses every connection (`listen(2)`).

use std::{
    fs::{self, Metadata},
    io,
    os::unix::{
        ffi::OsStrExt,
        fs::{FileTypeExt, MetadataExt},
    },
    path::{Path, PathBuf},
};

use nix::{
    errno::Errno,
    fcntl::{AT_FDCWD, AtFlags},
    sys::stat::{FchmodatFlags, Mode, fchmodat},
    unistd::fchownat,
};
use tokio::net::{UnixListener, UnixSocket, UnixStream};

use crate::{
    atomic::FileAccess,
    credential::Access,
    error::Exit,
    publish::{self, OutputError},
};

/// Clients that wait to be let in.
const BACKLOG: u32 = 64;

/// No output has such a name, so that the publisher never touches it.
const PREFIX: &[u8] = b".tokenward-";

/// Why there is no control socket.
#[derive(Debug, thiserror::Error)]
pub enum SocketError {
    /// Something else stands there.
    #[error(
        "{} is no socket, and is left alone; remove it, or name another path in `control`",
        .0.display()
    )]
    NotASocket(PathBuf),
    /// Somebody listens there.
    #[error(
        "another process answers at {}; end it, or name another path in `control`",
        .0.display()
    )]
    InUse(PathBuf),
    /// Its group.
    #[error("the control socket {0}")]
    Group(OutputError),
    /// The system refused.
    #[error(
        "cannot {what} the control socket {}: {error}; let the daemon's user do that, or name \
         another path or group in `control`",
        path.display()
    )]
    System {
        /// What was tried.
        what: &'static str,
        /// The socket.
        path: PathBuf,
        /// Why not.
        error: io::Error,
    },
}

/// A socket of ours, which is removed when this is dropped.
#[derive(Debug)]
pub(super) struct Socket {
    path: PathBuf,
    /// Device and inode.
    identity: (u64, u64),
}

impl SocketError {
    /// How the process ends.
    pub(in crate::daemon) const fn exit(&self) -> Exit {
        match self {
            Self::InUse(_) => Exit::Temporary,
            Self::NotASocket(_) | Self::Group(_) | Self::System { .. } => Exit::Config,
        }
    }
}

impl Socket {
    /// Makes a socket under another name, and puts it in its place when it is as configured. What
    /// a dead daemon left there is replaced.
    pub(super) async fn open(
        path: &Path,
        access: &Access,
    ) -> Result<(UnixListener, Self), SocketError> {
        let failed = |what| move |error| SocketError::System { what, path: path.to_owned(), error };
        make_way(path).await?;
        let access = publish::resolve(path, access).map_err(SocketError::Group)?;
        let temporary = temporary(path);
        remove(&temporary).map_err(failed("remove what is left of"))?;
        let socket = UnixSocket::new_stream().map_err(failed("create"))?;
        socket.bind(&temporary).map_err(failed("create"))?;
        let placed = give(&temporary, access)
            .map_err(|errno| failed("give mode and group to")(errno.into()))
            .and_then(|()| fs::rename(&temporary, path).map_err(failed("place")))
            .and_then(|()| path.symlink_metadata().map_err(failed("look at")));
        let metadata = placed.inspect_err(|_| {
            // What went wrong before is what is said.
            let _ = remove(&temporary);
        })?;
        let this = Self { path: path.to_owned(), identity: identity(&metadata) };
        let listener = socket.listen(BACKLOG).map_err(failed("listen on"))?;
        Ok((listener, this))
    }
}

impl Drop for Socket {
    /// Whatever somebody else has put there meanwhile is theirs.
    fn drop(&mut self) {
        let is_ours = |metadata: &Metadata| identity(metadata) == self.identity;
        if self.path.symlink_metadata().is_ok_and(|metadata| is_ours(&metadata)) {
            // It is the end of the process: the next start replaces what stays.
            let _ = remove(&self.path);
        }
    }
}

fn identity(metadata: &Metadata) -> (u64, u64) {
    (metadata.dev(), metadata.ino())
}

/// Whether what stands there may be replaced: nothing, or a socket at which nobody answers.
async fn make_way(path: &Path) -> Result<(), SocketError> {
    let failed = |error| SocketError::System { what: "look at", path: path.to_owned(), error };
    match path.symlink_metadata() {
        Ok(metadata) if metadata.file_type().is_socket() => {}
        Ok(_) => return Err(SocketError::NotASocket(path.to_owned())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(failed(error)),
    }
    match UnixStream::connect(path).await {
        // The second is a queue that is full.
        Ok(_) => Err(SocketError::InUse(path.to_owned())),
        Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
            Err(SocketError::InUse(path.to_owned()))
        }
        Err(error) if error.kind() == io::ErrorKind::ConnectionRefused => Ok(()),
        Err(error) => Err(failed(error)),
    }
}

/// In the same folder, so that a rename is enough.
fn temporary(path: &Path) -> PathBuf {
    let name = path.file_name().unwrap_or_default().as_bytes();
    path.with_file_name(std::ffi::OsStr::from_bytes(&[PREFIX, name].concat()))
}

fn remove(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// Group, then mode: the other way round the mode would be for the group of before.
fn give(path: &Path, access: FileAccess) -> Result<(), Errno> {
    let FileAccess { mode, owner, group } = access;
    fchownat(AT_FDCWD, path, owner, group, AtFlags::AT_SYMLINK_NOFOLLOW)?;
    fchmodat(AT_FDCWD, path, Mode::from_bits_truncate(mode), FchmodatFlags::NoFollowSymlink)
}

#[cfg(test)]
mod tests {
    use std::os::unix::{
        fs::PermissionsExt as _,
        net::{UnixListener as Plain, UnixStream as Client},
    };

    use super::*;

    const ACCESS: Access = Access { mode: 0o660, owner: None, group: None };

    fn path() -> (tempfile::TempDir, PathBuf) {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("control.sock");
        (directory, path)
    }

    #[tokio::test]
    async fn it_stands_as_configured_while_it_is_held() {
        let (directory, path) = path();
        let opened = Socket::open(&path, &ACCESS).await.unwrap();
        assert_eq!(path.symlink_metadata().unwrap().mode() & 0o7777, 0o660, "whatever the umask");
        assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 1);
        assert!(Client::connect(&path).is_ok());
        drop(opened);
        assert!(!path.exists());
    }

    /// The proof that nobody connects to a socket that is not as configured yet.
    #[tokio::test]
    async fn nobody_connects_before_it_listens() {
        let (_directory, path) = path();
        let socket = UnixSocket::new_stream().unwrap();
        socket.bind(&path).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o777)).unwrap();
        let refused = Client::connect(&path).map_err(|error| error.kind());
        assert_eq!(refused.unwrap_err(), io::ErrorKind::ConnectionRefused);
        let _listener = socket.listen(1).unwrap();
        assert!(Client::connect(&path).is_ok());
    }

    #[tokio::test]
    async fn the_socket_of_a_dead_daemon_is_replaced_and_nothing_else() {
        let (_directory, path) = path();
        drop(Plain::bind(&path).unwrap());
        assert!(path.exists(), "a socket outlives its process");
        // A start that was killed in between leaves this.
        drop(Plain::bind(temporary(&path)).unwrap());
        drop(Socket::open(&path, &ACCESS).await.unwrap());

        let alive = Plain::bind(&path).unwrap();
        let error = Socket::open(&path, &ACCESS).await.unwrap_err();
        assert!(matches!(error, SocketError::InUse(_)), "{error}");
        drop(alive);
        fs::remove_file(&path).unwrap();

        fs::File::create(&path).unwrap();
        let error = Socket::open(&path, &ACCESS).await.unwrap_err();
        assert!(matches!(error, SocketError::NotASocket(_)), "{error}");
        assert!(path.is_file(), "it is left alone");
        fs::remove_file(&path).unwrap();

        std::os::unix::fs::symlink("elsewhere", &path).unwrap();
        let error = Socket::open(&path, &ACCESS).await.unwrap_err();
        assert!(matches!(error, SocketError::NotASocket(_)), "{error}");
    }

    #[tokio::test]
    async fn what_took_its_place_is_not_removed() {
        let (_directory, path) = path();
        let opened = Socket::open(&path, &ACCESS).await.unwrap();
        fs::remove_file(&path).unwrap();
        let _other = Plain::bind(&path).unwrap();
        drop(opened);
        assert!(path.exists());
    }

    #[tokio::test]
    async fn what_cannot_be_placed_says_so() {
        let (directory, path) = path();
        let unknown = Access { group: Some("no-such-group".into()), ..ACCESS };
        let long = directory.path().join("s".repeat(120));
        let nowhere = directory.path().join("nowhere/control.sock");
        for (case, path, access, said) in [
            ("an unknown group", &path, &unknown, "there is no group \"no-such-group\""),
            ("a path that is too long", &long, &ACCESS, "cannot create"),
            ("a folder that is missing", &nowhere, &ACCESS, "cannot create"),
        ] {
            let error = Socket::open(path, access).await.unwrap_err();
            assert!(error.to_string().contains(said), "{case}: {error}");
            assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 0, "{case}");
        }
    }
}
