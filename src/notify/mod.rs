//! Telling consumers that their outputs have changed.
//!
//! Each kind of notification has its file. When to tell, and whether to tell again after a
//! failure, is the scheduler's business. No way of telling carries the token.

mod command;
mod error;
mod program;
mod signal;
mod systemd;
#[cfg(test)]
mod tests;

pub use self::error::NotifyError;
use crate::credential::{Name, Notification};

/// Tells one consumer that the outputs of these credentials have changed.
pub async fn notify(notification: &Notification, names: &[Name]) -> Result<(), NotifyError> {
    match notification {
        Notification::Signal { pid_file, signal } => signal::send(pid_file, *signal).await,
        Notification::Command { argv, timeout } => command::run(argv, *timeout, names).await,
        Notification::Systemd { unit, action, timeout } => {
            systemd::ask(systemd::SYSTEMCTL, unit, *action, *timeout).await
        }
    }
}
