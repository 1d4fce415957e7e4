//! Keeping the service manager informed: ready when it is true on disk, how the credentials are,
//! and that the loop still turns.

use std::{fmt::Write, sync::Arc, time::Duration};

use tokio::{
    sync::{mpsc, oneshot},
    time::sleep,
};

use super::{
    listener::{Page, look},
    supervisor::Supervisor,
};
use crate::{
    clock::Now,
    observe::{CredentialStatus, Standing, Status},
    refresher::Command,
};

/// What is seen together with an event may be noted on disk a moment after it.
const AFTERMATH: Duration = Duration::from_millis(100);
const BETWEEN_LOOKS: Duration = Duration::from_secs(1);
/// Whoever removes an output by hand causes no event.
const LONGEST_WAIT: Duration = Duration::from_secs(60);
/// A survey of many credentials takes seconds: then it is made for a tenth of the time before we
/// are ready, and for a hundredth after that.
const PAUSE_BEFORE_READY: u32 = 10;
const PAUSE: u32 = 100;
/// How often the loop is asked for a sign of life if nobody wants one more often.
const LONGEST_SILENCE: Duration = Duration::from_secs(15);
/// Names in one sentence.
const NAMED: usize = 3;
/// Characters of a problem in one sentence.
const QUOTED: usize = 200;

/// Says how things are whenever that changes, for ever.
pub async fn report(supervisor: Supervisor, page: Arc<Page>) {
    loop {
        let began = page.clock.now();
        let (_, status) = look(page.clone()).await;
        let text = sentence(&status);
        if status.ready && !supervisor.is_ready() {
            supervisor.ready(&text);
        } else {
            supervisor.status(&text);
        }
        let now = page.clock.now();
        let pause = if supervisor.is_ready() { PAUSE } else { PAUSE_BEFORE_READY };
        sleep(now.boot.since(began.boot).saturating_mul(pause).max(BETWEEN_LOOKS)).await;
        tokio::select! {
            () = page.observer.happened() => sleep(AFTERMATH).await,
            () = sleep(until_due(&status, now)) => {}
        }
    }
}

/// Proves life as long as the refresher's loop answers: one that is stuck is restarted, one that
/// waits for a slow provider or disk is not, since it answers all the same.
pub async fn prove_life(supervisor: Supervisor, commands: mpsc::Sender<Command>) {
    let half = supervisor.watchdog().map(|interval| interval / 2);
    let pause = half.unwrap_or(LONGEST_SILENCE).min(LONGEST_SILENCE);
    while half.is_some() || !supervisor.is_ready() {
        let (answer, answered) = oneshot::channel();
        if commands.send(Command::Answer(answer)).await.is_err() || answered.await.is_err() {
            return;
        }
        supervisor.alive();
        sleep(pause).await;
    }
}

/// Until a token expires, which is no event either.
fn until_due(status: &Status, now: Now) -> Duration {
    let expiries = status.credentials.iter().filter_map(|credential| credential.expires_at);
    let next = expiries.filter(|expiry| *expiry > now.wall).min();
    next.map_or(LONGEST_WAIT, |next| next.since(now.wall).min(LONGEST_WAIT))
}

/// All in one line. It has names and problems of the configuration, and nothing secret.
fn sentence(status: &Status) -> String {
    let mut text = String::new();
    let problem = status.daemon.as_ref().and_then(|daemon| daemon.configuration_problem.as_deref());
    if let Some(problem) = problem {
        text.extend([&refusal(problem), "; "]);
    }
    let all = status.credentials.len();
    let worse = |one: &&CredentialStatus| one.standing != Standing::Fresh;
    let good = status.credentials.iter().filter(|one| one.is_ready()).count();
    let mut bad: Vec<_> = status.credentials.iter().filter(worse).collect();
    // Writing to a string does not fail.
    let _ = match bad.len() {
        _ if all == 0 => write!(text, "no credentials"),
        0 => write!(text, "{all} of {all} fresh"),
        _ => write!(text, "{good} of {all} have a good token"),
    };
    if bad.is_empty() {
        let next = status.credentials.iter().filter_map(|one| one.expires_at).min();
        let _ = next.map_or(Ok(()), |next| write!(text, ", next expiry {next}"));
    }
    // Those without a good token first.
    bad.sort_by_key(|one| one.is_ready());
    for (place, one) in bad.iter().take(NAMED).enumerate() {
        let before = if place == 0 { "; " } else { ", " };
        let _ = write!(text, "{before}{}: {}", one.name, one.standing.as_str());
    }
    if bad.len() > NAMED {
        let _ = write!(text, " and {} more", bad.len() - NAMED);
    }
    text
}

/// Why the configuration on disk is not in force, in short; `tokenward status` has all of it.
pub fn refusal(problem: &str) -> String {
    let first: String = problem.lines().next().unwrap_or_default().chars().take(QUOTED).collect();
    format!("configuration not in force: {first}")
}

#[cfg(test)]
mod tests;
