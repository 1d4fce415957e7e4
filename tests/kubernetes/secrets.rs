//! `kubernetes_secret`, applied by the built daemon with the rights of its service account.

use base64::{Engine as _, prelude::BASE64_STANDARD as BASE64};
use serde_json::Value;

use crate::{
    cluster::Cluster,
    namespace::Namespace,
    pod::Pod,
    program::{Daemon, Server, wait_until},
};

/// The rights that the manifests give, for these Secrets.
pub fn rights(secrets: &[&str]) -> String {
    format!(
        "apiVersion: v1\nkind: ServiceAccount\nmetadata: {{ name: tokenward }}\n---\n\
         apiVersion: rbac.authorization.k8s.io/v1\nkind: Role\nmetadata: {{ name: tokenward }}\n\
         rules:\n\
         - {{ apiGroups: [\"\"], resources: [secrets], verbs: [get, create, patch],\n\
         \x20   resourceNames: {secrets:?} }}\n\
         - {{ apiGroups: [coordination.k8s.io], resources: [leases], verbs: [get, create, update],\n\
         \x20   resourceNames: [tokenward] }}\n---\n\
         apiVersion: rbac.authorization.k8s.io/v1\nkind: RoleBinding\n\
         metadata: {{ name: tokenward }}\n\
         roleRef: {{ apiGroup: rbac.authorization.k8s.io, kind: Role, name: tokenward }}\n\
         subjects: [{{ kind: ServiceAccount, name: tokenward }}]\n"
    )
}

/// A credential of the sandbox with these outputs.
pub fn credential(name: &str, server: &Server, rest: &str) -> String {
    format!(
        "  {name}:
    token_endpoint: http://{}/plain/token
    client_id: sandbox-client
    client_secret: sandbox+secret/100%
    refresh: {{ min_interval: 1s }}
{rest}
",
        server.address
    )
}

/// What a Secret holds under a key.
fn value(secret: &Value, key: &str) -> Option<String> {
    let bytes = BASE64.decode(secret["data"][key].as_str()?).unwrap();
    Some(String::from_utf8(bytes).unwrap())
}

/// Waits until a Secret of the namespace is as wanted, and gives it.
fn wait_for(
    namespace: &Namespace,
    name: &str,
    daemon: &Daemon,
    wanted: impl Fn(&Value) -> bool,
) -> Value {
    let read = || namespace.read("secret", name);
    let is_there = || read().is_some_and(|secret| wanted(&secret));
    wait_until(name, is_there, || format!("{:?}\n{}", read(), daemon.log()));
    read().unwrap()
}

