//! A control group for all processes of a machine, by which they are ended.

use std::{
    fs,
    path::{Path, PathBuf},
};

use nix::{
    mount::{MntFlags, MsFlags, mount, umount2},
    sys::statfs::{CGROUP2_SUPER_MAGIC, statfs},
};

use crate::{wait::until, write::write};

const ROOT: &str = "/sys/fs/cgroup";
const NOTHING: Option<&str> = None;

/// A group below the root. Its processes are killed when it is dropped.
pub struct Cgroup(PathBuf);

impl Cgroup {
    /// Makes one. The mounts must be the test's own: systemd 257 boots with the second version of
    /// control groups only, so where this machine has the first, the other is mounted in its place.
    pub fn new(name: &str) -> Self {
        if !Path::new(ROOT).exists() {
            mount(Some("sysfs"), "/sys", Some("sysfs"), MsFlags::empty(), NOTHING).unwrap();
        }
        if statfs(ROOT).unwrap().filesystem_type() != CGROUP2_SUPER_MAGIC {
            // Fails if nothing is mounted there, which is fine.
            umount2(ROOT, MntFlags::MNT_DETACH).ok();
            mount(Some("cgroup2"), ROOT, Some("cgroup2"), MsFlags::empty(), NOTHING).unwrap();
        }
        let path = Path::new(ROOT).join(format!("{name}-{}", std::process::id()));
        fs::create_dir(&path).unwrap();
        Self(path)
    }

    /// The file through which a process joins.
    pub fn joined_through(&self) -> PathBuf {
        self.0.join("cgroup.procs")
    }
}

impl Drop for Cgroup {
    fn drop(&mut self) {
        write(&self.0.join("cgroup.kill"), "1");
        until("the processes of a machine to end", || {
            remove(&self.0);
            !self.0.exists()
        });
    }
}

/// Removes a group and those below it. One that still has a process stays.
fn remove(group: &Path) {
    let Ok(entries) = fs::read_dir(group) else { return };
    for entry in entries.flatten() {
        if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            remove(&entry.path());
        }
    }
    fs::remove_dir(group).ok();
}
