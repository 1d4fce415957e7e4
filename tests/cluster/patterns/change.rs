//! What the kubelet swaps in a mounted volume.

use crate::{
    namespace::{Namespace, SECRET},
    patterns::sidecars::ready,
    pod::Pod,
    wait::{now, until, until_some},
};

const EXAMPLE: &str = "deploy/kubernetes/examples/native-sidecar";
const TOKEN: &str = "/run/tokenward/reports/access_token";
const OUTPUT: &str = "- token_file: reports/access_token";

/// A second output that is added to the `ConfigMap` is there for the application.
pub fn of_the_configuration(namespace: &Namespace<'_>) -> String {
    let pod = ready(namespace, EXAMPLE);
    let edited =
        namespace.configuration().replace(OUTPUT, &format!("{OUTPUT}\n      - token_file: copy"));
    let began = now();
    namespace.configure(&edited);
    let look = "until cat /run/tokenward/copy; do sleep 0.1; done";
    namespace.kubectl(&in_application(&pod, look)).unwrap();
    let took = now().since(began).as_secs_f64();
    assert_eq!(namespace.pod().restarts(), 0);
    format!("{took:.1} s, the kubelet's part included")
}

/// Another client secret is used at once: it is refused, and the one that is right again is not.
pub fn of_the_secret(namespace: &Namespace<'_>) -> String {
    let pod = ready(namespace, EXAMPLE);
    let token = || namespace.kubectl(&in_application(&pod, &format!("cat {TOKEN}"))).unwrap();
    let before = token();
    namespace.keep_secret("wrong");
    until("the other secret to be refused", || {
        let log = namespace.kubectl(&["logs", pod.name(), "--container=tokenward"]).unwrap();
        log.contains("invalid_client")
    });
    assert_eq!(token(), before, "what is good stays");
    let began = now();
    namespace.keep_secret(SECRET);
    let look = format!(r#"while [ "$(cat {TOKEN})" = {before} ]; do sleep 0.1; done"#);
    namespace.kubectl(&in_application(&pod, &look)).unwrap();
    let took = now().since(began).as_secs_f64();
    assert_eq!(namespace.pod().restarts(), 0);
    format!("{took:.1} s, the kubelet's part included")
}

/// What would never change is said when the container starts, with its place.
pub fn of_a_sub_path(namespace: &Namespace<'_>) -> String {
    namespace.keep_secret(SECRET);
    namespace.apply_folder("tests/cluster/sub-path");
    let pod = until_some("the sidecar to give up", || {
        Some(namespace.pod()).filter(|pod| pod.last_end("tokenward").is_some())
    });
    assert_eq!(pod.last_end("tokenward").unwrap()["exitCode"], 78, "{}", pod.0);
    assert!(pod.is("reports", "waiting"), "{}", pod.0);
    let log = namespace.kubectl(&["logs", pod.name(), "--container=tokenward"]).unwrap();
    for path in ["/etc/tokenward/config.yaml", "/var/run/secrets/tokenward/reports"] {
        assert!(log.contains(&format!("{path} is mounted with subPath")), "{log}");
    }
    "exit code 78, and both places".into()
}

/// kubectl's arguments for a script that runs beside the application, and waits better than we can.
fn in_application<'a>(pod: &'a Pod, script: &'a str) -> [&'a str; 7] {
    ["exec", pod.name(), "--container=reports", "--", "sh", "-ec", script]
}
