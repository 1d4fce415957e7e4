//! `command`: a program with its arguments, and no shell.

use std::{io, time::Duration};

use super::{
    NotifyError,
    program::{end, not_run, quiet},
};
use crate::credential::{CommandLine, Name};

/// Names, separated by spaces, of the credentials whose outputs have changed.
const CREDENTIALS: &str = "TOKENWARD_CREDENTIALS";

/// Runs the program to its end, or to the end of its time.
pub(super) async fn run(
    argv: &CommandLine,
    timeout: Duration,
    names: &[Name],
) -> Result<(), NotifyError> {
    let program = argv.program();
    let [path, arguments @ ..] = &*argv.0 else {
        return Err(not_run(program)(io::ErrorKind::NotFound.into()));
    };
    let names: Vec<_> = names.iter().map(Name::as_str).collect();
    let mut child = quiet(path)
        .args(arguments.iter().map(|argument| &**argument))
        .env(CREDENTIALS, names.join(" "))
        .spawn()
        .map_err(not_run(program))?;
    let status = end(&mut child, program, timeout).await?;
    if status.success() {
        Ok(())
    } else {
        Err(NotifyError::Failed { program: program.into(), status })
    }
}
