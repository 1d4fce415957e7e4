//! Tests that cannot be made on every machine.

use std::io::{self, Write};

/// Says what was not tried here, and why. It goes to the real standard error, because the test
/// harness swallows what `eprintln!` prints. In CI nothing may be left out.
pub fn left_out(what: &str, why: &str) {
    assert!(std::env::var_os("CI").is_none(), "left out in CI: {what} ({why})");
    let line = format!("left out: {what} ({why})\n");
    io::stderr().lock().write_all(line.as_bytes()).unwrap();
}
