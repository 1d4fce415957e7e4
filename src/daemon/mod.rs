//! Start, reload, drain.
//!
//! ```text
//! read the configuration -> with a Lease, stand by until it is ours, and read again -> open and lock the state -> sweep -> refresher, listener
//!     then, until a signal: a changed file or SIGHUP -> reload, a calendar -> expedite or probe,
//!     a log-in -> adopt
//!     SIGTERM, SIGINT -> drain within the grace period; a second one -> stop at once
//! ```

mod apart;
mod calendar;
mod confirmation;
mod connections;
mod control;
mod departed;
mod held;
mod lease;
mod listener;
mod logins;
mod reading;
mod reload;
mod report;
mod signals;
mod signing;
mod start;
mod supervisor;
pub mod survey;
mod waiting;

use std::{path::PathBuf, sync::Arc, time::Duration};

use tokio::sync::{mpsc, watch};

use self::{
    calendar::{Calendars, Purpose},
    lease::Held,
    logins::Logins,
    signals::{Signal, Signals},
};
pub use self::{
    control::SocketError,
    held::{HeldError, held},
    reading::{Reading, Surroundings},
    signing::{SigningError, sign},
    start::StartError,
    supervisor::Supervisor,
};
use crate::{
    acquire::Acquirer,
    clock::Clock,
    cluster::Cluster,
    config::watch::Watch,
    credential::Name,
    error::{Exit, Fault},
    observe::{Event, Observer},
    plan::Plan,
    refresher::{Command, Limits, Replan, Settled},
    state::{DaemonRecord, Lock, State},
};

/// What a daemon is started with.
#[derive(Clone)]
pub struct Setup {
    /// The configuration file.
    pub configuration: PathBuf,
    /// What the environment adds to it.
    pub surroundings: Surroundings,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Who wants to hear how we are.
    pub supervisor: Supervisor,
    /// Who asks providers.
    pub acquirer: Arc<Acquirer>,
    /// Randomness: uniform in `[0, 1)`.
    pub draw: fn() -> f64,
    /// The cluster that we run in, if it is one.
    pub cluster: Arc<Cluster>,
}

/// A daemon that is ready to run.
struct Daemon {
    setup: Setup,
    plan: Arc<Plan>,
    state: Arc<State>,
    observer: Arc<Observer>,
    record: DaemonRecord,
    watch: Watch,
    calendars: Calendars,
    logins: Logins,
    commands: mpsc::Sender<Command>,
    /// The plan in force, for the listener.
    published_plan: watch::Sender<Arc<Plan>>,
    /// If replicas take turns.
    lease: Option<Held>,
    _lock: Lock,
}

/// Room for what the daemon asks of the refresher; it waits when that is busy.
const COMMANDS: usize = 16;

/// Runs until a signal ends it, or until another replica may work.
pub async fn run(setup: Setup) -> Result<Exit, StartError> {
    let mut signals = Signals::listen().map_err(StartError::Signals)?;
    // Who stands by may do so for ever.
    let (mut daemon, refresher, receiver) = tokio::select! {
        started = Daemon::start(setup, None) => started?,
        () = signals.stop() => return Ok(Exit::Ok),
    };
    daemon.inform();
    daemon.look_at_secrets();
    let refresher = tokio::spawn(refresher.run(receiver));
    tokio::pin!(refresher);
    let is_ours = loop {
        tokio::select! {
            biased;
            signal = signals.next() => match signal {
                Signal::Reload => {
                    daemon.reload().await;
                    daemon.verify().await;
                }
                Signal::Stop => break true,
            },
            () = lost(&mut daemon.lease) => break false,
            () = daemon.calendars.next() => daemon.keep_dates().await,
            () = daemon.watch.changed() => daemon.reload().await,
            () = daemon.logins.changed() => daemon.adopt_logins().await,
            // It ends only when told to: a panic would have aborted the process.
            _ = &mut refresher => return Ok(Exit::Software),
        }
    };
    daemon.setup.supervisor.stopping(daemon.plan.settings.grace_period);
    let _ = daemon.commands.send(Command::Drain).await;
    let drained = tokio::select! {
        _ = &mut refresher => true,
        () = tokio::time::sleep(daemon.plan.settings.grace_period) => false,
        () = signals.stop() => false,
    };
    daemon.leave().await;
    Ok(if drained && is_ours { Exit::Ok } else { Exit::Temporary })
}

/// Never, without a Lease.
async fn lost(lease: &mut Option<Held>) {
    match lease {
        Some(lease) => lease.lost().await,
        None => std::future::pending().await,
    }
}

/// Acquires and publishes what is due, and tells consumers, within `patience`.
pub async fn once(setup: Setup, patience: Duration) -> Result<Exit, StartError> {
    let (mut daemon, mut refresher, _commands) = Daemon::start(setup, Some(patience)).await?;
    let settled = refresher.settle(patience).await;
    daemon.release().await;
    Ok(match settled {
        Settled::Done => Exit::Ok,
        Settled::Failed(Fault::Permanent) => Exit::Unavailable,
        Settled::Failed(Fault::Transient | Fault::Local) => Exit::Temporary,
        Settled::Unfinished(names) => {
            daemon.observer.emit(&Event::Warning(&unfinished(&names, patience)));
            Exit::Temporary
        }
    })
}

/// Nothing else would say it: what waits for its moment has neither succeeded nor failed.
fn unfinished(names: &[Name], patience: Duration) -> String {
    let who = match names {
        [] => "consumers are not told yet".into(),
        [only] => format!("{only} is not done"),
        [first, rest @ ..] => format!("{first} and {} more are not done", rest.len()),
    };
    let seconds = patience.as_secs();
    format!("{who} after {seconds} s; raise --timeout, or see `tokenward status` for what is next")
}

impl Daemon {
    async fn leave(&mut self) {
        self.release().await;
        self.observer.emit(&Event::Stopped);
    }

    /// Another replica may work now.
    async fn release(&mut self) {
        if let Some(lease) = self.lease.take() {
            lease.release().await;
        }
    }

    /// Whoever asks for a reload by hand may have lost an output by hand, or wait for a log-in to
    /// be taken over.
    async fn verify(&self) {
        let _ = self.commands.send(Command::Verify).await;
    }

    async fn adopt_logins(&self) {
        let _ = self.commands.send(Command::Adopt).await;
    }

    /// What the calendar calls for goes to the refresher, and the next occurrence is waited for.
    async fn keep_dates(&mut self) {
        for (purpose, names) in self.calendars.due() {
            let command = match purpose {
                Purpose::Refresh => Command::Expedite(names),
                Purpose::Probe => Command::Probe(names),
            };
            let _ = self.commands.send(command).await;
        }
        if let Err(error) = self.calendars.arm().await {
            let text =
                format!("the calendar failed, what it calls for is up to a minute late: {error}");
            self.observer.emit(&Event::Warning(&text));
        }
    }
}

/// What the plan allows the schedule.
fn limits(plan: &Plan) -> Limits {
    let rate = plan.settings.endpoint_requests_per_second;
    Limits {
        concurrent_requests: plan.settings.concurrent_requests,
        endpoint_spacing: Duration::from_secs_f64(1.0 / rate.max(0.001)),
    }
}
