//! One of several replicas works: the one that holds the Lease.
//!
//! ```text
//! stand by --> the Lease is free --> work, and renew it --> SIGTERM: drain, give it up
//!                                                       --> cannot be renewed: drain, exit 75
//! ```

mod candidate;

use std::{net::SocketAddr, sync::Arc, time::Duration};

use tokio::{
    sync::{oneshot, watch},
    task::JoinHandle,
};

use self::candidate::{Candidate, DURATION};
use super::{Setup, StartError, listener};
use crate::{
    clock::{BootTime, Clock, Now},
    cluster::{Cluster, ClusterError, Lease},
    observe::{Event, Observer},
    plan::Settings,
};

/// Between two looks, or two renewals.
const INTERVAL: Duration = Duration::from_secs(2);

/// A holder that could not renew for so long stops, well before another takes over.
const DEADLINE: Duration = Duration::from_secs(10);

/// The Lease that we hold.
pub struct Held {
    hand: Hand,
    renewing: JoinHandle<Lease>,
    lost: watch::Receiver<bool>,
    end: oneshot::Sender<()>,
}

/// What it takes to read and write the Lease.
#[derive(Clone)]
struct Hand {
    name: Box<str>,
    cluster: Arc<Cluster>,
    clock: Arc<dyn Clock>,
    observer: Arc<Observer>,
}

/// Waits until the Lease is ours, if the settings name one, but not longer than `patience`. While
/// it is another's, the listener says so.
pub async fn hold(
    setup: &Setup,
    settings: &Settings,
    patience: Option<Duration>,
    observer: &Arc<Observer>,
) -> Result<Option<Held>, StartError> {
    let Some(name) = settings.kubernetes_lease.clone() else { return Ok(None) };
    setup.cluster.preflight().map_err(StartError::Cluster)?;
    let (cluster, clock) = (setup.cluster.clone(), setup.clock.clone());
    let hand = Hand { name: name.clone(), cluster, clock, observer: observer.clone() };
    let door = StandBy::open(settings.listen, observer).await?;
    let lease = match patience {
        None => hand.take().await,
        Some(patience) => {
            let late = |_| StartError::NotElected(name);
            tokio::time::timeout(patience, hand.take()).await.map_err(late)?
        }
    };
    door.close().await;
    Ok(Some(hand.keep(lease)))
}

impl Hand {
    /// Tries until it is ours.
    async fn take(&self) -> Lease {
        let mut candidate = Candidate::new(identity());
        let mut holder = None;
        loop {
            match self.try_to_take(&mut candidate).await {
                Ok(Ok(lease)) => {
                    self.observer.emit(&Event::Elected { lease: &self.name });
                    return lease;
                }
                Ok(Err(other)) if holder.as_ref() != Some(&other) => {
                    self.observer.emit(&Event::StandingBy { lease: &self.name, holder: &other });
                    holder = Some(other);
                }
                Ok(Err(_)) => {}
                Err(error) => {
                    let text = format!("the Lease {}: {error}", self.name);
                    self.observer.emit(&Event::Warning(&text));
                }
            }
            tokio::time::sleep(INTERVAL).await;
        }
    }

    /// The Lease, or who else holds it.
    async fn try_to_take(
        &self,
        candidate: &mut Candidate,
    ) -> Result<Result<Lease, Box<str>>, ClusterError> {
        let lease = self.cluster.lease(&self.name).await?;
        let holder = lease.holder.clone();
        let now = self.clock.now();
        let Some(wanted) = candidate.take(lease, now) else { return Ok(Err(holder)) };
        let written = self.write(&wanted, now).await?;
        Ok(written.ok_or_else(|| "another, who was faster".into()))
    }

    async fn write(&self, lease: &Lease, now: Now) -> Result<Option<Lease>, ClusterError> {
        self.cluster.write_lease(&self.name, lease, now.wall, DURATION).await
    }

    /// Renews it from now on.
    fn keep(self, lease: Lease) -> Held {
        let (end, ended) = oneshot::channel();
        let (losing, lost) = watch::channel(false);
        let renewing = tokio::spawn(self.clone().renew(lease, ended, losing));
        Held { hand: self, renewing, lost, end }
    }

