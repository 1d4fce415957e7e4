//! Files that are replaced whole.
//!
//! A reader of such a file gets the old bytes or the new ones, never a mix, and a writer that is
//! killed leaves the old ones. All work is relative to an open [`Directory`], one name at a time
//! and without following symbolic links, so that nobody who may write below it can lead us out
//! of it.

mod error;
mod owner;
mod replace;
#[cfg(test)]
mod tests;

use std::{
    ffi::{OsStr, OsString},
    fs::File,
    io::Read,
    os::{fd::OwnedFd, unix::ffi::OsStrExt},
    path::{Component, Path},
};

use nix::{
    dir::Dir,
    errno::Errno,
    fcntl::{AtFlags, OFlag, OpenHow, ResolveFlag, open, openat, openat2},
    sys::stat::{FchmodatFlags, FileStat, Mode, SFlag, fchmodat, fstatat, mkdirat},
    unistd::{UnlinkatFlags, fsync, geteuid, unlinkat},
};

pub use self::{
    error::{AtomicError, Trouble},
    replace::{Durability, FileAccess, Replaced},
};

/// An open directory.
#[derive(Debug)]
pub struct Directory {
    handle: OwnedFd,
    /// As the operator knows it: for messages only.
    path: Box<Path>,
}

const FOLDER: OFlag = OFlag::O_DIRECTORY.union(OFlag::O_CLOEXEC);
/// `O_NONBLOCK`, lest a FIFO in a file's place hold us up for ever.
const READ: OFlag = OFlag::O_NOFOLLOW.union(OFlag::O_CLOEXEC).union(OFlag::O_NONBLOCK);

impl Directory {
    /// Opens a directory that the operator has named. Symbolic links on the way to it are theirs
    /// and are followed.
    pub fn open(path: &Path) -> Result<Self, AtomicError> {
        let handle = open(path, FOLDER, Mode::empty())
            .map_err(|errno| AtomicError::new(path, Trouble::opening_folder(errno)))?;
        Ok(Self { handle, path: path.into() })
    }

    /// Opens a folder below this one, of plain names only, and never through a symbolic link.
    pub fn open_below(&self, relative: &Path) -> Result<Self, AtomicError> {
        self.descend(relative, Self::child)
    }

    /// The same, and creates what is missing with exactly `mode`, whatever the umask.
    pub fn create_below(&self, relative: &Path, mode: u32) -> Result<Self, AtomicError> {
        self.descend(relative, |folder, name| folder.child_or_new(name, mode))
    }

    /// The whole content of a regular file of at most `limit` bytes; `None` if there is no file.
    pub fn read(&self, name: &OsStr, limit: usize) -> Result<Option<Vec<u8>>, AtomicError> {
        let Some(file) = self.open_file(name)? else { return Ok(None) };
        let failed = |error: std::io::Error| self.error(name, Trouble::of_io("read", &error));
        if !file.metadata().map_err(failed)?.is_file() {
            return Err(self.error(name, Trouble::NotAFile));
        }
        let mut bytes = Vec::new();
        file.take((limit as u64).saturating_add(1)).read_to_end(&mut bytes).map_err(failed)?;
        if bytes.len() > limit {
            return Err(self.error(name, Trouble::TooLarge { limit }));
        }
        Ok(Some(bytes))
    }

    /// Removes a file durably; says whether there was one.
    pub fn remove(&self, name: &OsStr) -> Result<bool, AtomicError> {
        self.plain(name)?;
        match unlinkat(&self.handle, name, UnlinkatFlags::NoRemoveDir) {
            Ok(()) => self.sync(name).map(|()| true),
            Err(Errno::ENOENT) => Ok(false),
            Err(errno) => Err(self.error(name, Trouble::of("remove", errno))),
        }
    }

    /// Removes a folder that is empty and as we make them: our own, and of this mode. Whoever made
    /// another one may want it. Says whether it is gone.
    pub fn remove_folder(&self, name: &OsStr, mode: u32) -> Result<bool, AtomicError> {
        self.plain(name)?;
        let is_ours = |stat: &FileStat| {
            is(stat, SFlag::S_IFDIR)
                && stat.st_mode & 0o7777 == mode
                && stat.st_uid == geteuid().as_raw()
        };
        if !self.stat(name).is_some_and(|stat| is_ours(&stat)) {
            return Ok(false);
        }
        match unlinkat(&self.handle, name, UnlinkatFlags::RemoveDir) {
            Ok(()) => self.sync(name).map(|()| true),
            Err(Errno::ENOTEMPTY | Errno::EEXIST | Errno::ENOENT) => Ok(false),
            Err(errno) => Err(self.error(name, Trouble::of("remove", errno))),
        }
    }

    /// Every name in it, in no order.
    pub fn names(&self) -> Result<Vec<OsString>, AtomicError> {
        let failed = |errno| AtomicError::new(&self.path, Trouble::of("list", errno));
        let mut listing = Dir::openat(&self.handle, ".", FOLDER, Mode::empty()).map_err(failed)?;
        let mut names = Vec::new();
        for entry in listing.iter() {
            let entry = entry.map_err(failed)?;
            let name = OsStr::from_bytes(entry.file_name().to_bytes());
            if name != "." && name != ".." {
                names.push(name.to_owned());
            }
        }
        Ok(names)
    }

