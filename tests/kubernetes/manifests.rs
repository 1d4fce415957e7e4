//! What we ship as manifests is what an API server takes: no unknown field, no warning, and pods
//! that the Pod Security Standard "restricted" lets in.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::Once,
};

use serde_json::{Value, json};

use crate::{
    cluster::{Cluster, beside, kubectl},
    namespace::Namespace,
    output::output,
};

/// The complaint of the API server about these manifests, if they came into this namespace.
/// Nothing is kept of them.
pub fn complaint(namespace: &Namespace, manifests: &str) -> Option<String> {
    define_pod_monitors(namespace.cluster);
    let accepted = match attempt(namespace, &["apply", "--output=json"], manifests) {
        Ok(printed) => serde_json::from_str(&printed).unwrap(),
        Err(complaint) => return Some(complaint),
    };
    // Pods come of these objects by a controller, which does not run here.
    objects(&accepted)
        .filter_map(pod)
        .find_map(|pod| attempt(namespace, &["create"], &pod.to_string()).err())
}

/// Has the API server look at objects as if they were to stay.
fn attempt(namespace: &Namespace, verb: &[&str], manifests: &str) -> Result<String, String> {
    let attempt = ["--dry-run=server", "--validate=strict", "--warnings-as-errors", "--filename=-"];
    namespace.kubectl(&[verb, &attempt].concat(), manifests)
}

/// The objects in a list, or the one that comes without a list.
fn objects(printed: &Value) -> impl Iterator<Item = &Value> {
    let alone = std::slice::from_ref(printed);
    printed["items"].as_array().map_or(alone, Vec::as_slice).iter()
}

/// The pod that comes of an object.
fn pod(object: &Value) -> Option<Value> {
    let template = ["/spec/template", "/spec/jobTemplate/spec/template"];
    let template = template.into_iter().find_map(|place| object.pointer(place))?;
    let name = &object["metadata"]["name"];
    let metadata = json!({ "name": name, "labels": template["metadata"]["labels"] });
    Some(json!({
        "apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": template["spec"],
    }))
}

/// The one kind in our manifests that Kubernetes does not bring along.
pub fn define_pod_monitors(cluster: &Cluster) {
    static DEFINED: Once = Once::new();
    DEFINED.call_once(|| {
        let definition = beside(".bed/podmonitors.yaml").display().to_string();
        cluster.kubectl(&["create", "--filename", &definition], "").unwrap();
        let known = ["wait", "--for=condition=Established", "--filename", &definition];
        cluster.kubectl(&known, "").unwrap();
    });
}

/// Every folder that can be applied by itself; what is a component is a part of others.
fn kustomizations(folder: &Path) -> Vec<PathBuf> {
    let text = fs::read_to_string(folder.join("kustomization.yaml")).unwrap_or_default();
    let own = text.lines().any(|line| line == "kind: Kustomization").then(|| folder.to_owned());
    let entries = fs::read_dir(folder).into_iter().flatten().map(|entry| entry.unwrap().path());
    let inside = entries.filter(|path| path.is_dir()).flat_map(|path| kustomizations(&path));
    own.into_iter().chain(inside).collect()
}

#[test]
fn every_kustomization_is_taken() {
    let Some(cluster) = Cluster::shared("our manifests at an API server") else { return };
    let namespace = Namespace::restricted(cluster, "kustomizations");
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folders = kustomizations(&root.join("deploy/kubernetes"));
    assert!(!folders.is_empty(), "there are manifests");
    let complaint = |folder: &PathBuf| {
        let complaint = match output(kubectl().arg("kustomize").arg(folder), "") {
            Ok(manifests) => complaint(&namespace, &manifests)?,
            Err(complaint) => complaint,
        };
        Some(format!("{}: {complaint}", folder.strip_prefix(root).unwrap().display()))
    };
    let complaints: Vec<_> = folders.iter().filter_map(complaint).collect();
    assert!(complaints.is_empty(), "{}", complaints.join("\n"));
}

/// One with a pod as "restricted" wants it, and with `more` at its end.
fn deployment(more: &str) -> String {
    format!(
        "apiVersion: apps/v1
kind: Deployment
metadata: {{ name: one }}
spec:
  selector: {{ matchLabels: {{ app: one }} }}
  template:
    metadata: {{ labels: {{ app: one }} }}
    spec:
      securityContext: {{ runAsNonRoot: true, seccompProfile: {{ type: RuntimeDefault }} }}
      containers:
        - name: one
          image: one
          securityContext: {{ allowPrivilegeEscalation: false, capabilities: {{ drop: [ALL] }} }}
{more}"
    )
}

#[test]
fn what_is_wrong_with_a_manifest_is_found() {
    let Some(cluster) = Cluster::shared("bad manifests at an API server") else { return };
    let namespace = Namespace::restricted(cluster, "bad-manifests");
    let job = "apiVersion: batch/v1\nkind: Job\nmetadata: { name: one }\nspec:\n  template:\n    \
               spec: { restartPolicy: Never, containers: [{ name: one, image: one }] }\n";
    let monitor = "apiVersion: monitoring.coreos.com/v1\nkind: PodMonitor\n\
                   metadata: { name: one }\nspec: { podMetricsEndpoints: [], selector: {}, SPARE }";
    for (name, manifest, words) in [
        ("a good one", deployment(""), None),
        ("a word nobody knows", deployment("          imagePull: Always\n"), Some("imagePull")),
        (
            "a port out of range",
            deployment("          ports: [{ containerPort: 99999 }]\n"),
            Some("65535"),
        ),
        (
            "a warning",
            deployment("          env: [{ name: A }, { name: A }]\n"),
            Some("hides previous"),
        ),
        ("the host's network", deployment("      hostNetwork: true\n"), Some("hostNetwork")),
        ("a pod of a job that may be root", job.into(), Some("runAsNonRoot")),
        ("a good monitor", monitor.replace(", SPARE", ""), None),
        ("a monitor with an unknown word", monitor.replace("SPARE", "spare: 1"), Some("spare")),
    ] {
        let complaint = complaint(&namespace, &manifest);
        match words {
            None => assert_eq!(complaint, None, "{name}"),
            Some(words) => assert!(
                complaint.as_ref().is_some_and(|complaint| complaint.contains(words)),
                "{name}: {complaint:?}"
            ),
        }
    }
}
