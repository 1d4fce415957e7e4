//! Refresh tokens that the server replaces, and what becomes of them when something goes wrong.

use std::{collections::BTreeSet, thread};

use crate::{
    introspection, joined, now,
    relay::Relay,
    server::{Client, Server},
    software::Software,
    tokenward::{LIFETIME, Tokenward, entry},
    wait_until,
};

const NAME: &str = "rotating";
const SECRET: &str = "pZ8rotatingH3ncY6jTsVb1";

const STOP: &str = "rotation: { after_lost_answer: stop }";
const RETRY: &str = "rotation: { after_lost_answer: retry }";
const RETRY_ONCE: &str = "rotation: { after_lost_answer: { retry_once_within: 30s } }";

/// A server and the program, which begins with a refresh token, and a relay between them.
struct Scene {
    server: Server,
    relay: Relay,
    tokenward: Tokenward,
    /// What the server has issued before the program asks.
    issued_before: usize,
}

impl Scene {
    /// `keys` are those of the configuration that the scene is about.
    fn set(software: &'static Software, keys: &str) -> Self {
        let client = Client {
            secret: Some(SECRET.to_owned()),
            ..Client::new(NAME, "refresh_token", "client_secret_post")
        };
        let server = Server::start(software, LIFETIME, &[client]);
        let relay = Relay::to(server.port());
        let tokenward = Tokenward::of(&entry(
            NAME,
            &[
                "grant: refresh_token".to_owned(),
                format!("token_endpoint: {}", relay.url(&server.token_endpoint())),
                "client_authentication: client_secret_post".to_owned(),
                format!("client_id: {NAME}"),
                format!("client_secret: {SECRET}"),
                format!("refresh_token: {}", server.seed(NAME)),
                keys.to_owned(),
            ],
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
        self.tokenward.another_token(NAME, last)
    }

    /// What is wrong, by the `reason` of its status.
    fn reason(&self) -> Option<String> {
        self.tokenward.reason(NAME)
    }

    /// Whether the server still takes a token, by its own word.
    fn is_active(&self, token: Option<&String>) -> bool {
        introspection::is_active(&self.server, NAME, SECRET, token.unwrap())
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
    let scene = Scene::set(software, STOP);
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
    let scene = Scene::set(software, STOP);
    let daemon = scene.tokenward.run();
    let first = scene.lose_the_second_answer();
    let lost = now();
    wait_until("the loss to be noticed", || scene.reason().is_some());

    // As long as from the token to its first refresh, and well before its end.
    wait_until("the token to grow old", || now().since(lost) > LIFETIME / 6);
    assert_eq!(scene.token(), first);
    assert_eq!(scene.tokens_issued(), 2, "the refresh token was not sent again");
    assert!(!scene.server.log().contains("refused"), "{}", scene.server.log());
    assert_eq!(daemon.terminate(), Some(0));
}

/// A server that takes a repetition for theft ends the grant, and the program says what it heard.
pub fn a_repetition_that_ends_the_grant_is_said(software: &'static Software) {
    let scene = Scene::set(software, RETRY);
    let daemon = scene.tokenward.run();
    let first = scene.lose_the_second_answer();

    wait_until("the repetition", || scene.tokenward.status(NAME)["parked"] == true);
    assert_eq!(scene.token(), first, "a failure takes no token away");
    let problem = scene.tokenward.status(NAME)["problem"].to_string();
    let refusal = software.refusals.spent_refresh_token;
    assert!(problem.contains(refusal), "does not say `{refusal}`: {problem}");
    assert_eq!(scene.tokens_issued(), 2, "two tokens, one of which nobody has seen");
    assert_eq!(daemon.terminate(), Some(0));
}

/// A server that forgives a repetition gives the lost answer again, and all goes on.
pub fn a_repetition_within_the_grace_period_is_the_way_back(software: &'static Software) {
    let scene = Scene::set(software, RETRY_ONCE);
    let daemon = scene.tokenward.run();
    let first = scene.lose_the_second_answer();

    let second = scene.wait_for_another_token(first.as_ref());
    let third = scene.wait_for_another_token(second.as_ref());
    assert_eq!(BTreeSet::from([first, second, third]).len(), 3);
    assert_eq!(scene.reason(), None);
    assert_eq!(daemon.terminate(), Some(0));
}

/// Why there is the key: after a loss, the token in hand is good or dead by what is done then.
pub fn the_token_in_hand_lives_only_if_nothing_is_repeated(software: &'static Software) {
    // (what is done, the reason of the status, whether the token in hand lives)
    let cases = [(STOP, "lost_answer", true), (RETRY, "invalid_grant", false)];
    joined(cases.map(|(keys, reason, lives)| {
        let run = move || {
            let scene = Scene::set(software, keys);
            let daemon = scene.tokenward.run();
            let first = scene.lose_the_second_answer();
            let has_settled = || scene.reason().as_deref() == Some(reason);
            wait_until("what is done about the loss", has_settled);
            assert_eq!(scene.token(), first, "{keys}: consumers have it either way");
            assert_eq!(scene.is_active(first.as_ref()), lives, "{keys}");
            assert_eq!(daemon.terminate(), Some(0));
        };
        thread::spawn(run)
    }));
}

/// Within its grace period the server repeats the token that it issued, and says the whole
/// lifetime again, although the token ends when it was first said to. A client that loses each new
/// refresh token sees that: this one looks for it in the wrong place.
pub fn the_same_token_again_keeps_its_earlier_expiry(software: &'static Software) {
    let scene = Scene::set(software, "response: { refresh_token: nowhere }");
    let daemon = scene.tokenward.run();
    let first = scene.wait_for_another_token(None);
    wait_until("the status", || scene.tokenward.status(NAME)["expires_at"].is_i64());
    let status = scene.tokenward.status(NAME);

    wait_until("the same token twice more", || scene.tokens_issued() == 3);
    let is_taken_in = || scene.tokenward.status(NAME)["issued_at"] != status["issued_at"];
    wait_until("the answers to be taken in", is_taken_in);
    assert_eq!(scene.token(), first);
    let again = scene.tokenward.status(NAME);
    assert_eq!(again["problem"], serde_json::Value::Null, "{again}");
    assert_eq!(again["expires_at"], status["expires_at"]);
    assert_eq!(daemon.terminate(), Some(0));
}
