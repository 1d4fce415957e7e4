//! The verbs.

use std::process::ExitCode;

/// Runs the verb on the command line.
pub fn main() -> ExitCode {
    ExitCode::SUCCESS
}
