//! Restarts: nothing is asked again that is still known, and what was half done is finished.

use std::time::Duration;

use serde_json::Value;

use crate::{
    fixture::{Credential, Fixture, remove},
    wait::{boot, until},
};

const OUTPUTS: &str = "[ { token_file: NAME/token }, { json_file: NAME/json } ]";

#[test]
fn a_restart_with_valid_tokens_asks_nobody_keeps_the_schedule_and_mends_outputs() {
    let fixture = Fixture::new();
    fixture.configure(&[Credential { outputs: OUTPUTS, ..Credential::new("a") }]);
    let daemon = fixture.run_until_published(&["a"]);
    until("it is ready", || fixture.status()["ready"] == true);
    let next = fixture.status_of("a")["next_request_at"].as_i64().unwrap();
    assert_eq!(daemon.stop(), Some(0));

    let (token, untouched) = (fixture.token("a"), fixture.inode("out/a/json"));
    remove(&fixture.path("out/a/token"));
    let _daemon = fixture.run_until_published(&["a"]);
    assert_eq!(fixture.token("a"), token, "from the state directory");
    assert_eq!(fixture.inode("out/a/json"), untouched, "what is whole stays");
    assert_eq!(fixture.requests("/plain/token").len(), 1);
    let again = fixture.status_of("a")["next_request_at"].as_i64().unwrap();
    // In milliseconds; the two clocks are read one after the other.
    assert!((again - next).abs() < 100, "moved by {} ms", again - next);
}

#[test]
fn a_crash_loop_asks_once_in_min_interval() {
    let fixture = Fixture::new();
    let path = "/habit/hangs/token";
    let hangs =
        Credential { path, more: "refresh: { min_interval: 60s }", ..Credential::new("hangs") };
    // Its output is restored at each start: by then the loop has run.
    let witness = Credential::new("witness");
    fixture.configure(&[hangs, witness]);
    let daemon = fixture.run_until_published(&["witness"]);
    until("the request", || fixture.requests(path).len() == 1);
    daemon.kill();
    for _ in 0..10 {
        remove(&fixture.path("out/witness/token"));
        fixture.run_until_published(&["witness"]).kill();
    }
    assert_eq!(fixture.requests(path).len(), 1);
    assert_eq!(fixture.requests("/plain/token").len(), 1);
}

#[test]
fn temporary_files_of_a_killed_daemon_are_swept_and_those_of_others_are_not() {
    let fixture = Fixture::new();
    fixture.configure(&[Credential::new("a")]);
    fixture.run_until_published(&["a"]).kill();
    let ours = ["out/a/.tokenward-0123456789abcdef", "state/tokens/.tokenward-0123456789abcdef"];
    let others = ["out/a/.tokenward-of-somebody-else", "out/a/.hidden"];
    for name in ours.iter().chain(&others) {
        fixture.write(name, "half a tok");
    }
    remove(&fixture.path("out/a/token"));
    let _daemon = fixture.run_until_published(&["a"]);
    assert_eq!(ours.map(|name| fixture.read(name)), [None, None]);
    assert!(others.iter().all(|name| fixture.read(name).is_some()));
}

#[test]
fn a_token_file_that_cannot_be_understood_is_said_and_not_asked_over() {
    let fixture = Fixture::new();
    fixture.configure(&[Credential::new("a"), Credential::new("b")]);
    assert_eq!(fixture.run_until_published(&["a", "b"]).stop(), Some(0));
    fixture.write("state/tokens/a.json", "not ours");
    remove(&fixture.path("out/b/token"));
    let _daemon = fixture.run_until_published(&["b"]);
    let problem =
        || fixture.log().iter().any(|line| line["credential"] == "a" && line["task"] == "save");
    until("a word about it", problem);
}

#[test]
fn a_refresh_policy_that_became_stricter_while_the_daemon_was_down_holds_at_once() {
    let fixture = Fixture::new();
    let a = Credential::new("a");
    fixture.configure(&[a]);
    assert_eq!(fixture.run_until_published(&["a"]).stop(), Some(0));
    fixture.configure(&[Credential { more: "refresh: { at: 0.0005 }", ..a }]);
    let _daemon = fixture.run();
    until("the refresh", || fixture.requests(a.path).len() == 2);
}

#[test]
fn a_daemon_killed_at_any_moment_tears_no_file_and_stays_gentle() {
    let fixture = Fixture::with_lifetime(2);
    let a = Credential { outputs: OUTPUTS, more: "refresh: { at: 0.5 }", ..Credential::new("a") };
    fixture.configure(&[a]);
    for round in 0..12 {
        let started = boot();
        let daemon = fixture.run();
        while boot().since(started) < Duration::from_millis(40 * round) {
            let text = fixture.read("out/a/json").unwrap_or_else(|| "{}".into());
            assert!(serde_json::from_str::<Value>(&text).is_ok(), "torn: {text:?}");
        }
        daemon.kill();
    }
    let _daemon = fixture.run();
    until("it is ready", || fixture.status()["ready"] == true);
    for pair in fixture.requests(a.path).windows(2) {
        let gap = pair[1].at.since(pair[0].at);
        assert!(gap > Duration::from_millis(800), "two requests within {gap:?}");
    }
}
