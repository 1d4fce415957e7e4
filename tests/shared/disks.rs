//! Folders that become disks, for tests with mounts of their own.

use std::path::Path;

use nix::mount::{MsFlags, mount};

use crate::own_mounts::mount_at;

const NOTHING: Option<&str> = None;

/// A small disk, in place of a folder.
pub fn mount_small_disk(path: &Path) {
    mount(Some("none"), path, Some("tmpfs"), MsFlags::empty(), Some("size=64k")).unwrap();
}

/// A file or a folder becomes a mount of itself.
pub fn mount_on_itself(path: &Path) {
    mount_at(path, path);
}

/// Such a mount cannot be written to any more.
pub fn make_read_only(path: &Path) {
    let flags = MsFlags::MS_REMOUNT | MsFlags::MS_BIND | MsFlags::MS_RDONLY;
    mount(NOTHING, path, NOTHING, flags, NOTHING).unwrap();
}
