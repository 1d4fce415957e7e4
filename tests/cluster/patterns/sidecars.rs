//! Sidecars, and the application beside them.

use crate::{
    cluster::PATIENCE,
    namespace::{Namespace, SECRET},
    pod::Pod,
    wait::{now, until_some},
};

const NATIVE: &str = "deploy/kubernetes/examples/native-sidecar";
const TOKEN: &str = "/run/tokenward/reports/access_token";
const CONTAINERS: [&str; 2] = ["tokenward", "reports"];

/// While the client is refused there is no token and no application; then both, in that order.
pub fn the_application_waits(namespace: &Namespace<'_>) -> String {
    waits(namespace, NATIVE)
}

/// Probes that run `tokenward wait` say the same as those that ask the port.
pub fn without_a_port(namespace: &Namespace<'_>) -> String {
    waits(namespace, "deploy/kubernetes/examples/no-port")
}

/// As native ones do on delete: the application ends first, and nobody is killed.
pub fn a_native_one_ends_last(namespace: &Namespace<'_>) -> String {
    let (pod, figure) = ends(namespace, NATIVE);
    let finished = |name| pod.end(name).unwrap()["finishedAt"].as_str().unwrap().to_owned();
    assert!(finished("reports") <= finished("tokenward"), "{}", pod.0);
    figure
}

/// It stands beside the application, behind an init container.
pub fn a_plain_one(namespace: &Namespace<'_>) -> String {
    ends(namespace, "deploy/kubernetes/examples/plain-sidecar").1
}

/// It is started again with what it knew, and the application does not notice.
pub fn one_that_is_killed(namespace: &Namespace<'_>) -> String {
    let pod = ready(namespace, NATIVE);
    let look = ["exec", pod.name(), "--container=reports", "--", "cat", TOKEN];
    let token = namespace.kubectl(&look).unwrap();
    let began = now();
    namespace.kill(&pod, "tokenward");
    let again = until_some("the sidecar to be there again", || {
        Some(namespace.pod()).filter(|pod| pod.restarts() == 1 && pod.is_ready())
    });
    let took = now().since(began).as_secs_f64();
    assert_eq!(again.last_end("tokenward").unwrap()["exitCode"], 137, "{}", again.0);
    assert_eq!(again.container("reports").unwrap()["restartCount"], 0, "{}", again.0);
    assert_eq!(namespace.kubectl(&look).unwrap(), token, "no other was asked for");
    format!("ready again after {took:.1} s, with the same token")
}

/// As operators look into a pod.
pub fn status_by_kubectl(namespace: &Namespace<'_>) -> String {
    let pod = ready(namespace, NATIVE);
    let exec = ["exec", pod.name(), "--container=tokenward", "--", "tokenward", "status"];
    let status = namespace.kubectl(&exec).unwrap();
    assert!(status.contains("reports"), "{status}");
    String::new()
}

/// Applies an example, and waits until all its probes are content.
pub fn ready(namespace: &Namespace<'_>, example: &str) -> Pod {
    namespace.keep_secret(SECRET);
    namespace.apply_folder(example);
    until_ready(namespace)
}

/// The application does not start before its token is there, which its first line shows: the token's
/// length.
fn waits(namespace: &Namespace<'_>, example: &str) -> String {
    namespace.keep_secret("wrong");
    namespace.apply_folder(example);
    let pod = until_some("the client to be refused", || {
        let pod = namespace.pod();
        let log = namespace.kubectl(&["logs", pod.name(), "--container=tokenward"]).ok()?;
        // The log is ahead of what the API server knows.
        (log.contains("invalid_client") && pod.is("tokenward", "running")).then_some(pod)
    });
    assert!(pod.is("reports", "waiting"), "{}", pod.0);

    let mended = now();
    namespace.keep_secret(SECRET);
    let pod = until_ready(namespace);
    let took = now().since(mended).as_secs_f64();
    let log = namespace.kubectl(&["logs", pod.name(), "--container=reports"]).unwrap();
    let first = log.lines().next().and_then(|line| line.trim().parse::<usize>().ok());
    assert!(first.is_some_and(|length| length > 0), "{log}");
    assert_eq!(pod.restarts(), 0);
    format!("{took:.1} s after its secret was mended")
}

/// A pod that is deleted ends by itself: nobody of it has to be killed.
fn ends(namespace: &Namespace<'_>, example: &str) -> (Pod, String) {
    let pod = ready(namespace, example);
    assert_eq!(pod.restarts(), 0);
    // It stays to be looked at after its end.
    let finalizer = r#"{"metadata":{"finalizers":["tokenward.example/test"]}}"#;
    namespace.kubectl(&["patch", "pod", pod.name(), "--patch", finalizer]).unwrap();
    let began = now();
    namespace.kubectl(&["delete", "pod", pod.name(), "--wait=false"]).unwrap();
    let named = format!("pod/{}", pod.name());
    let over = "--for=jsonpath={.status.phase}=Succeeded";
    namespace.kubectl(&["wait", &named, over, PATIENCE]).unwrap();
    let ended = namespace.named(pod.name());
    let took = now().since(began).as_secs_f64();
    for name in CONTAINERS {
        assert_eq!(ended.end(name).unwrap()["exitCode"], 0, "{name}: {}", ended.0);
    }
    (ended, format!("ended {took:.1} s after it was deleted"))
}

/// Waits until all probes are content.
pub fn until_ready(namespace: &Namespace<'_>) -> Pod {
    namespace.kubectl(&["rollout", "status", "deployment/reports", PATIENCE]).unwrap();
    let pod = namespace.pod();
    assert!(pod.is_ready(), "{}", pod.0);
    pod
}
