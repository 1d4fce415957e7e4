//! Events as log lines, metrics, status and health.
//!
//! Every step of the pipeline reports one [`Event`] here and nowhere else, so that the names of
//! events, fields and metrics have one home, and so that nothing secret has a way out: no event
//! can carry a secret.

mod event;
mod journal;
pub mod log;
mod metrics;
mod span;
mod status;
mod table;
mod wait;

use tokio::sync::Notify;

pub use self::{
    event::{Counts, Event, ProbeResult},
    metrics::Metrics,
    status::{
        CredentialStatus, DaemonStatus, OutputState, OutputStatus, ProblemStatus, SecretStatus,
        Standing, Status,
    },
    table::{Style, table},
    wait::why,
};

/// Where events go: the log and the counters.
#[derive(Debug, Default)]
pub struct Observer {
    metrics: Metrics,
    happened: Notify,
}

impl Observer {
    /// Something happened.
    pub fn emit(&self, event: &Event<'_>) {
        event::log(event);
        self.metrics.count(event);
        self.happened.notify_one();
    }

    /// Waits for one more event, or returns at once if there was one since the last call. One task
    /// can wait.
    pub async fn happened(&self) {
        self.happened.notified().await;
    }

    /// The counters.
    pub const fn metrics(&self) -> &Metrics {
        &self.metrics
    }
}
