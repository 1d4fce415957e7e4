//! A daemon under measurement: a process of its own, seen through `/proc`.

use std::{
    fs::{self, File},
    io,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};

use super::stage::Stage;

/// How often it is looked whether a file is there: the error of every time that is measured.
const LOOK: Duration = Duration::from_micros(100);

/// A running daemon.
pub struct Daemon {
    child: Child,
    started: Instant,
}

/// What its pages take, in bytes (`proc_pid_status(5)`, `proc_pid_smaps(5)`).
#[derive(Clone, Copy)]
pub struct Memory {
    /// `VmRSS`: everything that is in memory.
    pub resident: u64,
    /// `RssAnon`: heap and stacks.
    pub anonymous: u64,
    /// `RssFile`: the program and its libraries, which the kernel may drop and share.
    pub of_files: u64,
    /// `Pss`: the same, with shared pages divided by their users.
    pub proportional: u64,
}

impl Daemon {
    /// Starts one on a stage.
    pub fn start(stage: &Stage) -> io::Result<Self> {
        let log = File::options().create(true).append(true).open(stage.log())?;
        let started = moment();
        let child = Command::new(env!("CARGO_BIN_EXE_tokenward"))
            .args(["run", "--config"])
            .arg(stage.configuration())
            .env_clear()
            .stdin(Stdio::null())
            .stderr(log)
            .spawn()?;
        Ok(Self { child, started })
    }

    /// Waits until a consumer of each output can read a token; how long that was after the start.
    pub fn wait_for_outputs(&mut self, stage: &Stage, patience: Duration) -> io::Result<Duration> {
        for output in stage.outputs() {
            let readable = || fs::read(&output).is_ok_and(|token| !token.is_empty());
            self.wait_until(&output.to_string_lossy(), stage, patience, readable)?;
        }
        Ok(self.started.elapsed())
    }

    /// Waits until something has happened; how long that was after the start.
    pub fn wait_until(
        &mut self,
        what: &str,
        stage: &Stage,
        patience: Duration,
        happened: impl Fn() -> bool,
    ) -> io::Result<Duration> {
        while !happened() {
            if self.started.elapsed() > patience || self.child.try_wait()?.is_some() {
                let log = fs::read_to_string(stage.log())?;
                let end = log.lines().rev().take(5).collect::<Vec<_>>().join("\n");
                return Err(io::Error::other(format!("no {what}:\n{end}")));
            }
            pause(LOOK);
        }
        Ok(self.started.elapsed())
    }

    /// Its memory now.
    pub fn memory(&self) -> io::Result<Memory> {
        let status = self.proc("status")?;
        let rollup = self.proc("smaps_rollup")?;
        Ok(Memory {
            resident: field(&status, "VmRSS:")?,
            anonymous: field(&status, "RssAnon:")?,
            of_files: field(&status, "RssFile:")?,
            proportional: field(&rollup, "Pss:")?,
        })
    }

    /// The processor time of its threads so far (`proc_pid_schedstat(5)` counts nanoseconds, and
    /// each thread on its own).
    pub fn cpu(&self) -> io::Result<Duration> {
        let mut nanoseconds = 0;
        for thread in fs::read_dir(format!("/proc/{}/task", self.child.id()))? {
            // A thread may end while we look.
            let Ok(text) = fs::read_to_string(thread?.path().join("schedstat")) else { continue };
            nanoseconds += number(text.split(' ').next())?;
        }
        Ok(Duration::from_nanos(nanoseconds))
    }

    /// Asks it to stop, and waits until it has.
    pub fn stop(mut self) -> io::Result<()> {
        let id = i32::try_from(self.child.id()).map_err(io::Error::other)?;
        kill(Pid::from_raw(id), Signal::SIGTERM)?;
        let status = self.child.wait()?;
        if status.success() { Ok(()) } else { Err(io::Error::other(status.to_string())) }
    }

    fn proc(&self, file: &str) -> io::Result<String> {
        fs::read_to_string(format!("/proc/{}/{file}", self.child.id()))
    }
}

impl Drop for Daemon {
    /// A measurement that failed leaves nothing running.
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A line such as `VmRSS:      7532 kB`.
fn field(text: &str, name: &str) -> io::Result<u64> {
    let value = text.lines().find_map(|line| line.strip_prefix(name));
    Ok(number(value.and_then(|value| value.split_whitespace().next()))? * 1024)
}

fn number(text: Option<&str>) -> io::Result<u64> {
    text.and_then(|text| text.parse().ok())
        .ok_or_else(|| io::Error::other("/proc does not say what proc(5) promises"))
}

/// Now.
#[expect(clippy::disallowed_methods, reason = "`clock` counts milliseconds; this needs finer ones")]
pub fn moment() -> Instant {
    Instant::now()
}

/// Lets the daemon work.
#[expect(clippy::disallowed_methods, reason = "a measurement has to wait")]
pub fn pause(span: Duration) {
    std::thread::sleep(span);
}
