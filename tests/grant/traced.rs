//! A process that is followed from one system call to the next, over all its threads, and killed
//! before one of them.

use std::{
    collections::HashSet,
    io::Write,
    process::{Child, Command, Stdio},
};

use nix::{
    errno::Errno,
    libc,
    sys::{
        ptrace::{self, Options},
        signal::{Signal, kill},
        wait::{WaitPidFlag, WaitStatus, waitpid},
    },
    unistd::Pid,
};

/// The system calls that change something that others can see: files and connections. A process
/// that is killed at any other leaves what it leaves at the next of these.
const CALLS: [i64; 14] = [
    libc::SYS_flock,
    libc::SYS_openat,
    libc::SYS_mkdirat,
    libc::SYS_fchmod,
    libc::SYS_fchmodat,
    libc::SYS_write,
    libc::SYS_writev,
    libc::SYS_ftruncate,
    libc::SYS_fsync,
    libc::SYS_renameat,
    libc::SYS_unlinkat,
    libc::SYS_connect,
    libc::SYS_sendto,
    libc::SYS_recvfrom,
];

/// How a process ended.
#[derive(Debug, PartialEq, Eq)]
pub enum End {
    /// By itself, with this exit code, after so many of the calls.
    Exited(i32, u32),
    /// Killed.
    Killed,
}

/// What starts a program once it is told to, so that it can be followed from its start.
pub const GATE: [&str; 3] = ["/bin/sh", "-c", r#"read -r _ && exec "$0" "$@""#];

/// Follows a process that waits behind the gate. From the first `flock` on, by which it becomes
/// the one writer of its state directory, it is killed before the call of this number.
pub fn follow(mut command: Command, kill_before: Option<u32>) -> Result<End, Errno> {
    let mut child = command.stdin(Stdio::piped()).spawn().unwrap();
    let pid = Pid::from_raw(i32::try_from(child.id()).unwrap());
    let options =
        Options::PTRACE_O_TRACESYSGOOD | Options::PTRACE_O_TRACECLONE | Options::PTRACE_O_EXITKILL;
    let followed = ptrace::seize(pid, options).and_then(|()| ptrace::interrupt(pid));
    if let Err(errno) = followed {
        end(&mut child);
        return Err(errno);
    }
    child.stdin.take().unwrap().write_all(b"\n").unwrap();
    let followed = step_through(pid, kill_before);
    end(&mut child);
    followed
}

fn step_through(child: Pid, kill_before: Option<u32>) -> Result<End, Errno> {
    let mut inside = HashSet::new();
    let mut calls = 0;
    loop {
        // Only children of this thread: other threads follow processes of their own.
        let status = waitpid(None, Some(WaitPidFlag::__WALL | WaitPidFlag::__WNOTHREAD))?;
        let (thread, signal) = match status {
            WaitStatus::Exited(pid, code) if pid == child => return Ok(End::Exited(code, calls)),
            WaitStatus::Signaled(pid, ..) if pid == child => return Ok(End::Killed),
            WaitStatus::PtraceSyscall(thread) => {
                // Each call stops twice: where it begins and where it ends.
                let begins = inside.insert(thread) || !inside.remove(&thread);
                if begins && counts(thread, calls) {
                    calls += 1;
                    if Some(calls) == kill_before {
                        kill(child, Signal::SIGKILL)?;
                        continue;
                    }
                }
                (thread, None)
            }
            WaitStatus::PtraceEvent(thread, ..) => (thread, None),
            WaitStatus::Stopped(thread, signal) => (thread, Some(signal)),
            _ => continue,
        };
        match ptrace::syscall(thread, signal) {
            // It was killed meanwhile.
            Ok(()) | Err(Errno::ESRCH) => {}
            Err(errno) => return Err(errno),
        }
    }
}

/// Whether a thread that stops at a call stops at one of ours.
fn counts(thread: Pid, calls: u32) -> bool {
    let number = number(thread).unwrap_or(-1);
    CALLS.contains(&number) && (calls > 0 || number == libc::SYS_flock)
}

#[cfg(target_arch = "x86_64")]
fn number(thread: Pid) -> Option<i64> {
    i64::try_from(ptrace::getregs(thread).ok()?.orig_rax).ok()
}

#[cfg(target_arch = "aarch64")]
fn number(thread: Pid) -> Option<i64> {
    i64::try_from(ptrace::getregs(thread).ok()?.regs[8]).ok()
}

fn end(child: &mut Child) {
    // Both fail only for a process that has been waited for already.
    child.kill().ok();
    child.wait().ok();
}
