//! What a daemon costs: the time to its first token, and its memory when nothing is left to do.
//!
//! `cargo bench` runs the program itself, as a user would, against the sandbox on loopback, with
//! its files on the disk that holds the build. The aims are printed beside the figures and
//! decide nothing; the run fails only when tokens do not appear at all.

mod daemon;
mod figures;
mod stage;

use std::{error::Error, time::Duration};

use tokenward::daemon::{Reading, Surroundings};

use self::{
    daemon::{Daemon, Memory},
    figures::{Spread, bytes, milliseconds},
    stage::{Shape, Stage},
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
    println!(
        "From process start to the first token file that can be read ({STARTS} starts each):\n"
    );
    println!("{:<60}{:>10}{:>10}{:>10}{:>12}", "", "least", "median", "most", "aim");
    let stage = Stage::new(1, Shape::Entries)?;
    starts_with_a_request("nothing on disk yet: one request", &stage, "< 40 ms")?;
    let mut again = Vec::new();
    for _ in 0..STARTS {
        stage.clear_outputs()?;
        let mut daemon = Daemon::start(&stage)?;
        again.push(daemon.wait_for_outputs(&stage, PATIENCE)?);
        daemon.stop()?;
    }
    if stage.requests() != STARTS {
        return Err(format!("{} requests for {STARTS} fresh starts", stage.requests()).into());
    }
    row("a token on disk, its output gone: no request", &mut again, "");
    let stage = Stage::new(1, Shape::RefreshTokens)?;
    starts_with_a_request("a refresh token that is replaced: one request", &stage, "")
}

/// From the arrival of the request: where a new token ends the one before (`overlap: none`),
/// consumers are without one for that long.
fn starts_with_a_request(what: &str, stage: &Stage, aim: &str) -> Outcome<()> {
    let (mut whole, mut outage) = (Vec::new(), Vec::new());
    for _ in 0..STARTS {
        stage.clear_state()?;
        stage.clear_outputs()?;
        let before = stage.requests();
        let mut daemon = Daemon::start(stage)?;
        let asked = daemon.wait_until("request", stage, PATIENCE, || stage.requests() > before)?;
        let published = daemon.wait_for_outputs(stage, PATIENCE)?;
        daemon.stop()?;
        whole.push(published);
        outage.push(published.saturating_sub(asked));
    }
    row(what, &mut whole, aim);
    row("  from that request to the file", &mut outage, "");
    Ok(())
}

fn row(what: &str, times: &mut [Duration], aim: &str) {
    let Spread { least, median, most } = Spread::of(times);
    let [least, median, most] = [least, median, most].map(milliseconds);
    println!("{what:<60}{least:>10}{median:>10}{most:>10}{aim:>12}");
}

fn steady_state() -> Outcome<()> {
    println!("\nIn steady state, {} s after the last token was published:\n", SETTLED.as_secs());
    println!(
        "{:>11}{:>12}{:>12}{:>12}{:>12}{:>10}{:>10}{:>15}{:>12}",
        "credentials",
        "VmRSS",
        "anonymous",
        "of files",
        "Pss",
        "CPU",
        "planned",
        "all published",
        "aim"
    );
    let one = settle(&Stage::new(1, Shape::Entries)?, "< 8 MiB")?;
    settle(&Stage::new(1_000, Shape::Entries)?, "")?;
    let stage = Stage::new(10_000, Shape::Entries)?;
    let many = settle(&stage, "")?;
    stage.clear_outputs()?;
    settle(&stage, "(restarted)")?;
    settle(&Stage::new(10_000, Shape::ForEach)?, "(for_each)")?;
    let further = many.resident.saturating_sub(one.resident) / 9_999;
    println!("\nEach further credential, from 1 to 10,000: {further} bytes (aim: < 1,024 bytes)");
    Ok(())
}

/// Runs a daemon until it is idle; its memory. A restarted one finds tokens on disk, and its
/// outputs gone, as after a reboot that emptied `/run`.
fn settle(stage: &Stage, remark: &str) -> Outcome<Memory> {
    let planned = plan(stage)?;
    let mut daemon = Daemon::start(stage)?;
    let all = daemon.wait_for_outputs(stage, PATIENCE)?;
    daemon::pause(SETTLED);
    let before = daemon.cpu()?;
    daemon::pause(IDLE);
    let busy = daemon.cpu()?.saturating_sub(before).as_secs_f64() / IDLE.as_secs_f64();
    let memory = daemon.memory()?;
    daemon.stop()?;
    let credentials = stage.credentials();
    if stage.requests() != credentials {
        return Err(format!("{} requests for {credentials} tokens", stage.requests()).into());
    }
    let Memory { resident, anonymous, of_files, proportional } = memory;
    let [resident, anonymous, of_files, proportional] =
        [resident, anonymous, of_files, proportional].map(bytes);
    println!(
        "{credentials:>11}{resident:>12}{anonymous:>12}{of_files:>12}{proportional:>12}{:>8.3} %{:>10}{:>13.2} s{remark:>12}",
        busy * 100.0,
        milliseconds(planned),
        all.as_secs_f64(),
    );
    Ok(memory)
}

/// How long it takes to read the configuration and to make a plan of it.
fn plan(stage: &Stage) -> Outcome<Duration> {
    let started = daemon::moment();
    let reading = Reading::of(&stage.configuration(), &Surroundings::default());
    let planned = started.elapsed();
    let credentials = reading.plan.as_ref().map_or(0, |plan| plan.credentials.len());
    if credentials == stage.credentials() {
        return Ok(planned);
    }
    Err(reading.report().join("\n").into())
}
