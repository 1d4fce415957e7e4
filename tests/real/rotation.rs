//! Refresh tokens that the server replaces, and what becomes of them when something goes wrong.

use std::{collections::BTreeSet, time::Duration};

use crate::{
    now,
    relay::Relay,
    server::{Client, Server},
    software::Software,
    tokenward::Tokenward,
    wait_until,
};

/// Of tokens: a refresh is due at half of it.
const LIFETIME: Duration = Duration::from_secs(8);

const NAME: &str = "rotating";
const SECRET: &str = "pZ8rotatingH3ncY6jTsVb1";

/// A server and the program, which begins with a refresh token, and a relay between them.
struct Scene {
    server: Server,
    relay: Relay,
    tokenward: Tokenward,
    /// What the server has issued before the program asks.
    issued_before: usize,
}

impl Scene {
    /// `after_lost_answer` is YAML.
    fn set(software: &'static Software, after_lost_answer: &str) -> Self {
        let client = Client {
            id: NAME.to_owned(),
            secret: Some(SECRET.to_owned()),
            authentication: "client_secret_post",
            algorithm: None,
            grant: "refresh_token",
            redirect_uri: None,
        };
        let server = Server::start(software, LIFETIME, &[client]);
        let relay = Relay::to(server.port());
        let tokenward = Tokenward::of(&format!(
            "  {NAME}:
    grant: refresh_token
    token_endpoint: {}
    client_authentication: client_secret_post
    client_id: {NAME}
    client_secret: {SECRET}
    refresh_token: {}
    rotation: {{ after_lost_answer: {after_lost_answer} }}
    refresh: {{ at: 0.5, jitter: 0, min_remaining: 1s, min_interval: 1s }}
    outputs: [ {{ token_file: {NAME}/token }} ]
",
            relay.url(&server.token_endpoint()),
            server.seed(NAME),
        ));
        let issued_before = server.tokens_issued();
        Self { server, relay, tokenward, issued_before }
    }

    fn tokens_issued(&self) -> usize {
        self.server.tokens_issued() - self.issued_before
    }

    fn token(&self) -> Option<String> {
        self.tokenward.token(NAME)
    }

    fn wait_for_another_token(&self, last: Option<&String>) -> Option<String> {
        wait_until("another token", || self.token().as_ref() != last);
        self.token()
    }

    /// What is wrong, by the `reason` of its status.
    fn reason(&self) -> Option<String> {
        let status = self.tokenward.status();
        let reason = &status["credentials"][0]["problem"]["reason"];
        reason.as_str().map(ToOwned::to_owned)
    }

    /// Gets the first token, and loses the answer that brings the second.
    fn lose_the_second_answer(&self) -> Option<String> {
        let first = self.wait_for_another_token(None);
        self.relay.lose_the_next_answer();
        wait_until("an answer to lose", || !self.relay.has_something_to_lose());
        first
    }
}

/// It is killed at once and started again, and the server is handed no refresh token twice.
pub fn a_refresh_token_survives_kill_9(software: &'static Software) {
    let scene = Scene::set(software, "stop");
    let mut tokens = BTreeSet::new();
    let mut last = None;
    for _ in 0..3 {
        let daemon = scene.tokenward.run();
        last = scene.wait_for_another_token(last.as_ref());
        tokens.extend(last.clone());
        drop(daemon);
    }
    let daemon = scene.tokenward.run();
    scene.wait_for_another_token(last.as_ref());
    assert_eq!(daemon.terminate(), Some(0));
    assert_eq!(tokens.len(), 3);
    assert_eq!(scene.tokens_issued(), 4, "each request got a token");
}

/// The token in hand is worth more than an attempt that may end it.
pub fn after_a_lost_answer_the_token_in_hand_is_kept(software: &'static Software) {
    let scene = Scene::set(software, "stop");
    let daemon = scene.tokenward.run();
    let first = scene.lose_the_second_answer();
    let lost = now();
    wait_until("the loss to be noticed", || scene.reason().is_some());

    // The refresh was due at half of the lifetime; this is well before its end.
    wait_until("the token to grow old", || now().since(lost) > LIFETIME / 3);
    assert_eq!(scene.token(), first);
    assert_eq!(scene.tokens_issued(), 2, "the refresh token was not sent again");
    assert!(!scene.server.log().contains("refused"), "{}", scene.server.log());
    assert_eq!(daemon.terminate(), Some(0));
}

/// A server that takes a repetition for theft ends the grant, and the program says what it heard.
pub fn a_repetition_that_ends_the_grant_is_said(software: &'static Software) {
    let scene = Scene::set(software, "retry");
    let daemon = scene.tokenward.run();
    let first = scene.lose_the_second_answer();

    wait_until("the repetition", || scene.tokenward.status()["credentials"][0]["parked"] == true);
    assert_eq!(scene.token(), first, "a failure takes no token away");
    let problem = scene.tokenward.status()["credentials"][0]["problem"].to_string();
    let refusal = software.refusals.spent_refresh_token;
    assert!(problem.contains(refusal), "does not say `{refusal}`: {problem}");
    assert_eq!(scene.tokens_issued(), 2, "two tokens, one of which nobody has seen");
    assert_eq!(daemon.terminate(), Some(0));
}

/// A server that forgives a repetition gives the lost answer again, and all goes on.
pub fn a_repetition_within_the_grace_period_is_the_way_back(software: &'static Software) {
    let scene = Scene::set(software, "{ retry_once_within: 30s }");
    let daemon = scene.tokenward.run();
    let first = scene.lose_the_second_answer();

    let second = scene.wait_for_another_token(first.as_ref());
    let third = scene.wait_for_another_token(second.as_ref());
    assert_eq!(BTreeSet::from([first, second, third]).len(), 3);
    assert_eq!(scene.reason(), None);
    assert_eq!(daemon.terminate(), Some(0));
}
