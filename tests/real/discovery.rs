//! Endpoints that the issuer says, and that nobody has configured.

use crate::{
    person,
    server::{Client, Server},
    software::Software,
    tokenward::{LIFETIME, Tokenward, entry},
    wait_until,
};

const GRANTS: [&str; 2] = ["client_credentials", "refresh_token"];
const SECRET: &str = "iSsuerKnowsWhereSecretsGo";

/// The daemon is there before the issuer is.
pub fn endpoints_are_found_once_the_issuer_is_up(software: &'static Software) {
    let clients = GRANTS.map(|grant| Client {
        secret: Some(SECRET.to_owned()),
        ..Client::new(grant, grant, "client_secret_post")
    });
    let mut server = Server::start(software, LIFETIME, &clients);
    let waiting = tokenward(&server, "client_credentials");
    server.stop();

    let daemon = waiting.run();
    let is_noticed = || waiting.reason("client_credentials").as_deref() == Some("discovery");
    wait_until("the silence of the issuer to be noticed", is_noticed);
    server.start_again();
    goes_on(&waiting, "client_credentials");
    assert_eq!(daemon.terminate(), Some(0));

    // The server may have come back with another refresh token to begin with.
    let with_refresh_token = tokenward(&server, "refresh_token");
    let daemon = with_refresh_token.run();
    goes_on(&with_refresh_token, "refresh_token");
    assert_eq!(daemon.terminate(), Some(0));
}

fn goes_on(tokenward: &Tokenward, name: &str) {
    let first = tokenward.another_token(name, None);
    tokenward.another_token(name, first.as_ref());
    assert_eq!(tokenward.reason(name), None, "{name}");
}

fn tokenward(server: &Server, grant: &str) -> Tokenward {
    let mut keys = vec![
        format!("issuer: {}", server.address("")),
        format!("grant: {grant}"),
        "client_authentication: client_secret_post".to_owned(),
        format!("client_id: {grant}"),
        format!("client_secret: {SECRET}"),
        "scope: [read]".to_owned(),
    ];
    if grant == "refresh_token" {
        keys.push(format!("refresh_token: {}", server.seed(grant)));
    }
    Tokenward::of(&entry(grant, &keys))
}

/// Where a person goes is what the issuer says, too.
pub fn a_person_logs_in_where_the_issuer_says(software: &'static Software) {
    let client = Client::new("device_code", "device_code", "none");
    let server = Server::start(software, LIFETIME, &[client]);
    let tokenward = Tokenward::of(&entry(
        "device_code",
        &[
            format!("issuer: {}", server.address("")),
            "grant: device_code".to_owned(),
            "client_authentication: none".to_owned(),
            "client_id: device_code".to_owned(),
            "scope: [read]".to_owned(),
        ],
    ));
    person::logs_in(&tokenward, "device_code", &server).unwrap();
    let daemon = tokenward.run();
    goes_on(&tokenward, "device_code");
    assert_eq!(daemon.terminate(), Some(0));
}
