//! The replacement itself: a temporary file in the same directory, then a rename over the target.

use std::{
    ffi::{OsStr, OsString},
    fs::File,
    io::{Read, Write},
    os::unix::{ffi::OsStrExt, fs::MetadataExt},
};

use nix::{
    fcntl::{OFlag, openat, renameat},
    sys::stat::{Mode, fchmod, fstat},
    unistd::{Gid, Uid, UnlinkatFlags, fchown, fsync, getegid, geteuid, unlinkat},
};

use super::{AtomicError, Directory, Trouble};

/// Owner, group and mode of a file, by number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FileAccess {
    /// Permission bits, set exactly, whatever the umask.
    pub mode: u32,
    /// The daemon's own if absent.
    pub owner: Option<Uid>,
    /// If absent, what a new file gets: the directory's group if that is set-group-ID (as
    /// Kubernetes makes a volume with `fsGroup`), else the daemon's own.
    pub group: Option<Gid>,
}

/// What a replacement survives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Durability {
    /// A power cut right after it: file and directory are synced.
    Durable,
    /// The death of the process. A power cut may bring the old bytes back.
    Volatile,
}

/// What [`Directory::replace`] did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Replaced {
    /// The file is new.
    Written,
    /// Bytes, owner, group and mode were as asked already.
    Unchanged,
}

/// The names of temporary files: this and 16 hexadecimal digits. The target's name is left out,
/// so that it may be as long as the file system allows.
const PREFIX: &[u8] = b".tokenward-";
const RANDOM_BYTES: usize = 8;

/// Whether a file of this name is one that a killed writer left behind.
pub(super) fn is_temporary(name: &OsStr) -> bool {
    name.as_bytes().strip_prefix(PREFIX).is_some_and(|random| {
        random.len() == 2 * RANDOM_BYTES && random.iter().all(u8::is_ascii_hexdigit)
    })
}

impl Directory {
    /// Makes `name` a regular file with these bytes and this access, whole or not at all. A
    /// symbolic link of this name is replaced itself; what it points at is left alone.
    pub fn replace(
        &self,
        name: &OsStr,
        bytes: &[u8],
        access: FileAccess,
        durability: Durability,
    ) -> Result<Replaced, AtomicError> {
        self.plain(name)?;
        if let Some(file) = self.already(name, bytes, access) {
            // An earlier writer may have been killed between its rename and its sync.
            if durability == Durability::Durable {
                let failed = |errno| self.error(name, Trouble::of("sync", errno));
                fsync(&file).map_err(failed)?;
                self.sync(name)?;
            }
            return Ok(Replaced::Unchanged);
        }
        let failed = |trouble| self.error(name, trouble);
        let mut temporary = Temporary::create(self, access).map_err(failed)?;
        temporary.write(bytes, durability).map_err(failed)?;
        temporary.rename(name).map_err(failed)?;
        if durability == Durability::Durable {
            self.sync(name)?;
        }
        Ok(Replaced::Written)
    }

    /// Whether files with this access can be made here, found without lasting effect.
    pub fn check_writing(&self, access: FileAccess) -> Result<(), AtomicError> {
        let made = Temporary::create(self, access).map(drop);
        made.map_err(|trouble| AtomicError::new(&self.path, trouble))
    }

    /// The open file, if nothing about it needs to change.
    fn already(&self, name: &OsStr, bytes: &[u8], access: FileAccess) -> Option<File> {
        let file = self.open_file(name).ok()??;
        let metadata = file.metadata().ok()?;
        let same_access = metadata.is_file()
            && metadata.mode() & 0o7777 == access.mode & 0o7777
            && metadata.uid() == access.owner.unwrap_or_else(geteuid).as_raw()
            && metadata.gid() == self.group(access)?.as_raw();
        if !same_access || metadata.len() != bytes.len() as u64 {
            return None;
        }
        let mut found = Vec::with_capacity(bytes.len() + 1);
        (&file).take(bytes.len() as u64 + 1).read_to_end(&mut found).ok()?;
        (found == bytes).then_some(file)
    }