    /// Removes the temporary files that writers of ours left behind when they were killed, and
    /// says how many. It is for the start: a writer at work elsewhere would have to try again.
    pub fn sweep(&self) -> Result<usize, AtomicError> {
        let left = self.names()?.into_iter().filter(|name| replace::is_temporary(name));
        let removed = |name: &OsString| {
            unlinkat(&self.handle, name.as_os_str(), UnlinkatFlags::NoRemoveDir).is_ok()
        };
        Ok(left.filter(removed).count())
    }

    /// Whether what stands at `name` now, if anything, can be replaced by a file.
    pub fn check_target(&self, name: &OsStr) -> Result<(), AtomicError> {
        self.plain(name)?;
        if self.is_mount_point(name) {
            return Err(self.error(name, Trouble::MountPoint));
        }
        if self.stat(name).is_some_and(|stat| is(&stat, SFlag::S_IFDIR)) {
            return Err(self.error(name, Trouble::IsAFolder));
        }
        Ok(())
    }

    /// Whether something is mounted on `name`, such as a single file that a container was given.
    /// A kernel without `openat2` cannot tell; the rename will.
    fn is_mount_point(&self, name: &OsStr) -> bool {
        let how = OpenHow::new()
            .flags(OFlag::O_PATH | OFlag::O_NOFOLLOW | OFlag::O_CLOEXEC)
            .resolve(ResolveFlag::RESOLVE_NO_XDEV);
        openat2(&self.handle, name, how).err() == Some(Errno::EXDEV)
    }

    fn stat(&self, name: &OsStr) -> Option<FileStat> {
        fstatat(&self.handle, name, AtFlags::AT_SYMLINK_NOFOLLOW).ok()
    }

    fn open_file(&self, name: &OsStr) -> Result<Option<File>, AtomicError> {
        self.plain(name)?;
        match openat(&self.handle, name, OFlag::O_RDONLY | READ, Mode::empty()) {
            Ok(handle) => Ok(Some(handle.into())),
            Err(Errno::ENOENT) => Ok(None),
            Err(Errno::ELOOP) => Err(self.error(name, Trouble::SymbolicLink)),
            // The errors of opening a socket or a device without a driver.
            Err(Errno::ENXIO | Errno::ENODEV) => Err(self.error(name, Trouble::NotAFile)),
            Err(errno) => Err(self.error(name, Trouble::of("open", errno))),
        }
    }

    fn descend(
        &self,
        relative: &Path,
        step: impl Fn(&Self, &OsStr) -> Result<Self, AtomicError>,
    ) -> Result<Self, AtomicError> {
        let failed = |error: std::io::Error| {
            AtomicError::new(&self.path, Trouble::of_io("duplicate", &error))
        };
        let handle = self.handle.try_clone().map_err(failed)?;
        let mut folder = Self { handle, path: self.path.clone() };
        for component in relative.components() {
            match component {
                Component::Normal(name) => folder = step(&folder, name)?,
                _ => return Err(self.error(relative.as_os_str(), Trouble::Outside)),
            }
        }
        Ok(folder)
    }

    fn child(&self, name: &OsStr) -> Result<Self, AtomicError> {
        match openat(&self.handle, name, FOLDER | OFlag::O_NOFOLLOW, Mode::empty()) {
            Ok(handle) => Ok(Self { handle, path: self.path.join(name).into() }),
            // What the kernel says of a symbolic link here, and of a file.
            Err(Errno::ENOTDIR | Errno::ELOOP)
                if self.stat(name).is_some_and(|stat| is(&stat, SFlag::S_IFLNK)) =>
            {
                Err(self.error(name, Trouble::SymbolicLink))
            }
            Err(errno) => Err(self.error(name, Trouble::opening_folder(errno))),
        }
    }

    fn child_or_new(&self, name: &OsStr, mode: u32) -> Result<Self, AtomicError> {
        match self.child(name) {
            Err(error) if error.trouble == Trouble::MissingFolder => {}
            found => return found,
        }
        let mode = Mode::from_bits_truncate(mode);
        let failed = |errno| self.error(name, Trouble::of("create", errno));
        match mkdirat(&self.handle, name, mode) {
            Ok(()) => {}
            // Somebody was quicker, and their mode stands.
            Err(Errno::EEXIST) => return self.child(name),
            Err(errno) => return Err(failed(errno)),
        }
        // Before it is opened: the umask may have taken even our own right to do that.
        fchmodat(&self.handle, name, mode, FchmodatFlags::NoFollowSymlink).map_err(failed)?;
        self.sync(name)?;
        self.child(name)
    }

    /// Makes the names in the directory durable.
    fn sync(&self, name: &OsStr) -> Result<(), AtomicError> {
        match fsync(&self.handle) {
            // `EINVAL`: a network or shared file system that has no such notion.
            Ok(()) | Err(Errno::EINVAL) => Ok(()),
            Err(errno) => Err(self.error(name, Trouble::of("sync", errno))),
        }
    }

    /// One name, so that no call can leave the directory.
    fn plain(&self, name: &OsStr) -> Result<(), AtomicError> {
        let mut components = Path::new(name).components();
        let plain = matches!(components.next(), Some(Component::Normal(first)) if first == name);
        if plain { Ok(()) } else { Err(self.error(name, Trouble::Outside)) }
    }

    fn error(&self, name: &OsStr, trouble: Trouble) -> AtomicError {
        AtomicError::new(&self.path.join(name), trouble)
    }
}

fn is(stat: &FileStat, kind: SFlag) -> bool {
    SFlag::from_bits_truncate(stat.st_mode) & SFlag::S_IFMT == kind
}
