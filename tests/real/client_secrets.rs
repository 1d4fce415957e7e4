//! Several secrets of one client, while they are exchanged at the server.

use crate::{
    server::{Client, Server},
    software::{BasicEncoding, Software},
    tokenward::{LIFETIME, Tokenward, entry},
};

const NAME: &str = "overlap";
const SECRET: &str = "0ldSecretThatTheServerStillKnows";
const NEXT: &str = "n3wSecretThatTheServerDoesNotKnow";

/// The status says which one is in use, and the first is not tried again at each refresh.
pub fn the_second_is_tried_when_the_first_is_not_known(software: &'static Software) {
    let client = Client {
        secret: Some(SECRET.to_owned()),
        ..Client::new(NAME, "client_credentials", "client_secret_basic")
    };
    let server = Server::start(software, LIFETIME, &[client]);
    let encoding = if software.basic_encoding == BasicEncoding::Raw { "raw" } else { "form" };
    let tokenward = Tokenward::of(&entry(
        NAME,
        &[
            format!("token_endpoint: {}", server.token_endpoint()),
            format!("client_authentication: {{ client_secret_basic: {{ encoding: {encoding} }} }}"),
            format!("client_id: {NAME}"),
            format!("client_secret: [ {NEXT}, {SECRET} ]"),
            "scope: [read]".to_owned(),
        ],
    ));

    let daemon = tokenward.run();
    let first = tokenward.another_token(NAME, None);
    let in_use = serde_json::json!({ "number": 2, "of": 2 });
    assert_eq!(tokenward.status(NAME)["client_secret"], in_use);

    let second = tokenward.another_token(NAME, first.as_ref());
    tokenward.another_token(NAME, second.as_ref());
    let status = tokenward.status(NAME);
    assert_eq!(status["client_secret"], in_use);
    assert_eq!(status["problem"], serde_json::Value::Null, "{status}");
    assert_eq!(daemon.terminate(), Some(0));
    assert_eq!(tokenward.log().matches("task=acquire").count(), 1, "{}", tokenward.log());
}