    fn group(&self, access: FileAccess) -> Option<Gid> {
        if access.group.is_some() {
            return access.group;
        }
        let directory = fstat(&self.handle).ok()?;
        let inherited = directory.st_mode & Mode::S_ISGID.bits() != 0;
        Some(if inherited { Gid::from_raw(directory.st_gid) } else { getegid() })
    }
}

/// A file on its way to its name. Dropped before that, it is removed.
struct Temporary<'a> {
    directory: &'a Directory,
    name: OsString,
    file: File,
    renamed: bool,
}

impl<'a> Temporary<'a> {
    /// An empty file that nobody but us may use until it has its final owner and group; only
    /// then is its mode widened.
    fn create(directory: &'a Directory, access: FileAccess) -> Result<Self, Trouble> {
        let mode = Mode::from_bits_truncate(access.mode);
        let ours_alone = mode & (Mode::S_IRUSR | Mode::S_IWUSR);
        let flags =
            OFlag::O_WRONLY | OFlag::O_CREAT | OFlag::O_EXCL | OFlag::O_NOFOLLOW | OFlag::O_CLOEXEC;
        let name = random_name()?;
        let handle = openat(&directory.handle, &*name, flags, ours_alone)
            .map_err(|errno| Trouble::of("create", errno))?;
        let temporary = Self { directory, name, file: handle.into(), renamed: false };
        temporary.give_away(access)?;
        // After the owner, because a change of owner clears set-user-ID bits.
        fchmod(&temporary.file, mode).map_err(|errno| Trouble::of("change the mode", errno))?;
        Ok(temporary)
    }

    /// Asks only for what is not so already: an unprivileged daemon may not even give a file the
    /// group of a set-group-ID directory that it got anyway.
    fn give_away(&self, access: FileAccess) -> Result<(), Trouble> {
        let now = fstat(&self.file).map_err(|errno| Trouble::of("examine", errno))?;
        let owner = access.owner.filter(|owner| owner.as_raw() != now.st_uid);
        let group = access.group.filter(|group| group.as_raw() != now.st_gid);
        if owner.is_none() && group.is_none() {
            return Ok(());
        }
        fchown(&self.file, owner, group).map_err(Trouble::changing_owner)
    }

    fn write(&mut self, bytes: &[u8], durability: Durability) -> Result<(), Trouble> {
        let written = self.file.write_all(bytes).and_then(|()| match durability {
            Durability::Durable => self.file.sync_all(),
            Durability::Volatile => Ok(()),
        });
        written.map_err(|error| Trouble::of_io("write", &error))
    }

    fn rename(mut self, target: &OsStr) -> Result<(), Trouble> {
        let handle = &self.directory.handle;
        renameat(handle, &*self.name, handle, target)
            .map_err(|errno| Trouble::of("rename", errno))?;
        self.renamed = true;
        Ok(())
    }
}

impl Drop for Temporary<'_> {
    fn drop(&mut self) {
        if !self.renamed {
            // If even this fails, `sweep` finds the file at the next start.
            let _ = unlinkat(&self.directory.handle, &*self.name, UnlinkatFlags::NoRemoveDir);
        }
    }
}

/// 64 random bits: `O_EXCL` refuses a name that exists, and nobody can guess one to block it.
fn random_name() -> Result<OsString, Trouble> {
    let mut random = [0; RANDOM_BYTES];
    getrandom::fill(&mut random).map_err(|_| Trouble::NoRandomness)?;
    let mut name = PREFIX.to_vec();
    name.extend(
        format!("{:0width$x}", u64::from_ne_bytes(random), width = 2 * RANDOM_BYTES).bytes(),
    );
    Ok(OsStr::from_bytes(&name).to_owned())
}
