//! `/live`, `/ready`, `/metrics` and the status page.

use std::{
    io::{Read, Write},
    net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream},
};

use nix::sys::signal::Signal;

use crate::{
    fixture::{Credential, Fixture, remove},
    wait::until,
};

/// An address that was free a moment ago.
pub fn free_address() -> SocketAddr {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap()
}

/// The body of a page.
pub fn body(address: SocketAddr, path: &str) -> String {
    ask(address, "GET", path).1
}

/// Status code and body; 0 while nobody listens.
fn ask(address: SocketAddr, method: &str, path: &str) -> (u16, String) {
    let Ok(mut stream) = TcpStream::connect(address) else { return (0, String::new()) };
    write!(stream, "{method} {path} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\r\n")
        .unwrap();
    let mut text = String::new();
    stream.read_to_string(&mut text).unwrap();
    let (head, body) = text.split_once("\r\n\r\n").unwrap();
    (head.split(' ').nth(1).unwrap().parse().unwrap(), body.to_owned())
}

fn code(address: SocketAddr, path: &str) -> u16 {
    ask(address, "GET", path).0
}

#[test]
fn ready_follows_what_is_on_disk_and_live_does_not() {
    let fixture = Fixture::new();
    let address = free_address();
    fixture.configure_with(&format!("listen: {address}\n"), &[Credential::new("a")]);
    fixture.sandbox().fail("/", true);
    let daemon = fixture.run();
    until("it is live", || code(address, "/live") == 200);
    let (code_before, text) = ask(address, "GET", "/ready");
    assert!(code_before == 503 && text.starts_with("not ready\na: missing"), "{text}");
    let reason = || body(address, "/ready").contains("a: missing, asked for again in ");
    until("it says when it is asked for next", reason);
    fixture.sandbox().fail("/", false);
    until("it is ready", || code(address, "/ready") == 200);
    let asked = fixture.requests("/plain/token").len();
    let output = fixture.path("out/a/token");
    remove(&output);
    assert_eq!((code(address, "/ready"), code(address, "/live")), (503, 200));
    daemon.signal(Signal::SIGHUP);
    until("it is ready again", || code(address, "/ready") == 200);
    assert!(output.exists());
    let asked_again = fixture.requests("/plain/token").len() - asked;
    assert_eq!(asked_again, 0, "the token is the one from before");
}

#[test]
fn an_address_that_is_taken_stops_the_start_with_a_sentence() {
    let fixture = Fixture::new();
    let taken = fixture.sandbox().address();
    fixture.configure_with(&format!("listen: {taken}\n"), &[Credential::new("a")]);
    let ended = fixture.tokenward(&["run"]);
    assert_eq!(ended.code, Some(75), "{ended:?}");
    assert!(ended.stderr.contains(&taken.to_string()), "{ended:?}");
    assert!(fixture.sandbox().requests().is_empty(), "nobody was asked for a token");
}

#[test]
fn the_pages_are_for_reading_only() {
    let fixture = Fixture::new();
    let address = free_address();
    fixture.configure_with(&format!("listen: {address}\n"), &[Credential::new("a")]);
    let _daemon = fixture.run();
    until("it is ready", || code(address, "/ready") == 200);
    // (method, path, status code)
    for (method, path, expected) in [
        ("GET", "/", 200),
        ("HEAD", "/live", 200),
        ("GET", "/metrics", 200),
        ("GET", "/ready/", 404),
        ("GET", "/../state/tokens/a.json", 404),
        ("POST", "/ready", 405),
        ("DELETE", "/", 405),
    ] {
        assert_eq!(ask(address, method, path).0, expected, "{method} {path}");
    }
    let token = fixture.token("a").unwrap();
    for path in ["/", "/metrics", "/ready"] {
        assert!(!body(address, path).contains(&token), "{path}");
    }
}

#[test]
fn the_metrics_say_how_each_credential_is() {
    let fixture = Fixture::new();
    let address = free_address();
    let parked = "/habit/error_object/token";
    fixture.configure_with(
        &format!("listen: {address}\n"),
        &[
            Credential::new("good"),
            Credential { path: "/habit/expires_in_missing/token", ..Credential::new("assumed") },
            Credential { path: parked, ..Credential::new("refused") },
        ],
    );
    let _daemon = fixture.run_until_published(&["good", "assumed"]);
    let parked = r#"tokenward_credential_parked{credential="refused"} 1"#;
    until("the refusal", || body(address, "/metrics").contains(parked));
    let metrics = body(address, "/metrics");
    for line in [
        "tokenward_ready 0",
        "tokenward_tokens_acquired_total 2",
        "tokenward_configuration_refused 0",
        r#"tokenward_token_lifetime_assumed{credential="assumed"} 1"#,
        r#"tokenward_token_lifetime_assumed{credential="good"} 0"#,
        r#"tokenward_outputs_valid{credential="good"} 1"#,
        r#"tokenward_outputs_valid{credential="refused"} 0"#,
        r#"tokenward_consecutive_failures{credential="refused"} 1"#,
        r#"tokenward_credentials{standing="fresh"} 2"#,
        r#"tokenward_failures_total{task="acquire",fault="permanent",reason="invalid_client"} 1"#,
        "# EOF",
    ] {
        assert!(metrics.lines().any(|found| found == line), "{line} is missing in\n{metrics}");
    }
    let expiry = r#"tokenward_token_expiry_timestamp_seconds{credential="good"} "#;
    let neighbour = fixture.read("out/good/token.expires_at").unwrap();
    assert!(metrics.contains(&format!("{expiry}{}\n", neighbour.trim_end())), "{metrics}");
}
