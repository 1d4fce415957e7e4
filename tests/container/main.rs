//! The image in real containers: containerd and runc on the root file system that
//! deploy/image/root has made, and the volumes of a pod as kubelet makes them.
//!
//! Each check has a pod of its own: the sidecar, as it is hardened in deploy/kubernetes, and where
//! it is needed an application of another user. The provider is the sandbox, in this process. All
//! needs root; what is missing is said.

mod application;
mod checks;
mod container;
mod http;
mod image;
mod node;
mod pod;
mod projected;
mod provider;
mod table;

#[path = "../shared/left_out.rs"]
mod left_out;
#[path = "../shared/own_mounts.rs"]
#[expect(dead_code, reason = "other tests make more kinds of mounts")]
mod own_mounts;
#[path = "../shared/wait.rs"]
mod wait;
#[path = "../shared/write.rs"]
mod write;

use std::io::Write as _;

use crate::{
    checks::{change, leave, root, rotation, start},
    image::Image,
    left_out::left_out,
    node::Node,
    own_mounts::with_own_mounts,
    table::Table,
};

const WHAT: &str = "the image in real containers";

/// Something that must be seen: its words, and who looks and gives the figure to print.
type Check = (&'static str, fn(&Node) -> String);

const CHECKS: &[Check] = &[
    ("the image is small", root::is_small),
    ("the image is what the Dockerfile says, without a shell", root::is_as_promised),
    ("the sidecar has a token soon", start::the_first_token),
    ("the sidecar can do nothing else", start::is_confined),
    ("the probes fail before the first token, not after", start::the_probes),
    ("a new ConfigMap is noticed within a second", change::of_the_configuration),
    ("a new Secret is noticed within a second", change::of_a_secret),
    ("the sidecar at rest is small", rotation::is_small_at_rest),
    ("every read of another user gives a whole token", rotation::under_a_reader),
    ("SIGTERM ends it within a second", leave::at_sigterm),
    ("an init container ends, and nothing stays", leave::after_once),
];

#[test]
fn a_pod_has_what_the_image_promises() {
    if let Some(work) = application::work() {
        return application::read(work);
    }
    let Some(image) = Image::built() else { return };
    if let Some(why) = node::missing() {
        return left_out(WHAT, &why);
    }
    let mut table = Table::default();
    with_own_mounts(WHAT, || {
        let node = Node::start(image);
        for &(what, check) in CHECKS {
            table.add(what, || check(&node));
        }
        // Not `eprintln!`: of a test that passes, the test runner keeps that to itself.
        write!(std::io::stderr(), "\n{table}").unwrap();
        assert!(table.is_good(CHECKS.len()), "see the table above, and what each check said");
    });
}
