//! What the other tests stand on: a process in a pod is known by its service account.

use crate::{
    cluster::{Cluster, kubectl},
    namespace::Namespace,
    output::output,
    pod::Pod,
    program::wait_until,
};

/// The user and the pod that the API server takes a program for. kubectl looks for the service
/// account where every client does.
fn who_am_i(pod: &Pod<'_>) -> Result<String, String> {
    let user = "{.status.userInfo.username}";
    let uid = r"{.status.userInfo.extra.authentication\.kubernetes\.io/pod-uid[0]}";
    let mut command = kubectl();
    command.args(["auth", "whoami", &format!("--output=jsonpath={user} {uid}")]);
    pod.surround(command.env_remove("KUBECONFIG").env("HOME", pod.program.path("out")));
    pod.inside(|| output(&mut command, ""))
}

#[test]
fn a_process_in_a_pod_is_its_service_account() {
    let Some(cluster) = Cluster::shared("a service account in a pod") else { return };
    let namespace = Namespace::new(cluster, "identity");
    namespace.kubectl(&["create", "serviceaccount", "somebody"], "").unwrap();
    let pod = Pod::new(&namespace, "pod", "somebody");
    let assert_known = || {
        let object = namespace.read("pod", "pod").unwrap();
        let uid = object["metadata"]["uid"].as_str().unwrap();
        let expected = format!("system:serviceaccount:identity:somebody {uid}");
        assert_eq!(who_am_i(&pod), Ok(expected));
    };

    assert_known();
    let before = pod.token();
    pod.renew_token();
    assert_known();

    let as_before = [&format!("--token={before}"), "auth", "whoami"];
    let is_refused = || cluster.kubectl(&as_before, "").is_err_and(|e| e.contains("Unauthorized"));
    wait_until("the token before to be refused", is_refused, || "it is taken".into());
}
