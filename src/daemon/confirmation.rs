//! Looking at the Secrets in the cluster, which nobody reports to us.

use std::{sync::Arc, time::Duration};

use tokio::sync::{mpsc, watch};

use crate::{plan::Plan, refresher::Command};

/// How long a Secret that somebody has changed or removed may stay so.
const EVERY: Duration = Duration::from_secs(60);

/// Has the refresher look at every Secret once a minute, if there are any.
pub async fn confirm(plan: watch::Receiver<Arc<Plan>>, commands: mpsc::Sender<Command>) {
    loop {
        tokio::time::sleep(EVERY).await;
        let any = plan.borrow().credentials.iter().any(|one| !one.secrets.is_empty());
        if any && commands.send(Command::Confirm).await.is_err() {
            return;
        }
    }
}
