//! Speaks to the Kubernetes API with the pod's own service account.

mod lease;
mod secret;

use std::{fmt::Write as _, time::Duration};

use kube::{
    Client, Config,
    core::{NamespaceResourceScope, Resource, Status},
};
use tokio::sync::{OnceCell, Semaphore};

use super::{Applied, ClusterError, Lease, SecretManifest};
use crate::{clock::WallTime, credential::Name};

/// As the API server knows who has set a field, and as `kubectl get --show-managed-fields` shows.
const FIELD_MANAGER: &str = "tokenward";

/// Requests at one moment. A cluster has many other clients.
const CONCURRENT_REQUESTS: usize = 8;

/// For a look and a write, the connection included. Who waits longer holds a place of others.
const TIMEOUT: Duration = Duration::from_secs(10);

/// The cluster. It is looked for when it is first needed, and again until it is found.
pub struct Cluster {
    client: OnceCell<Client>,
    places: Semaphore,
}

impl Default for Cluster {
    fn default() -> Self {
        Self { client: OnceCell::new(), places: Semaphore::new(CONCURRENT_REQUESTS) }
    }
}

impl Cluster {
    /// What keeps the cluster from being reached, as far as it can be known without asking it.
    pub fn preflight(&self) -> Result<(), ClusterError> {
        config().map(drop)
    }

    /// Applies a Secret, if it is not as it shall be. One that holds a newer token is left as it
    /// is: another replica was faster.
    pub async fn apply(&self, manifest: &SecretManifest<'_>) -> Result<Applied, ClusterError> {
        let api = self.api(manifest.namespace).await?;
        self.in_turn(secret::apply(&api, manifest)).await
    }

    /// Takes our part out of a Secret, if it holds the token of this credential. The Secret itself
    /// stays, since to delete it takes a permission that nothing else needs.
    pub async fn withdraw(
        &self,
        namespace: Option<&str>,
        name: &str,
        credential: &Name,
    ) -> Result<bool, ClusterError> {
        let api = self.api(namespace).await?;
        self.in_turn(secret::withdraw(&api, name, credential)).await
    }

    /// Reads a Lease in the pod's own namespace; one that is not there is held by nobody.
    pub async fn lease(&self, name: &str) -> Result<Lease, ClusterError> {
        let api = self.api(None).await?;
        in_time(lease::read(&api, name)).await
    }

    /// Writes a Lease, if nobody has since it was read, and gives it as it is then.
    pub async fn write_lease(
        &self,
        name: &str,
        lease: &Lease,
        renewed_at: WallTime,
        duration: Duration,
    ) -> Result<Option<Lease>, ClusterError> {
        let api = self.api(None).await?;
        in_time(lease::write(&api, name, lease, renewed_at, duration)).await
    }

    async fn api<K>(&self, namespace: Option<&str>) -> Result<kube::Api<K>, ClusterError>
    where
        K: Resource<Scope = NamespaceResourceScope, DynamicType = ()>,
    {
        let client = self.client.get_or_try_init(async || client()).await?.clone();
        Ok(match namespace {
            Some(namespace) => kube::Api::namespaced(client, namespace),
            None => kube::Api::default_namespaced(client),
        })
    }

    /// Waits for a place first. A Lease never does, or many Secrets would cost it.
    async fn in_turn<T>(
        &self,
        requests: impl Future<Output = Result<T, ClusterError>>,
    ) -> Result<T, ClusterError> {
        let _place = self.places.acquire().await;
        in_time(requests).await
    }
}

async fn in_time<T>(
    requests: impl Future<Output = Result<T, ClusterError>>,
) -> Result<T, ClusterError> {
    let silent = |_| ClusterError::Unreachable(format!("none in {TIMEOUT:?}").into());
    tokio::time::timeout(TIMEOUT, requests).await.map_err(silent)?
}

fn config() -> Result<Config, ClusterError> {
    let mut config = Config::incluster().map_err(|error| ClusterError::NotInPod(chain(&error)))?;
    // Only the schedule tries again.
    config.default_retry = false;
    Ok(config)
}

fn client() -> Result<Client, ClusterError> {
    Client::try_from(config()?).map_err(|error| ClusterError::NotInPod(chain(&error)))
}

impl From<kube::Error> for ClusterError {
    fn from(error: kube::Error) -> Self {
        match error {
            kube::Error::Api(status) => (*status).into(),
            error => Self::Unreachable(chain(&error)),
        }
    }
}

impl From<Status> for ClusterError {
    /// The text of most refusals may quote what was sent, so it is not shown.
    fn from(status: Status) -> Self {
        if status.is_forbidden() {
            Self::Forbidden(status.message.into())
        } else if status.is_conflict() {
            Self::OwnedByOthers(status.message.into())
        } else {
            Self::Refused(format!("{} {}", status.code, status.reason).into())
        }
    }
}

/// An error with what led to it; that of `kube` does not say it all by itself.
fn chain(error: &dyn std::error::Error) -> Box<str> {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(error) = source {
        let cause = error.to_string();
        if !text.contains(&cause) {
            let _ = write!(text, ": {cause}");
        }
        source = error.source();
    }
    text.into()
}