#[test]
fn a_secret_holds_the_token_and_says_whose_and_until_when() {
    let Some(cluster) = Cluster::shared("a Secret with a token") else { return };
    let namespace = Namespace::new(cluster, "secret");
    namespace.apply(&rights(&["short", "long"]));
    let pod = Pod::new(&namespace, "pod", "tokenward");
    let server = Server::start();
    let outputs = "    outputs:
      - kubernetes_secret: short
      - kubernetes_secret:
          name: long
          namespace: secret
          data: { header: \"${authorization}\", until: \"${expires_at}\" }
          labels: { example.com/team: reports }
      - token_file: token";
    pod.program.configure(&format!("credentials:\n{}", credential("reports", &server, outputs)));
    assert_eq!(pod.verb(&["check"]).code, Some(0), "{}", pod.verb(&["check"]).text);
    let before = pod.verb(&["wait", "--timeout", "0"]);
    assert_eq!(before.code, Some(75), "{}", before.text);

    let daemon = pod.run("log", pod.command(&["run"]));
    let long = wait_for(&namespace, "long", &daemon, |_| true);
    let short = wait_for(&namespace, "short", &daemon, |_| true);
    let token = std::fs::read_to_string(pod.program.path("out/token")).unwrap();
    assert_eq!(value(&short, "access_token").as_ref(), Some(&token));
    assert_eq!(value(&long, "header"), Some(format!("Bearer {token}")));
    assert_eq!(short["type"], "Opaque");
    let labels = &long["metadata"]["labels"];
    assert_eq!(labels["example.com/team"], "reports");
    assert_eq!(labels["app.kubernetes.io/managed-by"], "tokenward");
    let annotations = &long["metadata"]["annotations"];
    assert_eq!(annotations["tokenward/credential"], "reports");
    let until: i64 = value(&long, "until").unwrap().parse().unwrap();
    let date: jiff::Timestamp =
        annotations["tokenward/expires-at"].as_str().unwrap().parse().unwrap();
    assert_eq!(date.as_second(), until);

    wait_until(
        "the receipts",
        || pod.verb(&["wait", "--timeout", "0"]).code == Some(0),
        || daemon.log(),
    );
    let status = pod.verb(&["status", "--json"]).text;
    for output in ["\"secret/short\"", "\"secret/secret/long\"", "\"token\""] {
        assert!(status.contains(output), "{output}: {status}");
    }
    assert!(!daemon.log().contains(&token), "{}", daemon.log());
    assert_eq!(daemon.terminate().code, Some(0));

    // The token is good, and so are the Secrets: nobody is asked, nothing is written.
    let daemon = pod.run("log-2", pod.command(&["run"]));
    wait_until("the start", || daemon.log().contains("started"), || daemon.log());
    assert_eq!(daemon.terminate().code, Some(0));
    assert_eq!(server.sandbox.requests().len(), 1);
    let version = |secret: &Value| secret["metadata"]["resourceVersion"].clone();
    assert_eq!(version(&namespace.read("secret", "short").unwrap()), version(&short));
}

#[test]
fn what_others_do_to_a_secret_of_ours_is_put_right() {
    let Some(cluster) = Cluster::shared("a Secret that is edited") else { return };
    let namespace = Namespace::new(cluster, "edited");
    namespace.apply(&rights(&["token"]));
    let pod = Pod::new(&namespace, "pod", "tokenward");
    let server = Server::start();
    let outputs = "    outputs: [ { kubernetes_secret: token } ]";
    pod.program.configure(&format!("credentials:\n{}", credential("one", &server, outputs)));
    let daemon = pod.run("log", pod.command(&["run"]));
    let first = wait_for(&namespace, "token", &daemon, |_| true);
    let token = value(&first, "access_token").unwrap();
    let is_right = |secret: &Value| value(secret, "access_token").as_ref() == Some(&token);

    let patch = r#"{"stringData":{"access_token":"edited","other":"theirs"}}"#;
    namespace.kubectl(&["patch", "secret", "token", "--patch", patch], "").unwrap();
    daemon.signal(nix::sys::signal::Signal::SIGHUP);
    let mended = wait_for(&namespace, "token", &daemon, is_right);
    assert_eq!(value(&mended, "other").as_deref(), Some("theirs"), "it is not ours to remove");

    namespace.kubectl(&["delete", "secret", "token"], "").unwrap();
    daemon.signal(nix::sys::signal::Signal::SIGHUP);
    wait_for(&namespace, "token", &daemon, is_right);
    assert_eq!(server.sandbox.requests().len(), 1, "the token was in hand");
    assert_eq!(daemon.terminate().code, Some(0));
}

#[test]
fn what_is_not_ours_stays_as_it_is_and_is_said() {
    let Some(cluster) = Cluster::shared("Secrets of others") else { return };
    let namespace = Namespace::new(cluster, "others");
    namespace.apply(&rights(&["made-by-hand", "of-another", "beside"]));
    let make = |name, datum| {
        let create = ["create", "secret", "generic", name, datum];
        namespace.kubectl(&create, "").unwrap();
    };
    make("made-by-hand", "--from-literal=access_token=theirs");
    make("of-another", "--from-literal=access_token=theirs");
    make("beside", "--from-literal=theirs=theirs");
    let annotate = ["annotate", "secret", "of-another", "tokenward/credential=two"];
    namespace.kubectl(&annotate, "").unwrap();
    let pod = Pod::new(&namespace, "pod", "tokenward");
    let server = Server::start();
    let outputs = |secret| format!("    outputs: [ {{ kubernetes_secret: {secret} }} ]");
    let credentials: String = ["made-by-hand", "of-another", "beside", "not-allowed"]
        .map(|name| credential(name, &server, &outputs(name)))
        .concat();
    pod.program.configure(&format!("credentials:\n{credentials}"));

    let daemon = pod.run("log", pod.command(&["run"]));
    let beside =
        wait_for(&namespace, "beside", &daemon, |secret| value(secret, "access_token").is_some());
    assert_eq!(value(&beside, "theirs").as_deref(), Some("theirs"));
    for (name, reason, hint) in [
        ("made-by-hand", "secret_not_ours", "kubectl-create"),
        ("of-another", "secret_not_ours", "the credential two"),
        ("not-allowed", "cluster_forbids", "system:serviceaccount:others:tokenward"),
    ] {
        let failure = |daemon: &Daemon| {
            let log = daemon.log();
            let line = log.lines().find(|line| line.contains(name) && line.contains(reason));
            line.map(str::to_owned)
        };
        wait_until(name, || failure(&daemon).is_some(), || daemon.log());
        let line = failure(&daemon).unwrap();
        assert!(line.contains(hint), "{line}");
    }
    for name in ["made-by-hand", "of-another"] {
        let secret = namespace.read("secret", name).unwrap();
        assert_eq!(value(&secret, "access_token").as_deref(), Some("theirs"), "{name}");
    }
    assert_eq!(namespace.read("secret", "not-allowed"), None);
    assert_eq!(server.sandbox.requests().len(), 4, "one each: what cannot be written is in hand");
    assert_eq!(daemon.terminate().code, Some(0));
}

#[test]
fn an_older_token_never_replaces_a_newer_one() {
    let Some(cluster) = Cluster::shared("two writers") else { return };
    let namespace = Namespace::new(cluster, "two-writers");
    namespace.apply(&rights(&["token"]));
    let server = Server::start();
    let outputs = "    outputs: [ { kubernetes_secret: token } ]";
    let configuration = format!("credentials:\n{}", credential("one", &server, outputs));
    let pods = ["older", "newer"].map(|name| Pod::new(&namespace, name, "tokenward"));
    let values = pods.each_ref().map(|pod| {
        pod.program.configure(&configuration);
        let once = pod.verb(&["once"]);
        assert_eq!(once.code, Some(0), "{}", once.text);
        value(&namespace.read("secret", "token").unwrap(), "access_token").unwrap()
    });
    assert_ne!(values[0], values[1]);

    // The first has its token still, and publishes it again.
    let once = pods[0].verb(&["once"]);
    assert_eq!(once.code, Some(0), "{}", once.text);
    let after = value(&namespace.read("secret", "token").unwrap(), "access_token").unwrap();
    assert_eq!(after, values[1]);
}

#[test]
fn a_credential_that_leaves_takes_its_token_along() {
    let Some(cluster) = Cluster::shared("a credential that leaves") else { return };
    let namespace = Namespace::new(cluster, "leaves");
    namespace.apply(&rights(&["goes", "stays"]));
    let pod = Pod::new(&namespace, "pod", "tokenward");
    let server = Server::start();
    let outputs = |name| format!("    outputs: [ {{ kubernetes_secret: {name} }} ]");
    let goes = credential("goes", &server, &(outputs("goes") + "\n    on_remove: remove"));
    let stays = credential("stays", &server, &outputs("stays"));
    pod.program.configure(&format!("credentials:\n{goes}{stays}"));
    let daemon = pod.run("log", pod.command(&["run"]));
    for name in ["goes", "stays"] {
        wait_for(&namespace, name, &daemon, |_| true);
    }
    pod.program.configure("credentials: {}\n");
    let left = wait_for(&namespace, "goes", &daemon, |secret| secret["data"].is_null());
    assert!(left["metadata"]["annotations"].is_null(), "{left}");
    let kept = namespace.read("secret", "stays").unwrap();
    assert!(value(&kept, "access_token").is_some());
    assert_eq!(daemon.terminate().code, Some(0));
}

#[test]
fn files_do_not_wait_for_a_cluster_that_is_not_there() {
    let Some(cluster) = Cluster::shared("an API server that is down") else { return };
    let namespace = Namespace::new(cluster, "down");
    namespace.apply(&rights(&["token"]));
    let pod = Pod::new(&namespace, "pod", "tokenward");
    let server = Server::start();
    let outputs = "    outputs: [ { kubernetes_secret: token }, { token_file: token } ]";
    pod.program.configure(&format!("credentials:\n{}", credential("one", &server, outputs)));
    let mut command = pod.command(&["run"]);
    // Nobody listens there.
    command.env("KUBERNETES_SERVICE_PORT", "1");
    let daemon = pod.run("log", command);
    wait_until("the file", || pod.program.path("out/token").exists(), || daemon.log());
    wait_until("the failure", || daemon.log().contains("cluster_unreachable"), || daemon.log());
    assert_eq!(daemon.terminate().code, Some(0));

    // As soon as it is there, the token in hand is enough.
    let once = pod.verb(&["once"]);
    assert_eq!(once.code, Some(0), "{}", once.text);
    assert!(namespace.read("secret", "token").is_some());
    assert_eq!(server.sandbox.requests().len(), 1);
}
