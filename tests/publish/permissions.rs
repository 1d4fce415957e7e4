//! What a daemon without privileges may not do has its named error.

use std::{
    fs::{self, Permissions},
    os::unix::fs::PermissionsExt,
    process::Command,
    sync::Arc,
};

use nix::unistd::geteuid;
use tokenward::publish::{OutputError, preflight, publish};

use crate::{left_out, token, token_file};

const TEST: &str = "permissions::what_the_daemon_may_not_do_is_named";
/// Set for the child that has lost root's capabilities.
const CHILD: &str = "TOKENWARD_TEST_UNPRIVILEGED";

#[test]
fn what_the_daemon_may_not_do_is_named() {
    if geteuid().is_root() && std::env::var_os(CHILD).is_none() {
        return run_unprivileged();
    }
    let directory = tempfile::tempdir().unwrap();
    let closed = directory.path().join("closed");
    fs::create_dir(&closed).unwrap();
    fs::set_permissions(&closed, Permissions::from_mode(0o500)).unwrap();
    let mut anothers = token_file("anothers");
    Arc::make_mut(&mut anothers.access).owner = Some("4242".into());
    let mut other_group = token_file("other_group");
    Arc::make_mut(&mut other_group.access).group = Some("4242".into());
    let outputs = [anothers, other_group, token_file("closed/token"), token_file("good")];

    let expected = ["owner_refused", "owner_refused", "permission_denied"];
    let reasons =
        |errors: &[OutputError]| errors.iter().map(OutputError::reason).collect::<Vec<_>>();
    assert_eq!(reasons(&preflight(directory.path(), &outputs)), expected);
    let error = publish(directory.path(), &outputs, None, &token("new", 1_000)).unwrap_err();
    assert_eq!(reasons(&error.failures), expected);
    let left = fs::read_dir(directory.path()).unwrap().count();
    assert_eq!(left, 3, "closed, good and its expiry");
}

fn run_unprivileged() {
    let child = Command::new("setpriv")
        .args(["--bounding-set", "-chown,-dac_override,-dac_read_search"])
        .arg(std::env::current_exe().unwrap())
        .args(["--exact", TEST, "--nocapture"])
        .env(CHILD, "")
        .output();
    match child {
        Ok(output) => {
            let said = String::from_utf8_lossy(&output.stdout);
            assert!(output.status.success() && said.contains("1 passed"), "{output:?}");
        }
        Err(error) => left_out("a daemon without privileges", &format!("setpriv: {error}")),
    }
}
