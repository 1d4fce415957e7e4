//! Providers where a new token ends the one before: `overlap: none`.

use crate::{
    fixture::{Credential, Fixture},
    wait::until,
};

#[test]
fn log_and_status_say_how_long_consumers_had_a_dead_token() {
    let fixture = Fixture::new();
    let exclusive = Credential { more: "overlap: none", ..Credential::new("exclusive") };
    fixture.configure(&[exclusive, Credential::new("plain")]);
    let daemon = fixture.run_until_published(&["exclusive", "plain"]);
    until("both are logged", || fixture.logged("published") == 2);
    for line in fixture.log().iter().filter(|line| line["message"] == "published") {
        let outage = &line["outage_ms"];
        assert_eq!(outage.is_null(), line["credential"] == "plain", "{line}");
        assert!(outage.is_null() || outage.as_u64().is_some_and(|ms| ms < 60_000), "{line}");
        let shown = &fixture.status_of(line["credential"].as_str().unwrap())["outage_ms"];
        assert_eq!(shown, outage, "{line}");
    }
    assert_eq!(daemon.stop(), Some(0));
}

#[test]
fn check_does_not_end_a_token_that_is_in_use() {
    let fixture = Fixture::new();
    let exclusive =
        Credential { path: "/habit/bom/token", more: "overlap: none", ..Credential::new("a") };
    fixture.configure(&[exclusive, Credential::new("b")]);
    let ended = fixture.tokenward(&["check", "--online"]);
    assert_eq!(ended.code, Some(0), "{ended:?}");
    assert!(ended.stdout.contains("a: not asked: with `overlap: none`"), "{ended:?}");
    assert!(ended.stdout.contains("b: a token for"), "{ended:?}");
    assert_eq!(fixture.requests(exclusive.path).len(), 0);
}
