//! Mounts of a test's own.
//!
//! A thread with a mount namespace of its own needs no clean-up, disturbs no other test, and hands
//! its mounts on to the programs that it starts; but it needs root.

use std::{path::Path, thread};

use nix::{
    mount::{MsFlags, mount},
    sched::{CloneFlags, unshare},
};

use crate::left_out::left_out;

const NOTHING: Option<&str> = None;

/// Runs the test in a thread that has mounts of its own.
pub fn with_own_mounts(what: &str, test: impl FnOnce() + Send) {
    let in_thread = || {
        let own = unshare(CloneFlags::CLONE_NEWNS).and_then(|()| {
            mount(NOTHING, "/", NOTHING, MsFlags::MS_REC | MsFlags::MS_PRIVATE, NOTHING)
        });
        match own {
            Ok(()) => test(),
            Err(errno) => left_out(what, errno.desc()),
        }
    };
    thread::scope(|scope| scope.spawn(in_thread).join().unwrap());
}

/// A file or a folder is seen at another place, too.
pub fn mount_at(source: &Path, target: &Path) {
    mount(Some(source), target, NOTHING, MsFlags::MS_BIND, NOTHING).unwrap();
}
