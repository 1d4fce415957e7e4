//! Jobs, which must come to their end.

use crate::{
    cluster::PATIENCE,
    namespace::{Namespace, SECRET},
    wait::now,
};

/// `once` ends when the tokens are there, and the Job's own container begins.
pub fn with_an_init_container(namespace: &Namespace<'_>) -> String {
    completes(namespace, "deploy/kubernetes/examples/init-container", "tokenward-once")
}

/// The sidecar does not keep the pod alive.
pub fn with_a_native_sidecar(namespace: &Namespace<'_>) -> String {
    completes(namespace, "tests/cluster/job-with-sidecar", "tokenward")
}

fn completes(namespace: &Namespace<'_>, folder: &str, ours: &str) -> String {
    let began = now();
    namespace.keep_secret(SECRET);
    namespace.apply_folder(folder);
    namespace.kubectl(&["wait", "job/report", "--for=condition=Complete", PATIENCE]).unwrap();
    let took = now().since(began).as_secs_f64();
    let pod = namespace.pod();
    assert_eq!(pod.phase(), "Succeeded", "{}", pod.0);
    assert_eq!(pod.end(ours).unwrap()["exitCode"], 0, "{}", pod.0);
    let log = namespace.kubectl(&["logs", pod.name(), "--container=report"]).unwrap();
    assert!(log.contains("/run/tokenward/reports/access_token"), "{log}");
    format!("{took:.1} s from nothing to its end")
}
