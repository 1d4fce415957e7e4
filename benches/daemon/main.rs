//! What a daemon costs: the time to its first token, and its memory when nothing is left to do.
//!
//! `cargo bench` runs the program itself, as a user would, against the sandbox on loopback, with
//! its files on the disk that holds the build. The aims are printed beside the figures and
//! decide nothing; the run fails only when tokens do not appear at all.

mod daemon;
mod figures;
mod stage;

use std::{error::Error, time::Duration};

use self::{
    daemon::{Daemon, Memory},
    figures::{Spread, bytes, milliseconds},
    stage::Stage,
};

/// Starts of each kind.
const STARTS: usize = 31;

/// After this long the threads for the disk have ended (10 s) and idle connections are closed
/// (twice 15 s): what is left is what stays.
const SETTLED: Duration = Duration::from_secs(35);

/// How long the idle daemon is watched.
const IDLE: Duration = Duration::from_secs(10);

/// Longer than any publication takes.
const PATIENCE: Duration = Duration::from_secs(600);

type Outcome<T> = Result<T, Box<dyn Error>>;

fn main() -> Outcome<()> {
    starts()?;
    steady_state()
}

fn starts() -> Outcome<()> {
    let stage = Stage::new(1)?;
    let mut fresh = Vec::new();
    let mut again = Vec::new();
    for _ in 0..STARTS {
        stage.clear_state()?;
        fresh.push(start(&stage)?);
        again.push(start(&stage)?);
    }
    let asked = stage.requests();
    if asked != STARTS {
        return Err(format!("{asked} requests for {STARTS} fresh starts").into());
    }
    println!(
        "From process start to the first token file that can be read ({STARTS} starts each):\n"
    );
    println!("{:<44}{:>10}{:>10}{:>10}{:>12}", "", "least", "median", "most", "aim");
    row("nothing on disk yet: one request", &mut fresh, "< 40 ms");
    row("a token on disk, its output gone: no request", &mut again, "");
    Ok(())
}

/// How long it takes from the start of the process to the first token.
fn start(stage: &Stage) -> Outcome<Duration> {
    stage.clear_outputs()?;
    let mut daemon = Daemon::start(stage)?;
    let first = daemon.wait_for_outputs(stage, PATIENCE)?;
    daemon.stop()?;
    Ok(first)
}

fn row(what: &str, times: &mut [Duration], aim: &str) {
    let Spread { least, median, most } = Spread::of(times);
    let [least, median, most] = [least, median, most].map(milliseconds);
    println!("{what:<44}{least:>10}{median:>10}{most:>10}{aim:>12}");
}

fn steady_state() -> Outcome<()> {
    println!("\nIn steady state, {} s after the last token was published:\n", SETTLED.as_secs());
    println!(
        "{:>11}{:>12}{:>12}{:>12}{:>12}{:>10}{:>15}{:>12}",
        "credentials", "VmRSS", "anonymous", "of files", "Pss", "CPU", "all published", "aim"
    );
    let one = settle(1, false, "< 8 MiB")?;
    settle(1_000, false, "")?;
    let many = settle(10_000, false, "")?;
    settle(10_000, true, "")?;
    let further = many.resident.saturating_sub(one.resident) / 9_999;
    println!("\nEach further credential, from 1 to 10,000: {further} bytes (aim: < 1,024 bytes)");
    Ok(())
}

/// Runs a daemon until it is idle; its memory. After a restart it finds tokens on disk, and its
/// outputs gone, as after a reboot that emptied `/run`.
fn settle(credentials: usize, restarted: bool, aim: &str) -> Outcome<Memory> {
    let stage = Stage::new(credentials)?;
    if restarted {
        let mut daemon = Daemon::start(&stage)?;
        daemon.wait_for_outputs(&stage, PATIENCE)?;
        daemon.stop()?;
        stage.clear_outputs()?;
    }
    let mut daemon = Daemon::start(&stage)?;
    let all = daemon.wait_for_outputs(&stage, PATIENCE)?;
    daemon::pause(SETTLED);
    let before = daemon.cpu()?;
    daemon::pause(IDLE);
    let busy = daemon.cpu()?.saturating_sub(before).as_secs_f64() / IDLE.as_secs_f64();
    let memory = daemon.memory()?;
    daemon.stop()?;
    if stage.requests() != credentials {
        return Err(format!("{} requests for {credentials} tokens", stage.requests()).into());
    }
    let Memory { resident, anonymous, of_files, proportional } = memory;
    let [resident, anonymous, of_files, proportional] =
        [resident, anonymous, of_files, proportional].map(bytes);
    println!(
        "{credentials:>11}{resident:>12}{anonymous:>12}{of_files:>12}{proportional:>12}{:>8.3} %{:>13.2} s{:>12}",
        busy * 100.0,
        all.as_secs_f64(),
        if restarted { "(restarted)" } else { aim },
    );
    Ok(memory)
}
