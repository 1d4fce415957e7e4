//! The examples of deploy/kubernetes on a real cluster: a kubelet starts their containers, probes
//! them, renews what they mount and ends them.
//!
//! The cluster is of one node, in namespaces of its own ([`Cluster`]); tests/kubernetes/setup builds
//! its programs. What is applied is what we ship, but for the provider, which is the sandbox. Each
//! row of the table below is a pattern in a namespace that enforces the Pod Security Standard
//! "restricted", and all run at once. The image is target/image, which deploy/image/root makes.

mod cluster;
mod namespace;
mod patterns;
mod pod;
mod table;

#[path = "../shared/left_out.rs"]
mod left_out;
#[path = "../shared/output.rs"]
mod output;
#[path = "../shared/wait.rs"]
mod wait;
#[path = "../shared/write.rs"]
mod write;

use std::{io::Write as _, thread};

use crate::{
    cluster::Cluster,
    namespace::Namespace,
    patterns::{change, identity, jobs, sidecars, standalone},
    table::{Outcome, Row, Table},
};

const ROWS: &[Row] = &[
    Row {
        what: "native sidecar: the application waits for its token",
        namespace: "native-sidecar",
        check: sidecars::the_application_waits,
    },
    Row {
        what: "native sidecar without a port: the same",
        namespace: "no-port",
        check: sidecars::without_a_port,
    },
    Row {
        what: "native sidecar: ends by itself, after the application",
        namespace: "native-sidecar-ends",
        check: sidecars::a_native_one_ends_last,
    },
    Row {
        what: "native sidecar: killed, goes on with its token",
        namespace: "native-sidecar-killed",
        check: sidecars::one_that_is_killed,
    },
    Row {
        what: "plain sidecar: ends by itself",
        namespace: "plain-sidecar",
        check: sidecars::a_plain_one,
    },
    Row {
        what: "kubectl exec: status, where there is no shell",
        namespace: "status",
        check: sidecars::status_by_kubectl,
    },
    Row {
        what: "Job with an init container: completes",
        namespace: "init-container",
        check: jobs::with_an_init_container,
    },
    Row {
        what: "Job with a native sidecar: completes",
        namespace: "job-with-sidecar",
        check: jobs::with_a_native_sidecar,
    },
    Row {
        what: "ConfigMap: an edit is applied, nothing restarts",
        namespace: "config-edit",
        check: change::of_the_configuration,
    },
    Row {
        what: "Secret: an edit is applied, nothing restarts",
        namespace: "secret-edit",
        check: change::of_the_secret,
    },
    Row {
        what: "subPath: refused, of a ConfigMap and of a Secret",
        namespace: "sub-path",
        check: change::of_a_sub_path,
    },
    Row {
        what: "workload identity: the pod's token is exchanged",
        namespace: "workload-identity",
        check: identity::a_projected_token_is_exchanged,
    },
    Row {
        what: "stand-alone: fills a Secret, another takes over",
        namespace: "standalone",
        check: standalone::another_replica_takes_over,
    },
];

#[test]
fn each_pattern_does_on_a_node_what_it_promises() {
    let Some(cluster) = Cluster::start() else { return };
    let outcomes: Vec<_> = thread::scope(|scope| {
        let begin = |row: &'static Row| {
            let look = || Outcome::of(row, &Namespace::new(&cluster, row.namespace));
            thread::Builder::new().name(row.what.into()).spawn_scoped(scope, look).unwrap()
        };
        let threads: Vec<_> = ROWS.iter().map(begin).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    let table = Table::new(ROWS, &outcomes);
    // Not `eprintln!`: of a test that passes, the test runner keeps that to itself.
    write!(std::io::stderr(), "\n{table}").unwrap();
    assert!(table.is_good(), "see the table above, and what each check said before it");
}
