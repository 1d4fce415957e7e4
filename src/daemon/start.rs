//! The start: everything that can stop a daemon stops it here, with a sentence.

use std::{
    fs::Permissions,
    io,
    net::SocketAddr,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use tokio::sync::{mpsc, watch};

use super::{
    COMMANDS, Calendars, Daemon, Logins, Reading, Setup,
    confirmation::confirm,
    control::{self, Control, SocketError},
    departed, lease, limits, listener,
    reload::warn,
    report::{prove_life, report},
};
use crate::{
    cluster::ClusterError,
    config::watch::{Watch, WatchError},
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
    /// The configuration cannot be used: every error, as a person reads it.
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
    /// The cluster, for its Lease.
    #[error("`kubernetes_lease`: {0}")]
    Cluster(ClusterError),
    /// The Lease is another replica's, and there was no time to wait.
    #[error(
        "another replica holds the Lease {0}, so there is nothing to do here; raise --timeout, or \
         leave the work to it"
    )]
    NotElected(Box<str>),
    /// The control socket.
    #[error(transparent)]
    Control(#[from] SocketError),
    /// Signals cannot be received.
    #[error("cannot receive signals: {0}")]
    Signals(io::Error),
}

impl StartError {
    /// How the process ends.
    pub fn exit(&self) -> Exit {
        match self {
            Self::State(StateError::Locked { .. }) | Self::Listen { .. } | Self::NotElected(_) => {
                Exit::Temporary
            }
            Self::Configuration(_)
            | Self::State(_)
            | Self::OutputDirectory { .. }
            | Self::Cluster(_) => Exit::Config,
            Self::Control(error) => error.exit(),
            Self::Signals(_) => Exit::Software,
        }
    }
}

impl Daemon {
    /// Everything up to the first step: nothing has been asked of a provider when it returns.
    pub(super) async fn start(
        setup: Setup,
        patience: Option<Duration>,
    ) -> Result<(Self, Refresher, mpsc::Receiver<Command>), StartError> {
        let observer = Arc::new(Observer::default());
        let late = |error: WatchError| observer.emit(&Event::Warning(&error.to_string()));
        // Watched before it is read, so that no change is lost in between.
        let (mut watch, error) = Watch::new([setup.configuration.clone()]);
        error.map(late);
        let mut plan = plan(&setup, &observer)?;
        let lease = lease::hold(&setup, &plan.settings, patience, &observer).await?;
        if lease.is_some() {
            plan = self::plan(&setup, &observer)?;
        }
        let plan = Arc::new(plan);
        watch.set_paths(plan.watched.clone()).map_err(late).ok();
        create_output_directory(&plan.settings.output_directory)?;
        let state = Arc::new(State::open(&plan.settings.state_directory)?);
        let lock = state.lock()?;
        sweep(&state, &plan, &observer);
        departed::clear(&state, &plan, setup.clock.now(), &observer);
        let (commands, receiver) = mpsc::channel(COMMANDS);
        let mut daemon = Self {
            record: record(&setup),
            watch,
            calendars: Calendars::new(setup.clock.clone()),
            logins: Logins::new(state.clone()),
            commands,
            published_plan: watch::Sender::new(plan.clone()),
            setup,
            plan,
            state,
            observer,
            lease,
            _lock: lock,
        };
        daemon.listen().await?;
        daemon.open_control().await?;
        daemon.calendars.replace(&daemon.plan.credentials);
        daemon.keep_dates().await;
        daemon.follow_logins();
        daemon.note();
        daemon.observer.emit(&Event::Started {
            configuration: &daemon.setup.configuration,
            credentials: daemon.plan.credentials.len(),
        });
        let refresher = daemon.refresher();
        Ok((daemon, refresher, receiver))
    }

    /// Health, metrics and status, if somebody wants them.
    async fn listen(&self) -> Result<(), StartError> {
        let Some(address) = self.plan.settings.listen else { return Ok(()) };
        let failed = |error| StartError::Listen { address, error };
        tokio::spawn(listener::bind(address, self.page()).await.map_err(failed)?);
        Ok(())
    }

