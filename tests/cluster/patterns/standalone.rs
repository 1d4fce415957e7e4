//! A daemon of its own, which fills a Secret that the application mounts.

use crate::{
    cluster::PATIENCE,
    namespace::Namespace,
    patterns::sidecars::ready,
    wait::{now, until},
};

/// The application starts when its Secret is there. When the replica that writes is deleted, the
/// other one takes its place.
pub fn another_replica_takes_over(namespace: &Namespace<'_>) -> String {
    let application = ready(namespace, "deploy/kubernetes/examples/standalone");
    let log = namespace.kubectl(&["logs", application.name()]).unwrap();
    let length = log.lines().next().and_then(|line| line.trim().parse::<usize>().ok());
    assert!(length.is_some_and(|length| length > 0), "{log}");

    namespace.kubectl(&["rollout", "status", "deployment/tokenward", PATIENCE]).unwrap();
    let holder = ["get", "lease", "tokenward", "--output=jsonpath={.spec.holderIdentity}"];
    let first = namespace.kubectl(&holder).unwrap();
    let began = now();
    // The pod, and a number of its own.
    let (pod, _) = first.split_once('_').unwrap();
    namespace.kubectl(&["delete", "pod", pod, "--wait=false"]).unwrap();
    until("another holder", || {
        let holder = namespace.kubectl(&holder).unwrap();
        !holder.is_empty() && holder != first
    });
    let took = now().since(began).as_secs_f64();
    format!("another holds the Lease {took:.1} s after the first was deleted")
}
