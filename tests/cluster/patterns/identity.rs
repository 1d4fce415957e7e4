//! Workload identity: the token that the kubelet projects into the pod.

use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD as BASE64};
use serde_json::Value;

use crate::{namespace::Namespace, patterns::sidecars::until_ready};

/// Of the two ways of the example one is for a server that knows the cluster's keys, which the
/// sandbox does not, so it is taken out. The sandbox puts the subject of what it takes into what it gives.
pub fn a_projected_token_is_exchanged(namespace: &Namespace<'_>) -> String {
    namespace.apply_folder("deploy/kubernetes/examples/workload-identity");
    let configuration = namespace.configuration();
    let (exchange, _) = configuration.split_once("\n  # It stands in").unwrap();
    namespace.configure(exchange);
    let pod = until_ready(namespace);
    let file = "/run/tokenward/reports/access_token";
    let token = namespace.kubectl(&["exec", pod.name(), "--container=reports", "--", "cat", file]);
    let token = token.unwrap();
    let payload = BASE64.decode(token.split('.').nth(1).unwrap()).unwrap();
    let claims: Value = serde_json::from_slice(&payload).unwrap();
    assert_eq!(claims["sub"], "system:serviceaccount:workload-identity:tokenward");
    format!("sub: {}", claims["sub"].as_str().unwrap())
}