    /// The service manager, if it wants to hear of us.
    pub(super) fn inform(&self) {
        let supervisor = &self.setup.supervisor;
        if supervisor.listens() {
            tokio::spawn(report(supervisor.clone(), Arc::new(self.page())));
            tokio::spawn(prove_life(supervisor.clone(), self.commands.clone()));
        }
    }

    /// The cluster tells nobody when a Secret is changed or removed by hand.
    pub(super) fn look_at_secrets(&self) {
        tokio::spawn(confirm(self.published_plan.subscribe(), self.commands.clone()));
    }

    fn page(&self) -> listener::Page {
        listener::Page {
            plan: self.published_plan.subscribe(),
            state: self.state.clone(),
            observer: self.observer.clone(),
            clock: self.setup.clock.clone(),
        }
    }

    /// Signatures, if somebody wants them.
    async fn open_control(&self) -> Result<(), StartError> {
        let Some(configured) = &self.plan.settings.control else { return Ok(()) };
        let control = Control {
            plan: self.published_plan.subscribe(),
            state: self.state.clone(),
            acquirer: self.setup.acquirer.clone(),
            clock: self.setup.clock.clone(),
        };
        tokio::spawn(control::open(configured, control).await?);
        Ok(())
    }

    /// Log-ins for the plan in force.
    pub(super) fn follow_logins(&mut self) {
        if let Err(error) = self.logins.follow(&self.plan.credentials) {
            self.observer.emit(&Event::Warning(&error.to_string()));
        }
    }

    /// What `status` will say of the daemon. A state directory that refuses it will also refuse
    /// tokens, and that is reported.
    pub(super) fn note(&self) {
        let _ = self.state.note_daemon(&self.record);
    }

    fn refresher(&self) -> Refresher {
        let tools = Tools {
            clock: self.setup.clock.clone(),
            acquirer: self.setup.acquirer.clone(),
            draw: self.setup.draw,
            state: self.state.clone(),
            cluster: self.setup.cluster.clone(),
            observer: self.observer.clone(),
        };
        let limits = limits(&self.plan);
        let mut refresher = Refresher::new(tools, &self.plan.settings.output_directory, limits);
        refresher.replan(Replan {
            added: self.plan.credentials.clone(),
            changed: Vec::new(),
            removed: Vec::new(),
            limits,
        });
        refresher
    }
}

fn plan(setup: &Setup, observer: &Observer) -> Result<Plan, StartError> {
    let mut reading = Reading::of(&setup.configuration, &setup.surroundings);
    match reading.plan.take() {
        None => Err(StartError::Configuration(reading.refusal())),
        Some(plan) => {
            warn(observer, &reading.lines());
            reading.close();
            Ok(plan)
        }
    }
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

/// Consumers must be able to pass through it, whatever the umask; each file in it says who may read.
fn create_output_directory(path: &Path) -> Result<(), StartError> {
    let named = path.ancestors().filter(|folder| !folder.as_os_str().is_empty());
    let missing: Vec<_> = named.take_while(|folder| !folder.exists()).collect();
    let open = |folder: &&Path| std::fs::set_permissions(folder, Permissions::from_mode(0o755));
    std::fs::DirBuilder::new()
        .recursive(true)
        .create(path)
        .and_then(|()| missing.iter().try_for_each(open))
        .map_err(|error| StartError::OutputDirectory { path: path.to_owned(), error })
}

/// What a killed daemon left behind.
fn sweep(state: &State, plan: &Plan, observer: &Observer) {
    let outputs = plan.credentials.iter().flat_map(|credential| &credential.outputs);
    let files = publish::sweep(&plan.settings.output_directory, outputs);
    let files = files + state.sweep().unwrap_or(0);
    if files > 0 {
        observer.emit(&Event::Swept { files });
    }
}
