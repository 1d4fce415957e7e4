//! Why a credential is not asked for yet, as `status`, the pages and the metrics say it.

use crate::{
    fixture::{Credential, Fixture},
    pages::{body, free_address},
    wait::until,
};

/// The reason that `status --json` gives for the wait of a credential.
fn reason(fixture: &Fixture, name: &str) -> String {
    fixture.status_of(name)["waiting"]["reason"].as_str().unwrap_or("none").to_owned()
}

fn breaker(fixture: &Fixture) -> String {
    fixture.status()["endpoints"][0]["breaker"].as_str().expect("a breaker").to_owned()
}

#[test]
fn an_open_breaker_is_shown_until_the_server_answers() {
    let fixture = Fixture::new();
    let address = free_address();
    let names = ["a", "b", "c", "d"];
    let refresh = "refresh: { min_interval: 1s }";
    let credentials = names.map(|name| Credential { more: refresh, ..Credential::new(name) });
    fixture.configure_with(&format!("listen: {address}\n"), &credentials);
    fixture.sandbox().fail("/plain", true);
    let _daemon = fixture.run();
    until("it opens", || breaker(&fixture) == "open");
    until("a reason", || names.iter().any(|name| reason(&fixture, name) == "breaker_open"));
    let table = fixture.tokenward(&["status"]).stdout;
    assert!(table.contains("the circuit breaker of its endpoint has been open for"), "{table}");
    assert!(!table.contains("-1s"), "no negative time to the next request: {table}");
    let gauge = "tokenward_endpoint_breaker_state{endpoint=\"";
    until("the gauge", || {
        let metrics = body(address, "/metrics");
        let line = metrics.lines().find(|line| line.starts_with(gauge)).unwrap_or_default();
        line.ends_with(" 2") && metrics.contains("tokenward_waiting{reason=\"breaker_open\"}")
    });
    until("the page says it", || body(address, "/ready").contains("the circuit breaker of its"));
    fixture.sandbox().fail("/plain", false);
    until("it closes", || breaker(&fixture) == "closed");
    until("all are fresh", || names.iter().all(|name| fixture.token(name).is_some()));
    until("nobody waits", || names.iter().all(|name| reason(&fixture, name) == "none"));
}

#[test]
fn a_pause_says_whom_it_is_meant_for_and_who_heard_it() {
    let fixture = Fixture::new();
    let path = "/habit/too_many_requests/token";
    let limited = |name| Credential { path, ..Credential::new(name) };
    let top = "limits: { endpoint_requests_per_second: 1 }\n";
    fixture.configure_with(top, &[limited("a"), limited("b")]);
    let _daemon = fixture.run();
    let paused = || ["a", "b"].into_iter().find(|name| reason(&fixture, name) == "paused");
    until("one is paused for the other", || paused().is_some());
    let name = paused().expect("one of them");
    let waiting = fixture.status_of(name)["waiting"].clone();
    assert_eq!(waiting["scope"], "client", "{waiting}");
    let heard = waiting["asked_by"].as_str().expect("a name");
    assert_eq!(fixture.status_of(heard)["problem"]["reason"], "throttled");
    let table = fixture.tokenward(&["status"]).stdout;
    assert!(table.contains("the server asked its client to wait (it said so to"), "{table}");
}

#[test]
fn a_missing_secret_is_a_reason_and_sends_nothing() {
    let fixture = Fixture::new();
    let missing = Credential { secret: "secrets/none", ..Credential::new("missing") };
    fixture.configure(&[missing, Credential::new("a")]);
    let _daemon = fixture.run_until_published(&["a"]);
    until("a reason", || reason(&fixture, "missing") == "input_missing");
    assert_eq!(fixture.requests(missing.path).len(), 1, "the one of the other");
}

#[test]
fn the_note_of_a_process_that_is_gone_is_not_shown() {
    let fixture = Fixture::new();
    fixture.configure(&[Credential::new("a")]);
    let daemon = fixture.run_until_published(&["a"]);
    daemon.kill();
    let note = r#"{"credentials":{"a":{"reason":"queued","ahead":7}}}"#;
    fixture.write("state/waiting.json", note);
    assert_eq!(reason(&fixture, "a"), "none", "no daemon runs");
    let _daemon = fixture.run_until_published(&["a"]);
    until("the old note is gone", || reason(&fixture, "a") == "none");
}
