//! `kubernetes_lease`: of two replicas one works.

use std::{
    io::{Read as _, Write as _},
    net::{TcpListener, TcpStream},
    time::Duration,
};

use nix::sys::signal::Signal;
use tokenward::clock::{Clock, SystemClock};

use crate::{
    cluster::Cluster,
    namespace::Namespace,
    pod::Pod,
    program::{Daemon, Server, wait_until},
    secrets::{credential, rights},
};

/// Two pods with one configuration, whose daemons write one Secret.
struct Replicas {
    namespace: Namespace,
    server: Server,
}

impl Replicas {
    fn new(cluster: &'static Cluster, name: &'static str) -> Self {
        let namespace = Namespace::new(cluster, name);
        namespace.apply(&rights(&["token"]));
        Self { namespace, server: Server::start() }
    }

    fn pod(&self, name: &'static str) -> Pod<'_> {
        self.pod_at(name, "127.0.0.1:0")
    }

    /// One whose health is served at this address.
    fn pod_at(&self, name: &'static str, listen: &str) -> Pod<'_> {
        let pod = Pod::new(&self.namespace, name, "tokenward");
        let outputs = "    outputs: [ { kubernetes_secret: token } ]";
        let credential = credential("one", &self.server, outputs);
        let head = format!("listen: {listen}\nkubernetes_lease: true\n");
        pod.program.configure(&format!("{head}credentials:\n{credential}"));
        pod
    }

    fn holder(&self) -> Option<String> {
        let lease = self.namespace.read("lease", "tokenward")?;
        Some(lease["spec"]["holderIdentity"].as_str().unwrap_or_default().to_owned())
    }
}

fn get(address: &str, path: &str) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    let request = format!("GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

fn works(daemon: &Daemon) -> bool {
    daemon.log().contains("started")
}

fn stands_by(daemon: &Daemon) -> bool {
    daemon.log().contains("standing by")
}

#[test]
fn one_works_and_the_other_takes_over_at_once_when_it_ends() {
    let Some(cluster) = Cluster::shared("two replicas") else { return };
    let replicas = Replicas::new(cluster, "take-over");
    let [first, second] = ["first", "second"].map(|name| replicas.pod(name));
    let one = first.run("log", first.command(&["run"]));
    wait_until("the first to work", || works(&one), || one.log());
    let two = second.run("log", second.command(&["run"]));
    wait_until("the second to stand by", || stands_by(&two), || two.log());
    let holder = replicas.holder();
    assert!(holder.as_ref().is_some_and(|holder| !holder.is_empty()), "{holder:?}");

    // `once` does not work beside them either.
    let third = replicas.pod("third").verb(&["once", "--timeout", "1"]);
    assert_eq!(third.code, Some(75), "{}", third.text);
    assert!(third.text.contains("holds the Lease tokenward"), "{}", third.text);
    assert_eq!(replicas.server.sandbox.requests().len(), 1);
    assert!(!works(&two), "{}", two.log());

    let before = SystemClock.now().boot;
    assert_eq!(one.terminate().code, Some(0));
    wait_until("the second to work", || works(&two), || two.log());
    let took = SystemClock.now().boot.since(before);
    println!("the other works {took:?} after SIGTERM");
    assert!(took < Duration::from_secs(8), "it did not wait for the Lease to run out: {took:?}");
    assert_ne!(replicas.holder(), holder);
    assert_eq!(two.terminate().code, Some(0));
    assert_eq!(replicas.holder().as_deref(), Some(""));
}

#[test]
fn a_holder_that_is_gone_is_replaced_when_its_lease_runs_out() {
    let Some(cluster) = Cluster::shared("a holder that is gone") else { return };
    let replicas = Replicas::new(cluster, "gone");
    let [first, second] = ["first", "second"].map(|name| replicas.pod(name));
    let one = first.run("log", first.command(&["run"]));
    wait_until("the first to work", || works(&one), || one.log());
    let two = second.run("log", second.command(&["run"]));
    wait_until("the second to stand by", || stands_by(&two), || two.log());

    // It does not end, which would be told; it stops, as on a node that is gone.
    one.signal(Signal::SIGSTOP);
    let before = SystemClock.now().boot;
    wait_until("the second to work", || works(&two), || two.log());
    let took = SystemClock.now().boot.since(before);
    println!("the other works {took:?} after the holder was stopped");
    assert!(took > Duration::from_secs(10), "before the holder had to stop by itself: {took:?}");

    // When it wakes, it finds out, and ends.
    one.signal(Signal::SIGCONT);
    wait_until("the first to notice", || one.log().contains("could not be renewed"), || one.log());
    assert_eq!(one.wait().code, Some(75));
    assert_eq!(two.terminate().code, Some(0));
}

#[test]
fn who_stands_by_is_live_and_ends_when_told_to() {
    let Some(cluster) = Cluster::shared("a replica that stands by") else { return };
    let replicas = Replicas::new(cluster, "stands-by");
    replicas.namespace.apply(
        "apiVersion: coordination.k8s.io/v1\nkind: Lease\nmetadata: { name: tokenward }\n\
         spec: { holderIdentity: another, leaseDurationSeconds: 15 }\n",
    );
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string();
    let pod = replicas.pod_at("pod", &free);
    let daemon = pod.run("log", pod.command(&["run"]));
    wait_until("it to stand by", || stands_by(&daemon), || daemon.log());
    for path in ["/live", "/ready", "/metrics"] {
        let answer = get(&free, path);
        assert!(answer.starts_with("HTTP/1.1 200"), "{path}: {answer}");
    }
    let before = SystemClock.now().boot;
    assert_eq!(daemon.terminate().code, Some(0));
    let took = SystemClock.now().boot.since(before);
    assert!(took < Duration::from_secs(1), "{took:?}");
    assert_eq!(replicas.server.sandbox.requests().len(), 0);
}
