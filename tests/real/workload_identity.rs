//! Workload identity: a service account's token, which the kubelet renews in a volume, is exchanged
//! for one of the server (RFC 8693).

use std::fs;

use jsonwebtoken::{Algorithm, EncodingKey, Header};

use crate::{
    server::{Client, Server},
    software::Software,
    tokenward::{LIFETIME, Tokenward, entry},
    volume::Volume,
    wait_until,
};

const NAME: &str = "workload";

pub fn a_projected_token_is_read_again_when_it_rotates(software: &'static Software) {
    let server = Server::start(software, LIFETIME, &[Client::new(NAME, "token_exchange", "none")]);
    let folder = tempfile::tempdir().unwrap();
    let here = server.token_endpoint();
    let token = |audience: &str, id: &str| service_account_token(&server, audience, id);
    let volume = Volume::new(folder.path(), &[("token", &token(&here, "first"))]);
    let tokenward = Tokenward::of(&entry(
        NAME,
        &[
            "grant: token_exchange".to_owned(),
            format!("token_endpoint: {}", server.token_endpoint()),
            "client_authentication: none".to_owned(),
            format!("client_id: {NAME}"),
            format!("subject_token: {{ file: {} }}", volume.path("token").display()),
            "subject_token_type: urn:ietf:params:oauth:token-type:jwt".to_owned(),
        ],
    ));
    let exchanged = |id: &str| server.log().matches(&format!("exchanged: {id}\n")).count();

    let daemon = tokenward.run();
    tokenward.another_token(NAME, None);
    assert!(exchanged("first") > 0, "{}", server.log());

    volume.swap(&[("token", &token(&here, "second"))]);
    wait_until("the second to be exchanged", || exchanged("second") > 0);
    let last = exchanged("first");
    wait_until("one more exchange", || exchanged("second") > 1);
    assert_eq!(exchanged("first"), last, "nothing is kept of what has gone");
    assert_eq!(tokenward.reason(NAME), None);

    volume.swap(&[("token", &token("https://elsewhere.example", "third"))]);
    wait_until("the refusal", || tokenward.reason(NAME).is_some());
    assert_eq!(exchanged("third"), 0, "it is meant for another server");
    volume.swap(&[("token", &token(&here, "fourth"))]);
    wait_until("the fourth to be exchanged", || exchanged("fourth") > 0);
    assert_eq!(daemon.terminate(), Some(0));
}

/// One that the server trusts, told apart by its `jti`.
fn service_account_token(server: &Server, audience: &str, id: &str) -> String {
    let claims = serde_json::json!({
        "sub": "system:serviceaccount:shop:cart", "aud": audience, "jti": id,
        "exp": 4_000_000_000_u32,
    });
    let key = fs::read(server.file("RS256.key")).unwrap();
    let key = EncodingKey::from_rsa_pem(&key).unwrap();
    jsonwebtoken::encode(&Header::new(Algorithm::RS256), &claims, &key).unwrap()
}
