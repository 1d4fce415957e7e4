//! What kubelet replaces while the sidecar runs.

use super::{output, soon_again};
use crate::{
    node::Node,
    pod::Pod,
    provider::SECRET,
    wait::{now, until},
};

pub fn of_the_configuration(node: &Node) -> String {
    let pod = Pod::new(node, "configuration");
    pod.configure(&[("app", &output("app"))]);
    let sidecar = pod.sidecar(None);
    pod.token(&sidecar, "app");

    let mut took = [1, 2, 3].map(|number| {
        let swapped = now();
        let name = format!("more{number}");
        pod.configure(&[("app", &output(&name))]);
        pod.token(&sidecar, &name);
        now().since(swapped).as_secs_f64()
    });
    // One of three may fall into a moment in which this machine is busy.
    took.sort_by(f64::total_cmp);
    assert!(took[1] < 1.0, "{took:?} s: {}", sidecar.said());
    format!("{:.2} s until it is published", took[1])
}

pub fn of_a_secret(node: &Node) -> String {
    let pod = Pod::new(node, "secret");
    pod.secrets.put("sandbox", "wrong");
    pod.configure(&[("app", &soon_again("app"))]);
    let sidecar = pod.sidecar(None);
    until("a refusal", || sidecar.said().contains("invalid_client"));
    let refused = now();
    until("the interval to pass", || now().since(refused).as_secs_f64() > 1.5);

    let swapped = now();
    pod.secrets.put("sandbox", SECRET);
    pod.token(&sidecar, "app");
    let took = now().since(swapped).as_secs_f64();
    assert!(took < 1.0, "{took} s: {}", sidecar.said());
    format!("{took:.2} s until a token is there")
}
