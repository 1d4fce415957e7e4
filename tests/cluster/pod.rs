//! What the API server knows of a pod.

use serde_json::Value;

/// A pod as it was when it was read.
pub struct Pod(pub Value);

impl Pod {
    pub fn name(&self) -> &str {
        self.0["metadata"]["name"].as_str().unwrap()
    }

    pub fn phase(&self) -> &str {
        self.0["status"]["phase"].as_str().unwrap_or_default()
    }

    /// Whether all its probes are content.
    pub fn is_ready(&self) -> bool {
        let conditions = self.0["status"]["conditions"].as_array();
        let is_ready =
            |condition: &Value| condition["type"] == "Ready" && condition["status"] == "True";
        conditions.is_some_and(|conditions| conditions.iter().any(is_ready))
    }

    /// The status of a container, once the kubelet has told it.
    pub fn container(&self, name: &str) -> Option<&Value> {
        self.containers().find(|container| container["name"] == name)
    }

    /// Whether it is `running`, `waiting` or `terminated`.
    pub fn is(&self, container: &str, state: &str) -> bool {
        self.container(container).is_some_and(|status| !status["state"][state].is_null())
    }

    /// How a container ended, if it has.
    pub fn end(&self, container: &str) -> Option<&Value> {
        Some(&self.container(container)?["state"]["terminated"]).filter(|end| !end.is_null())
    }

    /// The same of one that may have been started again since.
    pub fn last_end(&self, container: &str) -> Option<&Value> {
        let before = &self.container(container)?["lastState"]["terminated"];
        self.end(container).or_else(|| Some(before).filter(|end| !end.is_null()))
    }

    /// How often containers were started again.
    pub fn restarts(&self) -> u64 {
        self.containers().filter_map(|container| container["restartCount"].as_u64()).sum()
    }

    fn containers(&self) -> impl Iterator<Item = &Value> {
        let lists = ["initContainerStatuses", "containerStatuses"];
        lists.into_iter().filter_map(|list| self.0["status"][list].as_array()).flatten()
    }
}
