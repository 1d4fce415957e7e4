//! What the process keeps to itself: its memory, and files that are not finished.

use std::{
    fs,
    os::unix::{
        fs::{MetadataExt, PermissionsExt},
        process::CommandExt,
    },
    path::PathBuf,
    process::{Child, Command, Stdio},
};

use nix::unistd::geteuid;

use crate::{
    fixture::{Credential, Fixture},
    wait::until,
};

/// Somebody who owns nothing.
const NOBODY: u32 = 65_534;

#[test]
fn the_daemon_leaves_no_core_and_makes_no_file_for_others() {
    let fixture = Fixture::new();
    fixture.configure(&[Credential::new("a")]);
    let daemon = fixture.run_until_published(&["a"]);
    let proc = |name: &str| fs::read_to_string(format!("/proc/{}/{name}", daemon.pid())).unwrap();
    let limits = proc("limits");
    let core = limits.lines().find(|line| line.starts_with("Max core file size")).unwrap();
    assert_eq!(core.split_whitespace().collect::<Vec<_>>()[4..6], ["0", "0"], "{core}");
    assert!(proc("status").contains("\nUmask:\t0077\n"));
    let mode = |name: &str| fs::metadata(fixture.path(name)).unwrap().permissions().mode() & 0o7777;
    assert_eq!([mode("out"), mode("out/a"), mode("state")], [0o755, 0o755, 0o700]);
}

/// The kernel gives the files below `/proc/PID` of a process that is not dumpable to root.
#[test]
fn no_process_of_the_same_user_reads_its_memory() {
    let place = tempfile::tempdir().unwrap();
    let program = place.path().join("tokenward");
    fs::copy(env!("CARGO_BIN_EXE_tokenward"), &program).unwrap();
    for path in [place.path(), &program] {
        fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
    }
    let mut command = Command::new(program);
    command.arg("sandbox").stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    if geteuid().is_root() {
        command.uid(NOBODY);
    }
    let child = Killed(command.spawn().unwrap());
    let proc = PathBuf::from(format!("/proc/{}", child.0.id()));
    // The umask comes first. Before the program is loaded, the change of the user hides the memory.
    let status = || fs::read_to_string(proc.join("status")).unwrap();
    until("the umask", || status().contains("\nUmask:\t0077\n"));
    until("the seal", || fs::metadata(proc.join("mem")).unwrap().uid() == 0);
}

/// A process that does not outlive its test.
struct Killed(Child);

impl Drop for Killed {
    fn drop(&mut self) {
        self.0.kill().ok();
        self.0.wait().ok();
    }
}
