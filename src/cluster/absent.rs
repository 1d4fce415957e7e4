//! No cluster: the program is built without Kubernetes.

use std::time::Duration;

use super::{Applied, ClusterError, Lease, SecretManifest};
use crate::{clock::WallTime, credential::Name};

/// The cluster, which cannot be spoken to.
#[derive(Debug, Default)]
pub struct Cluster {}

#[expect(clippy::unused_async, reason = "as the one that can be spoken to")]
impl Cluster {
    /// What keeps the cluster from being reached, as far as it can be known without asking it.
    pub fn preflight(&self) -> Result<(), ClusterError> {
        Err(ClusterError::NotBuilt)
    }

    /// Applies a Secret.
    pub async fn apply(&self, _: &SecretManifest<'_>) -> Result<Applied, ClusterError> {
        Err(ClusterError::NotBuilt)
    }

    /// Reads a Lease.
    pub async fn lease(&self, _: &str) -> Result<Lease, ClusterError> {
        Err(ClusterError::NotBuilt)
    }

    /// Writes a Lease.
    pub async fn write_lease(
        &self,
        _: &str,
        _: &Lease,
        _: WallTime,
        _: Duration,
    ) -> Result<Option<Lease>, ClusterError> {
        Err(ClusterError::NotBuilt)
    }

    /// Takes our part out of a Secret.
    pub async fn withdraw(&self, _: Option<&str>, _: &str, _: &Name) -> Result<bool, ClusterError> {
        Err(ClusterError::NotBuilt)
    }
}
