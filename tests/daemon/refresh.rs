//! Refreshes: at the fraction of a lifetime, or by the calendar.

use std::time::Duration;

use tokenward::sandbox::Seen;

use crate::{
    fixture::{Credential, Fixture},
    wait::{until, wall},
};

/// How late a busy machine may be.
const LATE: Duration = Duration::from_millis(1_500);
/// A request is counted when it arrives, and one may have been longer on its way than the next.
const EARLY: Duration = Duration::from_millis(200);

fn gaps(requests: &[Seen]) -> Vec<Duration> {
    requests.windows(2).map(|pair| pair[1].at.since(pair[0].at)).collect()
}

#[test]
fn a_token_is_refreshed_at_its_fraction_and_no_reader_ever_finds_an_expired_one() {
    let fixture = Fixture::with_lifetime(4);
    let credential = Credential {
        outputs: "[ { json_file: NAME/json } ]",
        more: "refresh: { at: 0.5 }",
        ..Credential::new("a")
    };
    fixture.configure(&[credential]);
    let _daemon = fixture.run();
    until("the first token", || fixture.read("out/a/json").is_some());
    let mut tokens = Vec::new();
    until("two refreshes", || {
        let text = fixture.read("out/a/json").unwrap();
        let document: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert!(document["expires_at"].as_i64().unwrap() >= wall().seconds(), "expired: {text}");
        tokens.push(document["access_token"].as_str().unwrap().to_owned());
        tokens.dedup();
        tokens.len() == 3
    });
    for gap in gaps(&fixture.requests("/plain/token")) {
        let half = Duration::from_secs(2);
        assert!(gap + EARLY > half && gap < half + LATE, "refreshed after {gap:?}");
    }
}

#[test]
fn a_lifetime_below_min_interval_is_no_hot_loop() {
    let fixture = Fixture::new();
    let path = "/habit/short_lifetime/token";
    fixture.configure(&[Credential {
        path,
        more: "refresh: { min_interval: 3s }",
        ..Credential::new("a")
    }]);
    let _daemon = fixture.run();
    until("a refresh", || fixture.requests(path).len() == 2);
    assert!(gaps(&fixture.requests(path))[0] + EARLY > Duration::from_secs(3));
}

#[test]
fn equal_bytes_are_not_written_again() {
    let fixture = Fixture::with_lifetime(3);
    let path = "/habit/same_token/token";
    fixture.configure(&[Credential {
        path,
        outputs: "[ { token_file: NAME/token }, { json_file: NAME/json } ]",
        more: "refresh: { at: 0.4 }",
        ..Credential::new("a")
    }]);
    let _daemon = fixture.run_until_published(&["a"]);
    until("the last output", || fixture.read("out/a/json").is_some());
    let [token, json] = ["out/a/token", "out/a/json"].map(|name| fixture.inode(name));
    until("the new expiry", || fixture.inode("out/a/json") != json);
    assert_eq!(fixture.inode("out/a/token"), token);
}

#[test]
fn a_calendar_refreshes_what_would_live_for_an_hour() {
    let fixture = Fixture::new();
    let more = "refresh: { schedule: '*/2 * * * * *', timezone: America/New_York }";
    fixture.configure(&[Credential { more, ..Credential::new("a") }]);
    let _daemon = fixture.run_until_published(&["a"]);
    until("three occurrences", || fixture.requests("/plain/token").len() >= 4);
    // The first is the start's own.
    for seen in &fixture.requests("/plain/token")[1..] {
        let after = Duration::from_millis(seen.at.millis().rem_euclid(2_000).unsigned_abs());
        assert!(after < LATE, "{after:?} after an even second");
    }
}

#[test]
fn a_calendar_loses_nothing_to_one_reload_after_another() {
    let fixture = Fixture::new();
    let more = "refresh: { schedule: '*/2 * * * * *' }";
    let kept = || Credential { more, ..Credential::new("a") };
    let other = || Credential { path: "/habit/same_token/token", ..Credential::new("b") };
    fixture.configure(&[kept()]);
    let _daemon = fixture.run_until_published(&["a"]);
    let mut edits = 0;
    until("five occurrences", || {
        if fixture.logged("configuration reloaded") >= edits {
            edits += 1;
            let others = (edits % 2 == 1).then(other);
            fixture.configure(&[kept()].into_iter().chain(others).collect::<Vec<_>>());
        }
        fixture.requests("/plain/token").len() >= 6
    });
    assert!(edits > 5, "{edits} edits");
    for gap in &gaps(&fixture.requests("/plain/token"))[1..] {
        assert!(*gap < Duration::from_secs(2) + LATE, "{gap:?} from one to the next");
    }
}
