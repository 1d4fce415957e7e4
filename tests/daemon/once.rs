//! `once`, for init containers, cron and CI.

use std::time::Duration;

use crate::{
    fixture::{Credential, Fixture, remove},
    wait::{boot, until},
};

#[test]
fn once_exits_as_sysexits_says() {
    let path = |path| Credential { path, ..Credential::new("a") };
    let wrong = Credential { secret: "secrets/learnosity", ..Credential::new("a") };
    let missing = Credential { secret: "secrets/nowhere", ..Credential::new("a") };
    // (case, credential, arguments, exit code)
    let cases: [(&str, Credential<'_>, &[&str], i32); 8] = [
        ("a token", Credential::new("a"), &[], 0),
        ("a wrong secret", wrong, &[], 69),
        ("no secret file", missing, &[], 75),
        ("an outage", path("/habit/service_unavailable/token"), &[], 75),
        ("no reply", path("/habit/closes_connection/token"), &[], 75),
        ("no reply in time", path("/habit/hangs/token"), &["--timeout", "1"], 75),
        ("a bad configuration", Credential { more: "scoop: a", ..wrong }, &[], 78),
        ("a bad command line", Credential::new("a"), &["--soon"], 64),
    ];
    for (case, credential, arguments, expected) in cases {
        let fixture = Fixture::new();
        fixture.configure(&[credential]);
        let ended = fixture.tokenward(&[&["once"], arguments].concat());
        assert_eq!(ended.code, Some(expected), "{case}: {ended:?}");
        assert_eq!(fixture.token("a").is_some(), expected == 0, "{case}");
        assert!(!ended.stderr.is_empty(), "{case} is said");
    }
}

#[test]
fn once_waits_for_the_next_client_secret() {
    let (unknown, known) = ("{ file: secrets/learnosity }", "{ file: secrets/plain }");
    let nowhere = "{ file: secrets/nowhere }";
    // (case, the secrets, exit code, requests)
    let cases = [
        ("the first is refused", [unknown, known], 0, 2),
        ("the first cannot be read", [nowhere, known], 0, 1),
        ("no time for the next", [unknown, known], 75, 1),
        ("the last cannot be read", [unknown, nowhere], 75, 1),
    ];
    for (case, secrets, code, requests) in cases {
        let fixture = Fixture::new();
        let interval = if case.starts_with("no time") { "1h" } else { "1s" };
        let more = format!("refresh: {{ min_interval: {interval} }}");
        let credential = Credential { more: &more, ..Credential::new("a") };
        fixture.configure(&[credential]);
        let one = format!("client_secret: {known}");
        let both = format!("client_secret: [{}]", secrets.join(", "));
        let text = fixture.read("config.yaml").unwrap();
        assert!(text.contains(&one), "{text}");
        fixture.write("config.yaml", &text.replace(&one, &both));
        let ended = fixture.tokenward(&["once", "--timeout", "5"]);
        assert_eq!(ended.code, Some(code), "{case}: {ended:?}");
        assert_eq!(fixture.requests(credential.path).len(), requests, "{case}");
        let said = "the next client_secret is tried";
        assert!(ended.stderr.contains(said), "{case}: {ended:?}");
    }
}

#[test]
fn once_says_what_it_had_no_time_for() {
    let fixture = Fixture::new();
    let down = Credential { path: "/habit/service_unavailable/token", ..Credential::new("down") };
    fixture.configure(&[down]);
    assert_eq!(fixture.tokenward(&["once"]).code, Some(75));
    // The next attempt is not due yet, so there is nothing new to report.
    let ended = fixture.tokenward(&["once", "--timeout", "0"]);
    assert_eq!(ended.code, Some(75), "{ended:?}");
    assert!(ended.stderr.contains("down is not done after 0 s; raise --timeout"), "{ended:?}");
}

#[test]
fn once_with_valid_tokens_asks_nobody_and_mends_outputs() {
    let fixture = Fixture::new();
    fixture.configure(&[Credential::new("a")]);
    assert_eq!(fixture.tokenward(&["once"]).code, Some(0));
    let token = fixture.token("a");
    remove(&fixture.path("out/a/token"));
    assert_eq!(fixture.tokenward(&["once"]).code, Some(0));
    assert_eq!((fixture.token("a"), fixture.requests("/plain/token").len()), (token, 1));
}

#[test]
fn once_refreshes_a_good_token_that_is_due() {
    let fixture = Fixture::with_lifetime(60);
    let more = "refresh: { at: 0.02 }";
    fixture.configure(&[Credential { more, ..Credential::new("a") }]);
    assert_eq!(fixture.tokenward(&["once"]).code, Some(0));
    let (token, asked) = (fixture.token("a"), boot());
    until("it is due", || boot().since(asked) > Duration::from_millis(1_300));
    assert_eq!(fixture.tokenward(&["once"]).code, Some(0));
    assert!(
        fixture.token("a") != token,
        "cron would otherwise refresh it only when it has expired"
    );
}

#[test]
fn once_gets_what_can_be_had_and_names_the_rest() {
    let fixture = Fixture::new();
    let down = Credential { path: "/habit/service_unavailable/token", ..Credential::new("down") };
    fixture.configure(&[down, Credential::new("good")]);
    let ended = fixture.tokenward(&["once"]);
    assert_eq!(ended.code, Some(75), "{ended:?}");
    assert!(ended.stderr.contains("down"), "{ended:?}");
    assert!(fixture.token("good").is_some() && fixture.token("down").is_none());
}
