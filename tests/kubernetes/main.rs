//! Tokenward in Kubernetes, as far as that is an API: a real API server on a real etcd.
//!
//! `tests/kubernetes/setup` builds what is needed. There is no kubelet: nothing here runs a
//! container, and pods are objects that wait for a node for ever. What a kubelet would do for a
//! pod of ours, [`Pod`](pod::Pod) does: it gives the process the token of a service account, in
//! the place and in the form that programs expect.
//!
//! A test takes the API server that all tests share, makes a namespace of its own, and lets
//! programs run in pods of it:
//!
//! ```ignore
//! let Some(cluster) = Cluster::shared("what this test shows") else { return };
//! let namespace = Namespace::new(cluster, "a-name-of-its-own");
//! namespace.apply("apiVersion: v1 ...");              // as the administrator
//! let pod = Pod::new(&namespace, "replica-a", "tokenward");
//! pod.program.configure("credentials: ...");
//! let daemon = pod.run("log", pod.command(&["run"])); // as the service account
//! let secret = namespace.read("secret", "name");      // None, or the object as JSON
//! pod.renew_token();                                  // as a kubelet does, in time
//! ```

mod chart;
mod cluster;
mod identity;
mod lease;
mod manifests;
mod namespace;
mod pod;
mod secrets;
mod workload_identity;

#[path = "../shared/disks.rs"]
#[expect(dead_code, reason = "other tests make more kinds of mounts")]
mod disks;
#[path = "../shared/left_out.rs"]
mod left_out;
#[path = "../shared/output.rs"]
mod output;
#[path = "../shared/own_mounts.rs"]
mod own_mounts;
#[path = "../program/mod.rs"]
#[expect(dead_code, reason = "other tests ask more of the program")]
mod program;
#[path = "../shared/volume.rs"]
mod volume;
#[path = "../shared/write.rs"]
mod write;
