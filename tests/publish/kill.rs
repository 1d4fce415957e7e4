//! Killed at any system call, a publication leaves each file whole: the old one or the new one.

use std::{
    fs,
    os::unix::{fs::MetadataExt, process::ExitStatusExt},
    path::Path,
    process::{Command, ExitStatus},
};

use serde_json::Value;
use tempfile::TempDir;
use tokenward::{
    credential::{Content, Output},
    publish::{publish, sweep},
};

use crate::{left_out, output, token, token_file};

/// Where the child is to publish.
const DIRECTORY: &str = "TOKENWARD_TEST_DIRECTORY";
const OLD: (&str, i64) = ("old", 1_000);
const NEW_EXPIRY: i64 = 2_000;

/// Every call that creates, changes or names a file, and how often the three files need it.
const CALLS: [(&str, u32); 5] =
    [("openat", 8), ("fchmod", 3), ("write", 3), ("fsync", 6), ("renameat", 3)];

fn outputs() -> [Output; 2] {
    [token_file("a/token"), output("b.json", Content::JsonFile)]
}

fn new() -> String {
    "new".repeat(10_000)
}

/// Alone it shows that the publication succeeds; the test below kills it on its way.
#[test]
fn a_publication_that_nobody_kills_succeeds() {
    let own = tempfile::tempdir().unwrap();
    let directory = std::env::var_os(DIRECTORY).map_or(own.path().to_owned(), Into::into);
    publish(&directory, &outputs(), None, &token(&new(), NEW_EXPIRY)).unwrap();
    assert_whole(&directory, "alone");
}

#[test]
fn a_publication_killed_anywhere_leaves_whole_files() {
    if !strace_is_here("killing a publication between system calls") {
        return;
    }
    for (call, needed) in CALLS {
        for count in 1.. {
            let directory = published_once();
            let inject = format!("inject={call}:signal=KILL:when={count}");
            let status = publish_under_strace(directory.path(), &["-e", &inject]);
            assert_whole(directory.path(), &format!("killed at {call} {count}"));
            sweep(directory.path(), &outputs());
            assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 2, "a, b.json");
            assert_eq!(fs::read_dir(directory.path().join("a")).unwrap().count(), 2);
            if status.success() {
                assert!(count > needed, "{call} {count}: does the child still publish?");
                break;
            }
            assert_eq!(status.signal(), Some(9), "{call} {count}: {status}");
        }
    }
}

/// What no kill can show: a power cut loses what has not been synced.
#[test]
fn bytes_are_synced_before_they_get_their_name_and_the_name_after() {
    if !strace_is_here("the order of system calls") {
        return;
    }
    let directory = published_once();
    let log = tempfile::NamedTempFile::new().unwrap();
    let trace = ["-y", "-e", "trace=fchmod,write,fsync,renameat", "-o"];
    let status = publish_under_strace(
        directory.path(),
        &[trace.as_slice(), &[log.path().to_str().unwrap()]].concat(),
    );
    assert!(status.success(), "{status}");
    let traced = fs::read_to_string(log.path()).unwrap();
    let ours = traced.lines().filter(|line| line.contains(directory.path().to_str().unwrap()));
    // Each line begins with the number of the thread.
    let calls: Vec<_> = ours
        .filter_map(|line| line.split_once(' ')?.1.trim_start().split_once('('))
        .map(|(call, arguments)| {
            let new_file = arguments.contains("/.tokenward-");
            format!("{call}{}", if new_file { " new file" } else { "" })
        })
        .collect();
    let one = ["fchmod new file", "write new file", "fsync new file", "renameat", "fsync"];
    assert_eq!(calls, one.repeat(3), "{traced}");
}

fn strace_is_here(what: &str) -> bool {
    let why = match Command::new("strace").args(["-o", "/dev/null", "true"]).output() {
        Ok(output) if output.status.success() => return true,
        Ok(output) => String::from_utf8_lossy(&output.stderr).trim().to_owned(),
        Err(error) => format!("strace: {error}"),
    };
    left_out(what, &why);
    false
}

fn published_once() -> TempDir {
    let directory = tempfile::tempdir().unwrap();
    publish(directory.path(), &outputs(), None, &token(OLD.0, OLD.1)).unwrap();
    directory
}

fn publish_under_strace(directory: &Path, options: &[&str]) -> ExitStatus {
    Command::new("strace")
        .arg("-f")
        .args(options)
        .arg(std::env::current_exe().unwrap())
        .args(["--exact", "kill::a_publication_that_nobody_kills_succeeds", "--test-threads=1"])
        .env(DIRECTORY, directory)
        .output()
        .unwrap()
        .status
}

fn assert_whole(directory: &Path, case: &str) {
    let read = |name: &str| fs::read_to_string(directory.join(name)).unwrap();
    let is_new = |token: &str| {
        assert!(token == OLD.0 || token == new(), "{case}: {} bytes", token.len());
        token == new()
    };
    let expiry: i64 = read("a/token.expires_at").parse().unwrap();
    if !is_new(&read("a/token")) {
        assert_eq!(expiry, OLD.1, "{case}: an old token must not seem to live longer");
    }
    assert!([OLD.1, NEW_EXPIRY].contains(&expiry), "{case}: {expiry}");

    let document: Value = serde_json::from_str(&read("b.json")).unwrap();
    let expected =
        if is_new(document["access_token"].as_str().unwrap()) { NEW_EXPIRY } else { OLD.1 };
    assert_eq!(document["expires_at"], expected, "{case}");
    for name in ["a/token", "a/token.expires_at", "b.json"] {
        let mode = fs::metadata(directory.join(name)).unwrap().mode() & 0o7777;
        assert_eq!(mode, 0o640, "{case}: {name}");
    }
}