    /// Until it is told to end, or the Lease is lost; gives the Lease as it was last seen.
    async fn renew(
        self,
        mut lease: Lease,
        mut ended: oneshot::Receiver<()>,
        losing: watch::Sender<bool>,
    ) -> Lease {
        let mut renewed_at = self.clock.now().boot;
        loop {
            tokio::select! {
                _ = &mut ended => return lease,
                () = tokio::time::sleep(INTERVAL) => {}
            }
            match self.renew_once(&lease, renewed_at).await {
                Renewal::Done(renewed, at) => (lease, renewed_at) = (renewed, at),
                Renewal::Later => {}
                Renewal::Lost => break,
            }
        }
        self.observer.emit(&Event::Deposed { lease: &self.name });
        losing.send_replace(true);
        lease
    }

    /// The time before the write counts, since others count from when they see it.
    async fn renew_once(&self, lease: &Lease, renewed_at: BootTime) -> Renewal {
        let now = self.clock.now();
        let left = DEADLINE.saturating_sub(now.boot.since(renewed_at));
        let renewing = self.try_to_renew(lease, renewed_at, now);
        let renewal = tokio::time::timeout(left, renewing).await.unwrap_or(Renewal::Later);
        let is_late = self.clock.now().boot.since(renewed_at) >= DEADLINE;
        if is_late && matches!(renewal, Renewal::Later) { Renewal::Lost } else { renewal }
    }

    async fn try_to_renew(&self, lease: &Lease, renewed_at: BootTime, now: Now) -> Renewal {
        match self.write(lease, now).await {
            Ok(Some(renewed)) => Renewal::Done(renewed, now.boot),
            // Somebody has written it: we, if the answer to our last renewal was lost.
            Ok(None) => match self.cluster.lease(&self.name).await {
                Ok(found) if found.holder == lease.holder => Renewal::Done(found, renewed_at),
                Ok(_) => Renewal::Lost,
                Err(_) => Renewal::Later,
            },
            Err(_) => Renewal::Later,
        }
    }
}

enum Renewal {
    Done(Lease, BootTime),
    Later,
    Lost,
}

impl Held {
    /// Waits until it is ours no more. It can be dropped at any time.
    pub async fn lost(&mut self) {
        // Without a sender nobody renews it either.
        let _ = self.lost.wait_for(|lost| *lost).await;
    }

    /// Gives it up, so that another need not wait for it to run out.
    pub async fn release(self) {
        // If it cannot be written, it runs out: a cluster that gives no answer must not keep us.
        let _ = tokio::time::timeout(INTERVAL, self.hand_back()).await;
    }

    async fn hand_back(self) {
        let _ = self.end.send(());
        let Ok(lease) = self.renewing.await else { return };
        let nobody = Lease { holder: "".into(), ..lease };
        let _ = self.hand.write(&nobody, self.hand.clock.now()).await;
    }
}

/// Answers those who ask for us while another works.
struct StandBy(Option<JoinHandle<()>>);

impl StandBy {
    async fn open(
        address: Option<SocketAddr>,
        observer: &Arc<Observer>,
    ) -> Result<Self, StartError> {
        let Some(address) = address else { return Ok(Self(None)) };
        let failed = |error| StartError::Listen { address, error };
        let serving = listener::stand_by(address, observer.clone()).await.map_err(failed)?;
        Ok(Self(Some(tokio::spawn(serving))))
    }

    /// The address is free when it returns.
    async fn close(self) {
        if let Some(serving) = self.0 {
            serving.abort();
            let _ = serving.await;
        }
    }
}

/// The pod, for people who look at the Lease, and what no other process has.
fn identity() -> Box<str> {
    let host = nix::unistd::gethostname().ok().and_then(|name| name.into_string().ok());
    let number = getrandom::u64().unwrap_or_else(|_| std::process::id().into());
    format!("{}_{number:016x}", host.as_deref().unwrap_or("tokenward")).into()
}
