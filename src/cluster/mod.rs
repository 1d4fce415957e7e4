//! The Kubernetes cluster that the pod runs in: Secrets are applied to it, and a Lease says which
//! of several replicas writes.
//!
//! What speaks to it stands in `api`, with the feature `kubernetes`; without that, `absent` says
//! so. Nobody else knows which of the two it is.

#[cfg(not(feature = "kubernetes"))]
mod absent;
#[cfg(feature = "kubernetes")]
mod api;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

#[cfg(not(feature = "kubernetes"))]
pub use self::absent::Cluster;
#[cfg(feature = "kubernetes")]
pub use self::api::Cluster;
use crate::{clock::WallTime, credential::Name, error::Fault, secret::Secret, token::Expiry};

/// A Secret as it shall be.
#[derive(Debug)]
pub struct SecretManifest<'a> {
    /// Where; the pod's own namespace if absent.
    pub namespace: Option<&'a str>,
    /// Its name.
    pub name: &'a str,
    /// Whose token it holds.
    pub credential: &'a Name,
    /// When that token was asked for.
    pub issued_at: WallTime,
    /// Until when it is good.
    pub expiry: Expiry,
    /// The date.
    pub now: WallTime,
    /// Labels besides our own.
    pub labels: &'a [(Box<str>, Box<str>)],
    /// Keys and values.
    pub data: BTreeMap<&'a str, Secret>,
}

/// What stands in the cluster after an application.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Applied {
    /// Whether anything was written.
    pub changed: bool,
    /// Until when the token in it is good.
    pub expiry: Expiry,
}

/// That a Secret holds a token of ours, as the cluster has confirmed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Receipt {
    /// Which Secret.
    pub secret: Box<str>,
    /// When it was confirmed.
    pub confirmed_at: WallTime,
    /// Until when the token in it is good; absent if that has no end.
    pub expires_at: Option<WallTime>,
}

/// A Lease (`coordination.k8s.io/v1`) as it was read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lease {
    /// Who holds it; empty if nobody does.
    pub holder: Box<str>,
    /// How often it has changed hands.
    pub transitions: i32,
    /// Since when its holder has it.
    pub acquired_at: WallTime,
    /// Changes with each write. Clocks of other machines are not compared, only this.
    pub version: Option<Box<str>>,
}

/// Why the cluster did not do what was asked.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ClusterError {
    /// The program cannot speak to clusters.
    #[error(
        "this tokenward is built without Kubernetes; use the image, or build it with \
         `--features kubernetes`"
    )]
    NotBuilt,
    /// The pod has no service account.
    #[error(
        "there is no service account of a pod here ({0}); run in a pod with \
         `automountServiceAccountToken: true`"
    )]
    NotInPod(Box<str>),
    /// No answer.
    #[error("the Kubernetes API gives no answer: {0}")]
    Unreachable(Box<str>),
    /// A Role is missing.
    #[error("the Kubernetes API forbids it: {0}; see the Role in deploy/kubernetes/standalone")]
    Forbidden(Box<str>),
    /// Another answer that helps nobody.
    #[error("the Kubernetes API refuses it ({0}); see its log")]
    Refused(Box<str>),
    /// Others have set the same keys of a Secret that is not ours.
    #[error(
        "the Secret belongs to others: {0}; remove these keys from it, or choose another `name`"
    )]
    OwnedByOthers(Box<str>),
    /// The Secret of another credential.
    #[error(
        "the Secret holds the token of the credential {0}; choose another `name`, or delete the \
         Secret if that credential is gone"
    )]
    OfAnotherCredential(Box<str>),
    /// It changed each time between a look and a write.
    #[error("it changes all the time; find out who else writes it")]
    Contended,
}

impl ClusterError {
    /// Never the provider's: the token is in hand.
    pub const fn fault(&self) -> Fault {
        Fault::Local
    }

    /// A label for logs and metrics.
    pub const fn reason(&self) -> &'static str {
        match self {
            Self::NotBuilt => "without_kubernetes",
            Self::NotInPod(_) => "not_in_pod",
            Self::Unreachable(_) => "cluster_unreachable",
            Self::Forbidden(_) => "cluster_forbids",
            Self::Refused(_) => "cluster_refuses",
            Self::OwnedByOthers(_) | Self::OfAnotherCredential(_) => "secret_not_ours",
            Self::Contended => "contended",
        }
    }

    /// Whether consumers of the Secret find something that is not ours.
    pub const fn tells_of_others(&self) -> bool {
        matches!(self, Self::OwnedByOthers(_) | Self::OfAnotherCredential(_))
    }
}
