//! A running `tokenward`, and the signals that reach it.

use std::{
    path::Path,
    process::{Child, Command, Stdio},
};

use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};

use crate::{fixture::append, wait::until};

/// A process that is killed when dropped.
pub struct Daemon {
    child: Child,
}

impl Daemon {
    /// Starts it; everything that it prints goes to `log`.
    pub fn start(mut command: Command, log: &Path) -> Self {
        let log = append(log);
        let printed = log.try_clone().unwrap();
        let child = command.stdin(Stdio::null()).stdout(printed).stderr(log).spawn().unwrap();
        Self { child }
    }

    pub fn pid(&self) -> i32 {
        i32::try_from(self.child.id()).unwrap()
    }

    pub fn signal(&self, signal: Signal) {
        kill(Pid::from_raw(self.pid()), signal).unwrap();
    }

    /// Whether it has not ended yet.
    pub fn runs(&mut self) -> bool {
        self.child.try_wait().unwrap().is_none()
    }

    /// Waits until it ends; its exit code.
    pub fn exit_code(mut self) -> Option<i32> {
        let mut status = None;
        until("the end of the process", || {
            status = self.child.try_wait().unwrap();
            status.is_some()
        });
        status.and_then(|status| status.code())
    }

    /// SIGTERM, and the exit code.
    pub fn stop(self) -> Option<i32> {
        self.signal(Signal::SIGTERM);
        self.exit_code()
    }

    /// `kill -9`: nothing of it runs any more when this returns.
    pub fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        // Both fail only for a process that has been waited for already.
        self.child.kill().ok();
        self.child.wait().ok();
    }
}
