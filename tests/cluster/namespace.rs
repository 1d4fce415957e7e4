//! A namespace of a check's own, and what is applied there.

use std::{path::Path, process::Command};

use serde_json::{Value, json};

use crate::{
    cluster::{Cluster, kubectl},
    output::output,
    pod::Pod,
    wait::until_some,
};

/// Where the sandbox is for a pod. It speaks no TLS, which has to be allowed.
const PROVIDER: &str = "http://10.1.0.1:9466/plain/token";
/// That of the examples.
const THEIRS: &str = "https://login.example.com/oauth2/token";

/// The secret of `sandbox-client`.
pub const SECRET: &str = "sandbox+secret/100%";

/// A namespace that takes no pod that breaks the Pod Security Standard "restricted".
pub struct Namespace<'a> {
    cluster: &'a Cluster,
    name: &'static str,
}

impl<'a> Namespace<'a> {
    pub fn new(cluster: &'a Cluster, name: &'static str) -> Self {
        cluster.kubectl(&["create", "namespace", name], "").unwrap();
        let label = "pod-security.kubernetes.io/enforce=restricted";
        cluster.kubectl(&["label", "namespace", name, label], "").unwrap();
        Self { cluster, name }
    }

    /// Runs kubectl as the administrator: what it prints, or what it complains of.
    pub fn kubectl(&self, arguments: &[&str]) -> Result<String, String> {
        self.with_input(arguments, "")
    }

    /// Brings these objects about.
    pub fn apply(&self, manifest: &str) {
        self.with_input(&["apply", "--filename=-"], manifest).unwrap();
    }

    /// Makes or changes the Secret that the examples want of an operator.
    pub fn keep_secret(&self, client_secret: &str) {
        self.keep("Secret", "stringData", &json!({ "reports": client_secret }));
    }

    /// Changes the configuration.
    pub fn configure(&self, configuration: &str) {
        self.keep("ConfigMap", "data", &json!({ "config.yaml": configuration }));
    }

    /// What the configuration is now.
    pub fn configuration(&self) -> String {
        self.kubectl(&["get", "configmap", "tokenward", r"--output=jsonpath={.data.config\.yaml}"])
            .unwrap()
    }

    /// Applies a folder of the repository; its provider is the sandbox.
    pub fn apply_folder(&self, folder: &str) {
        self.apply(&with_our_provider(&built(folder)));
    }

    /// The pod of the workload, when there is one.
    pub fn pod(&self) -> Pod {
        until_some("a pod", || {
            let list = self.kubectl(&["get", "pods", "--output=json"]).ok()?;
            let list: Value = serde_json::from_str(&list).unwrap();
            list["items"].get(0).cloned().map(Pod)
        })
    }

    /// The pod of this name, which must be there.
    pub fn named(&self, name: &str) -> Pod {
        let pod = self.kubectl(&["get", "pod", name, "--output=json"]).unwrap();
        Pod(serde_json::from_str(&pod).unwrap())
    }

    /// Kills a container as the kernel does for want of memory.
    pub fn kill(&self, pod: &Pod, container: &str) {
        let id = pod.container(container).unwrap()["containerID"].as_str().unwrap();
        let id = id.strip_prefix("containerd://").unwrap();
        let mut ctr = self.cluster.inside("ctr");
        ctr.args(["--namespace=k8s.io", "tasks", "kill", "--signal=SIGKILL", id]);
        output(&mut ctr, "").unwrap();
    }

    /// What the cluster has to say of all that is in it.
    pub fn story(&self) -> String {
        let asked: [&[&str]; 3] = [
            &["get", "pods,jobs", "--output=wide"],
            &["get", "events", "--output=custom-columns=:.involvedObject.name,:.message"],
            &["logs", "--selector=tokenward", "--all-containers", "--prefix"],
        ];
        asked.map(|arguments| self.kubectl(arguments).unwrap_or_else(|e| e)).concat()
    }

    fn keep(&self, kind: &str, field: &str, data: &Value) {
        let metadata = json!({ "name": "tokenward" });
        let object = json!({ "apiVersion": "v1", "kind": kind, "metadata": metadata, field: data });
        self.apply(&object.to_string());
    }

    fn with_input(&self, arguments: &[&str], input: &str) -> Result<String, String> {
        self.cluster.kubectl(&[&["--namespace", self.name], arguments].concat(), input)
    }
}

/// What kubectl makes of a kustomization. One of ours may take a file from an example.
fn built(folder: &str) -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let mut command = Command::new(kubectl());
    command.args(["kustomize", "--load-restrictor=LoadRestrictionsNone"]).arg(folder);
    output(&mut command, "").unwrap()
}

fn with_our_provider(manifest: &str) -> String {
    let theirs = format!("token_endpoint: {THEIRS}");
    let line = manifest.lines().find(|line| line.trim_start() == theirs).unwrap();
    let indent = &line[..line.len() - theirs.len()];
    let ours = format!("allow_insecure: true\n{indent}token_endpoint: {PROVIDER}");
    manifest
        .replace(&theirs, &ours)
        .replace("client_id: reports-service", "client_id: sandbox-client")
}
