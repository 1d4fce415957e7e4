//! Workload identity: the daemon exchanges the token of its pod's service account (RFC 8693). That
//! it follows the token when a kubelet replaces it is seen in `tests/daemon/swapped.rs`.

use std::fs;

use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD as BASE64};
use serde_json::Value;

use crate::{
    cluster::Cluster,
    namespace::Namespace,
    pod::Pod,
    program::{Server, wait_until},
};

/// For whom a JWT speaks.
fn subject(token: &str) -> Option<String> {
    let claims = BASE64.decode(token.split('.').nth(1)?).ok()?;
    let claims: Value = serde_json::from_slice(&claims).ok()?;
    Some(claims["sub"].as_str()?.to_owned())
}

#[test]
fn the_token_of_the_service_account_is_exchanged() {
    let Some(cluster) = Cluster::shared("token exchange in a pod") else { return };
    let namespace = Namespace::new(cluster, "workload-identity");
    namespace.kubectl(&["create", "serviceaccount", "cart"], "").unwrap();
    let pod = Pod::new(&namespace, "cart-0", "cart");
    let server = Server::start();
    pod.program.configure(&format!(
        "credentials:
  cart:
    grant: token_exchange
    token_endpoint: http://{}/plain/token
    client_id: sandbox-client
    client_authentication: none
    subject_token: {{ file: /var/run/secrets/kubernetes.io/serviceaccount/token }}
    subject_token_type: urn:ietf:params:oauth:token-type:jwt
    refresh: {{ min_interval: 1s }}
    outputs: [ {{ token_file: token }} ]
",
        server.address
    ));
    let published = || fs::read_to_string(pod.program.path("out/token")).unwrap_or_default();

    let daemon = pod.run("log", pod.command(&["run"]));
    wait_until("a token", || !published().is_empty(), || daemon.log());
    let subject = subject(&published());
    assert_eq!(subject.as_deref(), Some("system:serviceaccount:workload-identity:cart"));

    let status = pod.verb(&["status"]);
    assert_eq!(status.code, Some(0), "{}", status.text);
    assert_eq!(daemon.terminate().code, Some(0));
}
