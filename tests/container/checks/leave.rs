//! The end of a container.

use super::output;
use crate::{node::Node, pod::Pod, wait::now};

pub fn at_sigterm(node: &Node) -> String {
    let pod = Pod::new(node, "sigterm");
    pod.configure(&[("app", &output("app"))]);
    let mut sidecar = pod.sidecar(None);
    pod.token(&sidecar, "app");
    let asked = now();
    sidecar.signal("SIGTERM");
    let ended = sidecar.ended();
    let took = now().since(asked).as_secs_f64();
    assert_eq!(ended.code, Some(0), "{}", ended.text);
    assert!(took < 1.0, "{took} s: {}", ended.text);
    format!("{took:.2} s, with containerd's part")
}

pub fn after_once(node: &Node) -> String {
    let pod = Pod::new(node, "once");
    pod.configure(&[("app", &output("app"))]);
    let mut sidecar = pod.sidecar(Some("once"));
    let ended = sidecar.ended();
    assert_eq!(ended.code, Some(0), "{}", ended.text);
    assert!(pod.tokens.join("app/token").exists(), "{}", ended.text);
    assert!(!sidecar.runs(), "a process that stayed");
    let listed = node.ctr(&["tasks", "list", "--quiet"]).stdout;
    assert_eq!(String::from_utf8_lossy(&listed), "", "a container that stayed");
    String::new()
}
