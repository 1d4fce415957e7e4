//! Several client secrets: while one takes over from another, consumers notice nothing.

use serde_json::json;

use crate::{
    fixture::{Credential, Fixture, SECRET},
    wait::until,
};

#[test]
fn the_secret_that_the_provider_knows_is_found_kept_and_shown() {
    let fixture = Fixture::new();
    fixture.write("secrets/new", "not yet known");
    fixture.write("secrets/old", SECRET);
    let credential = Credential::new("a");
    let one = "client_secret: { file: secrets/plain }";
    let both = "client_secret: [ { file: secrets/new }, { file: secrets/old } ]";
    fixture.configure(&[credential]);
    let text = fixture.read("config.yaml").unwrap().replace(one, both);
    fixture.write("config.yaml", &text);

    let checked = fixture.tokenward(&["check", "--online"]);
    assert_eq!(checked.code, Some(0), "{checked:?}");
    assert_eq!(fixture.requests(credential.path).len(), 2, "each secret once");

    let daemon = fixture.run_until_published(&["a"]);
    assert_eq!(fixture.requests(credential.path).len(), 4, "each secret once");
    until("it is fresh", || fixture.status_of("a")["standing"] == "fresh");
    assert_eq!(fixture.status_of("a")["client_secret"], json!({ "number": 2, "of": 2 }));
    let table = fixture.tokenward(&["status"]).stdout;
    assert!(table.contains("client secret 2 of 2 is in use"), "{table}");
    assert_eq!(fixture.logged("another client secret is in use"), 1);

    // The new one comes into force, and the daemon is told so by a change of its file.
    let token = fixture.token("a");
    fixture.rename_save("secrets/new", SECRET);
    until("a new token", || fixture.token("a") != token);
    until("it is fresh", || fixture.status_of("a")["standing"] == "fresh");
    assert_eq!(fixture.status_of("a")["client_secret"], serde_json::Value::Null);
    assert_eq!(fixture.requests(credential.path).len(), 5, "the first alone");
    assert_eq!(daemon.stop(), Some(0));
}

#[test]
fn a_secret_that_appears_ends_the_wait_for_the_others() {
    let fixture = Fixture::new();
    fixture.write("secrets/old", "no longer known");
    let more = "refresh: { min_interval: 1s }";
    fixture.configure(&[Credential { more, ..Credential::new("a") }]);
    let one = "client_secret: { file: secrets/plain }";
    let both = "client_secret: [ { file: secrets/new }, { file: secrets/old } ]";
    let text = fixture.read("config.yaml").unwrap().replace(one, both);
    fixture.write("config.yaml", &text);
    let daemon = fixture.run();
    until("the other is refused", || fixture.status_of("a")["parked"] == true);
    fixture.write("secrets/new", SECRET);
    until("a token", || fixture.token("a").is_some());
    assert_eq!(daemon.stop(), Some(0));
}
