//! `signal`: to the process whose id stands in a file.

use std::{io, path::Path};

use nix::{
    errno::Errno,
    fcntl::OFlag,
    sys::signal::{Signal, kill},
    unistd::Pid,
};
use tokio::{fs::OpenOptions, io::AsyncReadExt};

use super::NotifyError;

/// A process id and the line break after it; some programs write more lines below.
const LIMIT: u64 = 64;

/// Reads the file anew each time, because the consumer may have been restarted.
pub(super) async fn send(path: &Path, signal: i32) -> Result<(), NotifyError> {
    let signal = Signal::try_from(signal).map_err(|_| NotifyError::UnknownSignal { signal })?;
    let head = read_head(path)
        .await
        .map_err(|error| NotifyError::PidFile { path: path.into(), kind: error.kind() })?;
    let pid = process_id(&head).ok_or_else(|| NotifyError::NotAProcess { path: path.into() })?;
    match kill(Pid::from_raw(pid), signal) {
        Ok(()) => Ok(()),
        Err(Errno::ESRCH) => Err(NotifyError::NoProcess { path: path.into(), pid }),
        // Of the errors of `kill(2)`, only EPERM is left: the signal is a known one.
        Err(_) => Err(NotifyError::NotPermitted { path: path.into(), pid }),
    }
}

async fn read_head(path: &Path) -> io::Result<Vec<u8>> {
    let mut head = Vec::new();
    // `O_NONBLOCK`, lest a FIFO in the file's place hold us up for ever.
    let file =
        OpenOptions::new().read(true).custom_flags(OFlag::O_NONBLOCK.bits()).open(path).await?;
    file.take(LIMIT).read_to_end(&mut head).await?;
    Ok(head)
}

/// The number on the first line. To `kill(2)` zero and negative numbers mean whole groups, and 1
/// is the init process, which no consumer is.
fn process_id(head: &[u8]) -> Option<i32> {
    let line = str::from_utf8(head).ok()?.lines().next()?.trim();
    let digits = line.bytes().all(|byte| byte.is_ascii_digit());
    line.parse().ok().filter(|&pid| digits && pid > 1)
}
