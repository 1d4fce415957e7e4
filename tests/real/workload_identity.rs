//! Workload identity: a service account's token, which the kubelet renews in a volume, is exchanged
//! for one of the server (RFC 8693).

use std::{fs, os::unix::fs::symlink, path::PathBuf};

use jsonwebtoken::{Algorithm, EncodingKey, Header};
use tempfile::TempDir;

use crate::{
    server::{Client, Server},
    software::Software,
    tokenward::{LIFETIME, Tokenward, entry},
    wait_until,
};

const NAME: &str = "workload";

/// A projected volume: `token` leads to `..data/token`, and `..data` to a folder that is replaced
/// as a whole.
struct Volume(TempDir);

impl Volume {
    fn new(token: &str) -> Self {
        let volume = Self(tempfile::tempdir().unwrap());
        symlink("..data/token", volume.token()).unwrap();
        volume.project("..2027_01_01", token);
        volume
    }

    fn token(&self) -> PathBuf {
        self.0.path().join("token")
    }

    /// As the kubelet does it: a new folder, a new link beside the old one, one rename.
    fn project(&self, folder: &str, token: &str) {
        let [data, next] = ["..data", "..data_tmp"].map(|name| self.0.path().join(name));
        let before = fs::read_link(&data).ok();
        fs::create_dir(self.0.path().join(folder)).unwrap();
        let mut file = fs::File::create(self.0.path().join(folder).join("token")).unwrap();
        std::io::Write::write_all(&mut file, token.as_bytes()).unwrap();
        symlink(folder, &next).unwrap();
        fs::rename(next, data).unwrap();
        if let Some(before) = before {
            fs::remove_dir_all(self.0.path().join(before)).unwrap();
        }
    }
}

pub fn a_projected_token_is_read_again_when_it_rotates(software: &'static Software) {
    let server = Server::start(software, LIFETIME, &[Client::new(NAME, "token_exchange", "none")]);
    let volume = Volume::new(&service_account_token(&server, "first"));
    let tokenward = Tokenward::of(&entry(
        NAME,
        &[
            "grant: token_exchange".to_owned(),
            format!("token_endpoint: {}", server.token_endpoint()),
            "client_authentication: none".to_owned(),
            format!("client_id: {NAME}"),
            format!("subject_token: {{ file: {} }}", volume.token().display()),
            "subject_token_type: urn:ietf:params:oauth:token-type:jwt".to_owned(),
        ],
    ));
    let exchanged = |id: &str| server.log().matches(&format!("exchanged: {id}\n")).count();

    let daemon = tokenward.run();
    tokenward.another_token(NAME, None);
    assert!(exchanged("first") > 0, "{}", server.log());

    volume.project("..2027_01_02", &service_account_token(&server, "second"));
    wait_until("the second to be exchanged", || exchanged("second") > 0);
    let last = exchanged("first");
    wait_until("one more exchange", || exchanged("second") > 1);
    assert_eq!(exchanged("first"), last, "nothing is kept of what has gone");
    assert_eq!(tokenward.reason(NAME), None);
    assert_eq!(daemon.terminate(), Some(0));
}

/// One that the server trusts, told apart by its `jti`.
fn service_account_token(server: &Server, id: &str) -> String {
    let claims = serde_json::json!({
        "sub": "system:serviceaccount:shop:cart", "aud": server.token_endpoint(), "jti": id,
        "exp": 4_000_000_000_u32,
    });
    let key = fs::read(server.file("RS256.key")).unwrap();
    let key = EncodingKey::from_rsa_pem(&key).unwrap();
    jsonwebtoken::encode(&Header::new(Algorithm::RS256), &claims, &key).unwrap()
}
