//! `tokenward login` before any daemon runs, with endpoints that the issuer says.

use std::time::Duration;

use crate::{
    person,
    server::{Client, Server},
    software::Software,
    tokenward::Tokenward,
    wait_until,
};

const GRANTS: [&str; 2] = ["authorization_code", "device_code"];

pub fn a_person_logs_in_once_and_the_daemon_goes_on(software: &'static Software) {
    let clients = GRANTS.map(|grant| Client {
        id: grant.to_owned(),
        secret: None,
        authentication: "none",
        algorithm: None,
        grant,
        redirect_uri: (grant == "authorization_code")
            .then(|| "http://127.0.0.1/callback".to_owned()),
    });
    let server = Server::start(software, Duration::from_secs(8), &clients);
    let tokenward = Tokenward::of(&GRANTS.map(|grant| entry(grant, &server)).concat());

    for grant in GRANTS {
        let said = person::logs_in(&tokenward, grant, &server).unwrap();
        assert!(said.contains(&format!("Logged in: {grant}")), "{said}");
    }

    let daemon = tokenward.run();
    for grant in GRANTS {
        wait_until("the token of the log-in", || tokenward.token(grant).is_some());
        let first = tokenward.token(grant);
        wait_until("a refreshed token", || tokenward.token(grant) != first);
    }
    assert_eq!(daemon.terminate(), Some(0));
    assert!(!server.log().contains("refused: refresh token"), "{}", server.log());
}

fn entry(grant: &str, server: &Server) -> String {
    format!(
        "  {grant}:
    grant: {grant}
    issuer: {}
    client_authentication: none
    client_id: {grant}
    scope: [read]
    refresh: {{ at: 0.5, jitter: 0, min_remaining: 1s, min_interval: 1s }}
    outputs: [ {{ token_file: {grant}/token }} ]
",
        server.address(""),
    )
}
