//! Grants that live by one refresh token after another: whatever happens to the process, the
//! grant goes on.

mod adopted;
mod killed;
#[path = "../shared/left_out.rs"]
mod left_out;
mod machine;
mod server;
mod traced;

use std::io::{self, Write};

/// Says something in spite of the test harness, which swallows what is printed.
fn say(line: &str) {
    io::stderr().lock().write_all(format!("{line}\n").as_bytes()).unwrap();
}
