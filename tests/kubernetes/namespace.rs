//! A namespace of a test's own.

use serde_json::Value;

use crate::cluster::Cluster;

/// A namespace. It stays, like all that is in it, until the API server ends: only a controller
/// could remove it.
pub struct Namespace {
    pub cluster: &'static Cluster,
    pub name: &'static str,
}

impl Namespace {
    /// Makes it. Each test has a name of its own.
    pub fn new(cluster: &'static Cluster, name: &'static str) -> Self {
        cluster.kubectl(&["create", "namespace", name], "").unwrap();
        Self { cluster, name }
    }

    /// One that takes no pod that breaks the Pod Security Standard "restricted".
    pub fn restricted(cluster: &'static Cluster, name: &'static str) -> Self {
        let namespace = Self::new(cluster, name);
        let label = "pod-security.kubernetes.io/enforce=restricted";
        cluster.kubectl(&["label", "namespace", name, label], "").unwrap();
        namespace
    }

    /// Runs kubectl as the administrator: what it prints, or what it complains of.
    pub fn kubectl(&self, arguments: &[&str], input: &str) -> Result<String, String> {
        self.cluster.kubectl(&[&["--namespace", self.name], arguments].concat(), input)
    }

    /// Brings these objects about, as the administrator.
    pub fn apply(&self, manifest: &str) {
        self.kubectl(&["apply", "--filename=-"], manifest).unwrap();
    }

    /// An object, if there is one of this name.
    pub fn read(&self, kind: &str, name: &str) -> Option<Value> {
        let found = self.kubectl(&["get", kind, name, "--ignore-not-found", "--output=json"], "");
        let found = found.unwrap();
        (!found.is_empty()).then(|| serde_json::from_str(&found).unwrap())
    }
}
