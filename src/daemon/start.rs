//! The start: everything that can stop a daemon stops it here, with a sentence.

use std::{
    io,
    net::SocketAddr,
    os::unix::fs::DirBuilderExt,
    path::{Path, PathBuf},
    sync::Arc,
};

use tokio::sync::{mpsc, watch};

use super::{COMMANDS, Calendars, Daemon, Reading, Setup, limits, listener, reload::warn};
use crate::{
    config::watch::Watch,
    error::Exit,
    observe::{Event, Observer},
    plan::Plan,
    publish,
    refresher::{Command, Refresher, Replan, Tools},
    state::{DaemonRecord, State, StateError},
};

/// Why the daemon did not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The configuration cannot be used: every problem, as a person reads it.
    #[error("{}", .0.join("\n"))]
    Configuration(Vec<String>),
    /// The state directory.
    #[error(transparent)]
    State(#[from] StateError),
    /// The output directory is not there and cannot be made.
    #[error("cannot create the output directory {}: {error}; create it, or set `output_directory`", path.display())]
    OutputDirectory {
        /// The directory.
        path: PathBuf,
        /// Why.
        error: io::Error,
    },
    /// The listener.
    #[error("cannot listen on {address}: {error}; free the address, or change `listen`")]
    Listen {
        /// As configured.
        address: SocketAddr,
        /// Why.
        error: io::Error,
    },
    /// Signals cannot be received.
    #[error("cannot receive signals: {0}")]
    Signals(io::Error),
}

impl StartError {
    /// How the process ends.
    pub fn exit(&self) -> Exit {
        match self {
            Self::State(StateError::Locked { .. }) | Self::Listen { .. } => Exit::Temporary,
            Self::Configuration(_) | Self::State(_) | Self::OutputDirectory { .. } => Exit::Config,
            Self::Signals(_) => Exit::Software,
        }
    }
}

impl Daemon {
    /// Everything up to the first step: nothing has been asked of a provider when it returns.
    pub(super) async fn start(
        setup: Setup,
    ) -> Result<(Self, Refresher, mpsc::Receiver<Command>), StartError> {
        let mut reading = Reading::of(&setup.configuration, &setup.surroundings);
        let report = reading.report();
        let Some(plan) = reading.plan.take() else { return Err(StartError::Configuration(report)) };
        warn(&report);
        create_output_directory(&plan.settings.output_directory)?;
        let state = Arc::new(State::open(&plan.settings.state_directory)?);
        let lock = state.lock()?;
        sweep(&state, &plan);
        let (watch, late) = Watch::new(plan.watched.iter().cloned());
        late.inspect(|error| tracing::warn!("{error}"));
        let plan = Arc::new(plan);
        let observer = Arc::new(Observer::default());
        let published_plan = watch::Sender::new(plan.clone());
        if let Some(address) = plan.settings.listen {
            let page = listener::Page {
                plan: published_plan.subscribe(),
                state: state.clone(),
                observer: observer.clone(),
                clock: setup.clock.clone(),
            };
            let failed = |error| StartError::Listen { address, error };
            tokio::spawn(listener::bind(address, page).await.map_err(failed)?);
        }
        let mut calendars = Calendars::new(setup.clock.clone());
        if let Err(error) = calendars.replace(&plan.credentials).await {
            tracing::error!("the calendar failed, there are no refreshes by date: {error}");
        }
        let refresher = refresher(&setup, &state, &observer, &plan);
        let (commands, receiver) = mpsc::channel(COMMANDS);
        let record = record(&setup);
        let daemon = Self {
            setup,
            plan,
            state,
            observer,
            record,
            watch,
            calendars,
            commands,
            published_plan,
            _lock: lock,
        };
        daemon.note();
        daemon.observer.emit(&Event::Started {
            configuration: &daemon.setup.configuration,
            credentials: daemon.plan.credentials.len(),
        });
        Ok((daemon, refresher, receiver))
    }

    /// What `status` will say of the daemon. A state directory that refuses it will also refuse
    /// tokens, and that is reported.
    pub(super) fn note(&self) {
        let _ = self.state.note_daemon(&self.record);
    }
}

fn refresher(
    setup: &Setup,
    state: &Arc<State>,
    observer: &Arc<Observer>,
    plan: &Plan,
) -> Refresher {
    let tools = Tools {
        clock: setup.clock.clone(),
        transport: setup.transport.clone(),
        draw: setup.draw,
        state: state.clone(),
        observer: observer.clone(),
    };
    let mut refresher = Refresher::new(tools, &plan.settings.output_directory, limits(plan));
    refresher.replan(Replan {
        added: plan.credentials.clone(),
        changed: Vec::new(),
        removed: Vec::new(),
        limits: limits(plan),
    });
    refresher
}

fn record(setup: &Setup) -> DaemonRecord {
    let now = setup.clock.now().wall;
    DaemonRecord {
        process_id: std::process::id(),
        version: env!("CARGO_PKG_VERSION").into(),
        configuration: setup.configuration.display().to_string().into(),
        started_at: now,
        configured_at: now,
        configuration_problem: None,
    }
}

/// Consumers must be able to pass through it; each file in it says who may read.
fn create_output_directory(path: &Path) -> Result<(), StartError> {
    std::fs::DirBuilder::new()
        .recursive(true)
        .mode(0o755)
        .create(path)
        .map_err(|error| StartError::OutputDirectory { path: path.to_owned(), error })
}

/// What a killed daemon left behind.
fn sweep(state: &State, plan: &Plan) {
    let outputs = plan.credentials.iter().flat_map(|credential| &credential.outputs);
    let swept = publish::sweep(&plan.settings.output_directory, outputs);
    let swept = swept + state.sweep().unwrap_or(0);
    if swept > 0 {
        tracing::info!(files = swept, "removed temporary files of a daemon that was killed");
    }
}
