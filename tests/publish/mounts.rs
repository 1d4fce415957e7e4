//! Mounts that stop a publication: each has its named error, and the old token stays.

use std::{
    fs,
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
    thread,
};

use nix::{
    mount::{MntFlags, umount2},
    sched::{CloneFlags, unshare},
    sys::stat::{Mode, umask},
};
use tempfile::TempDir;
use tokenward::{
    credential::Output,
    publish::{OutputError, preflight, publish},
};

use crate::{
    disks::{make_read_only, mount_on_itself, mount_small_disk},
    own_mounts::with_own_mounts,
    token, token_file,
};

/// A mount that goes before its directory goes.
struct Mounted(PathBuf);

impl Mounted {
    fn small_disk(path: &Path) -> Self {
        mount_small_disk(path);
        Self(path.to_owned())
    }

    fn on_itself(path: &Path) -> Self {
        mount_on_itself(path);
        Self(path.to_owned())
    }
}

impl Drop for Mounted {
    fn drop(&mut self) {
        umount2(&self.0, MntFlags::MNT_DETACH).unwrap();
    }
}

fn names(path: &Path) -> Vec<String> {
    let mut names: Vec<_> = fs::read_dir(path)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

/// What stops a new token, according to the preflight and to the publication itself.
fn reasons(directory: &TempDir, outputs: &[Output], access_token: &str) -> [Vec<&'static str>; 2] {
    let reasons = |errors: &[OutputError]| errors.iter().map(OutputError::reason).collect();
    let foreseen = preflight(directory.path(), outputs);
    let failed = publish(directory.path(), outputs, None, &token(access_token, 2_000)).unwrap_err();
    [reasons(&foreseen), reasons(&failed.failures)]
}

#[test]
fn a_full_disk_keeps_the_old_token() {
    with_own_mounts("a full disk", || {
        let directory = tempfile::tempdir().unwrap();
        let _mounted = Mounted::small_disk(directory.path());
        let outputs = [token_file("token")];
        publish(directory.path(), &outputs, None, &token("old", 1_000)).unwrap();
        let [foreseen, failed] = reasons(&directory, &outputs, &"x".repeat(100_000));
        assert!(foreseen.is_empty(), "no preflight knows how long a token will be");
        assert_eq!(failed, ["disk_full"]);
        assert_eq!(fs::read(directory.path().join("token")).unwrap(), b"old");
        assert_eq!(fs::read(directory.path().join("token.expires_at")).unwrap(), b"1000");
        assert_eq!(
            names(directory.path()),
            ["token", "token.expires_at"],
            "nothing is left behind"
        );
        publish(directory.path(), &outputs, None, &token("new", 2_000)).unwrap();
    });
}

#[test]
fn a_file_that_is_mounted_by_itself_is_named() {
    with_own_mounts("a file mounted by itself", || {
        let directory = tempfile::tempdir().unwrap();
        let outputs = [token_file("token")];
        publish(directory.path(), &outputs, None, &token("old", 1_000)).unwrap();
        for name in ["token", "token.expires_at"] {
            let _mounted = Mounted::on_itself(&directory.path().join(name));
            let [foreseen, failed] = reasons(&directory, &outputs, "new");
            assert_eq!((foreseen, failed), (vec!["mount_point"], vec!["mount_point"]), "{name}");
            assert_eq!(names(directory.path()), ["token", "token.expires_at"]);
        }
        assert_eq!(fs::read(directory.path().join("token.expires_at")).unwrap(), b"1000");
    });
}

#[test]
fn a_read_only_volume_is_named() {
    with_own_mounts("a read-only volume", || {
        let directory = tempfile::tempdir().unwrap();
        let outputs = [token_file("a/token"), token_file("token")];
        publish(directory.path(), &outputs, None, &token("old", 1_000)).unwrap();
        let _mounted = Mounted::on_itself(directory.path());
        make_read_only(directory.path());
        let [foreseen, failed] = reasons(&directory, &outputs, "new");
        assert_eq!(foreseen, ["read_only", "read_only"]);
        assert_eq!(failed, ["read_only", "read_only"]);
        assert_eq!(fs::read(directory.path().join("a/token")).unwrap(), b"old");
    });
}

#[test]
fn a_sub_folder_on_another_volume_is_fine() {
    with_own_mounts("a sub-folder on another volume", || {
        let directory = tempfile::tempdir().unwrap();
        let volume = directory.path().join("volume");
        fs::create_dir(&volume).unwrap();
        let _mounted = Mounted::small_disk(&volume);
        let outputs = [token_file("volume/token")];
        assert_eq!(preflight(directory.path(), &outputs), []);
        publish(directory.path(), &outputs, None, &token("new", 1_000)).unwrap();
        assert_eq!(fs::read(volume.join("token")).unwrap(), b"new");
    });
}

/// The umask belongs to a thread of its own, so that no other test gets it.
#[test]
fn no_umask_changes_a_mode() {
    let directory = tempfile::tempdir().unwrap();
    let mode = |path: String| {
        let metadata = fs::metadata(directory.path().join(path)).unwrap();
        metadata.mode() & 0o7777
    };
    for mask in [0o777, 0o000] {
        let outputs = [token_file(&format!("{mask}/token"))];
        let in_thread = || {
            unshare(CloneFlags::CLONE_FS).unwrap();
            umask(Mode::from_bits_truncate(mask));
            publish(directory.path(), &outputs, None, &token("new", 1_000)).unwrap();
        };
        thread::scope(|scope| scope.spawn(in_thread).join().unwrap());
        let modes = (mode(format!("{mask}")), mode(format!("{mask}/token")));
        assert_eq!(modes, (0o755, 0o640), "umask {mask:o}");
    }
}
