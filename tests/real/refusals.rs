//! Proofs that are wrong in one thing, and the reason that is given for each.

use std::path::{Path, PathBuf};

use crate::{
    keys,
    server::{Client, Server},
    software::Software,
    tokenward::{LIFETIME, Tokenward, entry},
};

const ALGORITHM: &str = "ES256";

/// What is wrong, the keys of the credential that say so, and the reason that its status gives.
type Row = (&'static str, Vec<String>, Option<&'static str>);

/// Of what others made, of another kind, for somebody else, or of another time.
pub fn each_wrong_proof_has_its_reason(software: &'static Software) {
    let signing = Client {
        algorithm: Some(ALGORITHM),
        ..Client::new("private_key_jwt", "client_credentials", "private_key_jwt")
    };
    let certified = ["tls_client_auth", "self_signed_tls_client_auth"]
        .map(|authentication| Client::new(authentication, "client_credentials", authentication));
    let bearer = Client::new("jwt_bearer", "jwt_bearer", "none");
    let [authority, own] = certified;
    let server = Server::start(software, LIFETIME, &[signing, bearer, authority, own]);
    let others = tempfile::tempdir().unwrap();
    keys::write(others.path());

    let mut rows = signed(&server, others.path());
    rows.extend(granted(&server, others.path()));
    rows.extend(certificates(software, &server, others.path()));
    let entries: String = rows.iter().map(|(name, keys, _)| entry(name, keys)).collect();
    let tokenward = Tokenward::of(&entries);
    let ended = tokenward.once();
    for (name, _, reason) in rows {
        let row = format!("{name}:\n{}\n{}", ended.text, server.log());
        assert_eq!(tokenward.reason(name).as_deref(), reason, "{row}");
        assert_eq!(tokenward.token(name).is_some(), reason.is_none(), "{row}");
    }
}

/// Another key of the right kind, and words of the server that say no more than that.
pub fn a_key_that_the_server_does_not_know_is_refused(software: &'static Software) {
    let client = Client {
        algorithm: Some(ALGORITHM),
        ..Client::new("stranger", "client_credentials", "private_key_jwt")
    };
    let server = Server::start(software, LIFETIME, &[client]);
    let others = tempfile::tempdir().unwrap();
    keys::write(others.path());
    let tokenward = Tokenward::of(&entry(
        "stranger",
        &[
            format!("token_endpoint: {}", server.token_endpoint()),
            "client_id: stranger".to_owned(),
            client_key(&others.path().join("ES256.key"), ""),
        ],
    ));
    let ended = tokenward.once();
    assert_eq!(ended.code, Some(69), "{}", ended.text);
    let refusal = software.refusals.wrong_secret;
    assert!(ended.text.contains(refusal), "does not say `{refusal}`: {}", ended.text);
    assert!(!ended.text.contains("eyJ"), "shows the assertion: {}", ended.text);
}

/// The client proves who it is by a JWT.
fn signed(server: &Server, others: &Path) -> Vec<Row> {
    let row = |name, key: &Path, further, reason| {
        let keys = vec![
            format!("token_endpoint: {}", server.token_endpoint()),
            "client_id: private_key_jwt".to_owned(),
            client_key(key, further),
        ];
        (name, keys, reason)
    };
    let [own, rsa, public] = ["ES256.key", "RS256.key", "ES256.pub"].map(|name| server.file(name));
    let other = others.join("ES256.key");
    let audience = ", audience: https://elsewhere.example";
    vec![
        row("nothing", &own, "", None),
        row("key", &other, "", Some("invalid_client")),
        row("audience", &own, audience, Some("invalid_client")),
        row("kind-of-key", &rsa, "", Some("assertion_key")),
        row("public-key", &public, "", Some("assertion_key")),
    ]
}

/// The grant is a JWT.
fn granted(server: &Server, others: &Path) -> Vec<Row> {
    let row = |name, key: &Path, further, reason| {
        let keys = vec![
            "grant: jwt_bearer".to_owned(),
            format!("token_endpoint: {}", server.token_endpoint()),
            "client_authentication: none".to_owned(),
            "client_id: jwt_bearer".to_owned(),
            format!(
                "assertion: {{ algorithm: {ALGORITHM}, key: {{ file: {} }}, subject: ann{further} }}",
                key.display(),
            ),
        ];
        (name, keys, reason)
    };
    let [own, other] = [server.file("ES256.key"), others.join("ES256.key")];
    let audience = ", audience: https://elsewhere.example";
    let expired = ", claims: { exp: \"1000000000\" }";
    vec![
        row("nothing-in-grant", &own, "", None),
        row("key-of-grant", &other, "", Some("invalid_grant")),
        row("audience-of-grant", &own, audience, Some("invalid_grant")),
        row("expired-grant", &own, expired, Some("invalid_grant")),
    ]
}

/// The client proves who it is by a certificate, and looks at that of the server.
fn certificates(software: &Software, server: &Server, others: &Path) -> Vec<Row> {
    let row = |name, client: &str, authority: PathBuf, [certificate, key]: [PathBuf; 2], reason| {
        let keys = vec![
            format!("token_endpoint: {}", server.tls_address(software.token_path)),
            format!("client_authentication: {client}"),
            format!("client_id: {client}"),
            format!("ca_file: {}", authority.display()),
            format!(
                "client_certificate: {{ certificate: {}, key: {} }}",
                certificate.display(),
                key.display(),
            ),
        ];
        (name, keys, reason)
    };
    let [authority, own] = ["tls_client_auth", "self_signed_tls_client_auth"];
    let trusted = || server.file("authority.pem");
    let pair = |name: &str| ["pem", "key"].map(|kind| server.file(&format!("{name}.{kind}")));
    let other_own = ["pem", "key"].map(|kind| others.join(format!("{own}.{kind}")));
    let [certificate, _] = pair(authority);
    let unfit = [certificate, others.join("tls_client_auth.key")];
    let stranger = others.join("authority.pem");
    vec![
        row("nothing-in-tls", authority, trusted(), pair(authority), None),
        row("name-in-certificate", authority, trusted(), pair("server"), Some("invalid_client")),
        row("own-certificate", own, trusted(), other_own, Some("invalid_client")),
        row("key-of-certificate", authority, trusted(), unfit, Some("client_certificate")),
        row("authority", authority, stranger, pair(authority), Some("tls")),
    ]
}

/// The key that signs what the client proves itself with; `further` is YAML.
fn client_key(key: &Path, further: &str) -> String {
    format!(
        "client_authentication: {{ private_key_jwt: {{ algorithm: {ALGORITHM}, key: {{ file: {} }}{further} }} }}",
        key.display(),
    )
}
