//! What can stop a file from being replaced, and what mends it.

use std::{io, path::Path};

use nix::errno::Errno;
use thiserror::Error;

use crate::error::Fault;

/// A file or folder that could not be written or read. The old content is still there.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{}: {trouble}", path.display())]
pub struct AtomicError {
    /// What could not be written or read.
    pub path: Box<Path>,
    /// Why.
    pub trouble: Trouble,
}

/// Why a file or folder could not be written or read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum Trouble {
    /// `ENOENT` on a folder.
    #[error("the folder does not exist; create it, or correct the path")]
    MissingFolder,
    /// `ENOTDIR`.
    #[error("it is a file where a folder is needed; remove it, or choose another path")]
    NotAFolder,
    /// `EISDIR`.
    #[error("it is a folder where a file is needed; remove it, or choose another path")]
    IsAFolder,
    /// A device, a FIFO or a socket.
    #[error("it is not a regular file; remove it, or choose another path")]
    NotAFile,
    /// `ELOOP`.
    #[error("it is a symbolic link, which is not followed here; put the real thing in its place")]
    SymbolicLink,
    /// A name with `..`, a leading `/` or the like.
    #[error("it leads out of its directory; use plain names without `..`")]
    Outside,
    /// `EBUSY`.
    #[error(
        "it is a mount point of its own and cannot be replaced; mount the directory that holds \
         it instead of the file"
    )]
    MountPoint,
    /// `EXDEV` on a rename.
    #[error(
        "the file system refuses to rename within this directory; use a directory that lies on \
         one file system"
    )]
    OtherFileSystem,
    /// `ENOSPC` and `EDQUOT`.
    #[error("the disk is full or the quota is used up; make room for a second copy of the file")]
    DiskFull,
    /// `EROFS`.
    #[error("the file system is read-only; mount it read-write, or choose another directory")]
    ReadOnly,
    /// `EACCES`.
    #[error(
        "permission denied; let the user that runs this program read and write in the directory"
    )]
    Denied,
    /// `EPERM` on a change of owner or group.
    #[error(
        "the daemon may not give the file to that owner or group; make it a member of the group (in \
         a unit: `SupplementaryGroups=` and `PrivateUsers=no`), or run it with CAP_CHOWN"
    )]
    OwnerRefused,
    /// `EPERM` elsewhere.
    #[error("the operation is not permitted; look for a `chattr +i` flag or a security module")]
    NotPermitted,
    /// `ENAMETOOLONG`.
    #[error("the name is too long for the file system; choose a shorter one")]
    NameTooLong,
    /// Somebody else removed our temporary file or its folder.
    #[error(
        "the folder or the temporary file was removed while it was in use; give each daemon a \
         directory of its own"
    )]
    Vanished,
    /// Far more bytes than we ever write.
    #[error("the file is larger than {limit} bytes, so it is not ours; remove it")]
    TooLarge {
        /// The most that was to be read.
        limit: usize,
    },
    /// The kernel gave no random bytes for a name.
    #[error("the kernel gives no random bytes; allow the `getrandom` system call")]
    NoRandomness,
    /// Anything else.
    #[error("cannot {action}: {}; look at the file system", errno.desc())]
    Other {
        /// What was tried.
        action: &'static str,
        /// What the kernel said.
        errno: Errno,
    },
}

impl AtomicError {
    pub(super) fn new(path: &Path, trouble: Trouble) -> Self {
        Self { path: path.into(), trouble }
    }

    /// Always the machine's, never the provider's.
    pub const fn fault(&self) -> Fault {
        Fault::Local
    }

    /// A label for logs and metrics.
    pub const fn reason(&self) -> &'static str {
        self.trouble.reason()
    }
}

impl Trouble {
    /// Whether something stands there that we have not written.
    pub const fn is_foreign(self) -> bool {
        matches!(self, Self::SymbolicLink | Self::NotAFile | Self::TooLarge { .. })
    }

    /// A label for logs and metrics.
    pub const fn reason(self) -> &'static str {
        match self {
            Self::MissingFolder => "missing_folder",
            Self::NotAFolder => "not_a_folder",
            Self::IsAFolder => "is_a_folder",
            Self::NotAFile => "not_a_file",
            Self::SymbolicLink => "symbolic_link",
            Self::Outside => "outside_directory",
            Self::MountPoint => "mount_point",
            Self::OtherFileSystem => "other_file_system",
            Self::DiskFull => "disk_full",
            Self::ReadOnly => "read_only",
            Self::Denied => "permission_denied",
            Self::OwnerRefused => "owner_refused",
            Self::NotPermitted => "not_permitted",
            Self::NameTooLong => "name_too_long",
            Self::Vanished => "vanished",
            Self::TooLarge { .. } => "too_large",
            Self::NoRandomness => "no_randomness",
            Self::Other { .. } => "system_error",
        }
    }

    pub(super) const fn of(action: &'static str, errno: Errno) -> Self {
        match errno {
            Errno::ENOENT => Self::Vanished,
            Errno::ENOTDIR => Self::NotAFolder,
            Errno::EISDIR => Self::IsAFolder,
            Errno::ELOOP => Self::SymbolicLink,
            Errno::EBUSY => Self::MountPoint,
            Errno::EXDEV => Self::OtherFileSystem,
            Errno::ENOSPC | Errno::EDQUOT => Self::DiskFull,
            Errno::EROFS => Self::ReadOnly,
            Errno::EACCES => Self::Denied,
            Errno::EPERM => Self::NotPermitted,
            Errno::ENAMETOOLONG => Self::NameTooLong,
            errno => Self::Other { action, errno },
        }
    }

    pub(super) fn of_io(action: &'static str, error: &io::Error) -> Self {
        let errno = error.raw_os_error().map_or(Errno::EIO, Errno::from_raw);
        Self::of(action, errno)
    }

    pub(super) const fn opening_folder(errno: Errno) -> Self {
        match errno {
            Errno::ENOENT => Self::MissingFolder,
            errno => Self::of("open", errno),
        }
    }

    pub(super) const fn changing_owner(errno: Errno) -> Self {
        match errno {
            // EINVAL: the id has no meaning in this user namespace.
            Errno::EPERM | Errno::EINVAL => Self::OwnerRefused,
            errno => Self::of("change the owner", errno),
        }
    }
}
