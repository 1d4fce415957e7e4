//! From the start to the first token.

use super::{output, soon_again};
use crate::{
    http,
    node::Node,
    pod::Pod,
    provider::SECRET,
    wait::{now, until},
};

pub fn the_first_token(node: &Node) -> String {
    let pod = Pod::new(node, "start");
    pod.configure(&[("app", &output("app"))]);
    let started = now();
    let sidecar = pod.sidecar(None);
    pod.token(&sidecar, "app");
    let took = now().since(started).as_secs_f64();
    assert!(took < 5.0, "{took} s: {}", sidecar.said());
    format!("{took:.2} s, with containerd's part")
}

pub fn is_confined(node: &Node) -> String {
    let pod = Pod::new(node, "confined");
    pod.configure(&[("app", &output("app"))]);
    let sidecar = pod.sidecar(None);
    pod.token(&sidecar, "app");
    for (field, value) in [
        ("Uid", "65532\t65532\t65532\t65532"),
        ("Gid", "65532\t65532\t65532\t65532"),
        ("CapBnd", "0000000000000000"),
        ("CapPrm", "0000000000000000"),
        ("NoNewPrivs", "1"),
        // A filter.
        ("Seccomp", "2"),
    ] {
        assert_eq!(sidecar.status(field), value, "{field}");
    }
    String::new()
}

/// Those of a pod with a port, and that of one without.
pub fn the_probes(node: &Node) -> String {
    let pod = Pod::new(node, "probes");
    pod.secrets.put("sandbox", "wrong");
    pod.configure(&[("app", &soon_again("app"))]);
    let sidecar = pod.sidecar(None);
    let probe = |path: &str| http::status(pod.port, path, None);
    let waits = || sidecar.does(&["/usr/bin/tokenward", "wait", "--timeout", "0"]);
    until("an answer", || probe("/live").is_some());
    assert_eq!((probe("/live"), probe("/ready")), (Some(200), Some(503)), "{}", sidecar.said());
    assert!(!waits(), "there is no token yet");

    pod.secrets.put("sandbox", SECRET);
    pod.token(&sidecar, "app");
    until("to be ready", || probe("/ready") == Some(200));
    assert!(waits(), "{}", sidecar.said());
    String::new()
}
