//! Grants that live by one refresh token after another: whatever happens to the process, the
//! grant goes on.

mod adopted;
mod killed;
mod machine;
mod server;
mod traced;

use std::io::{self, Write};

/// Says something in spite of the test harness, which swallows what is printed.
fn say(line: &str) {
    io::stderr().lock().write_all(format!("{line}\n").as_bytes()).unwrap();
}

/// Says what was not tried here, and why. In CI nothing may be left out.
fn left_out(what: &str, why: &str) {
    assert!(std::env::var_os("CI").is_none(), "left out in CI: {what} ({why})");
    say(&format!("left out: {what} ({why})"));
}
