//! Failing providers: consumers keep what is good, and nobody suffers for another.

use crate::{
    first_token::{SYSTEMS, configure_systems},
    fixture::{Credential, Fixture, SECRET, configuration},
    wait::until,
};

#[test]
fn consumers_keep_the_good_token_through_an_outage_and_get_a_new_one_after_it() {
    let fixture = Fixture::with_lifetime(20);
    let more = "refresh: { at: 0.05 }";
    fixture.configure(&[Credential { more, ..Credential::new("a") }]);
    let daemon = fixture.run_until_published(&["a"]);
    fixture.sandbox().fail("/plain", true);
    // A refresh may have come before the switch.
    until("a failure", || fixture.status_of("a")["standing"] == "failing");
    let token = fixture.token("a");
    until("another", || fixture.status_of("a")["failures"].as_u64() >= Some(2));
    assert_eq!(fixture.token("a"), token);
    assert_eq!(fixture.tokenward(&["wait", "a", "--timeout", "0"]).code, Some(0));
    let problem = fixture.status_of("a")["problem"].clone();
    assert_eq!((&problem["task"], &problem["fault"]), (&"acquire".into(), &"transient".into()));
    fixture.sandbox().fail("/plain", false);
    until("a new token", || fixture.token("a") != token);
    until("it recovers", || fixture.status_of("a")["standing"] == "fresh");
    assert_eq!(daemon.stop(), Some(0));
}

#[test]
fn a_pause_that_one_credential_is_asked_for_holds_for_its_client_and_over_a_restart() {
    let fixture = Fixture::with_lifetime(2);
    let path = "/habit/too_many_requests/token";
    let limited = |name| Credential { path, ..Credential::new(name) };
    let witness = Credential { more: "refresh: { at: 0.5 }", ..Credential::new("witness") };
    // One request a second: the first is answered before the second would be sent.
    let top = "limits: { endpoint_requests_per_second: 1 }\n";
    fixture.configure_with(top, &[limited("a"), limited("b"), witness]);
    for _ in 0..2 {
        let before = fixture.requests(witness.path).len();
        let daemon = fixture.run();
        until("the witness goes on", || fixture.requests(witness.path).len() >= before + 3);
        assert_eq!(fixture.requests(path).len(), 1);
        daemon.kill();
    }
    let asked = ["a", "b"].map(|name| fixture.status_of(name)["problem"]["reason"].clone());
    assert!(asked.contains(&serde_json::Value::Null), "only one has asked: {asked:?}");
}

#[test]
fn a_refused_credential_is_parked_until_its_secret_is_mended() {
    let fixture = Fixture::with_lifetime(2);
    let path = "/habit/created/token";
    let refused = Credential { path, secret: "secrets/mine", ..Credential::new("refused") };
    let witness = Credential { more: "refresh: { at: 0.5 }", ..Credential::new("witness") };
    fixture.write("secrets/mine", "wrong");
    fixture.configure(&[refused, witness]);
    let _daemon = fixture.run();
    until("some refreshes of the witness", || fixture.requests(witness.path).len() >= 3);
    assert_eq!(fixture.requests(path).len(), 1, "asking again would change nothing");
    let problem = fixture.status_of("refused")["problem"].clone();
    assert_eq!(problem["fault"], "permanent");
    assert_eq!(problem["reason"], "invalid_client");
    fixture.write("secrets/mine", SECRET);
    fixture.wait_for_tokens(&["refused"]);
    assert_eq!(fixture.requests(path).len(), 2);
}

#[test]
fn hanging_flaky_and_unreachable_providers_delay_nobody_else() {
    let fixture = Fixture::with_lifetime(2);
    let at = |name, path| Credential { path, ..Credential::new(name) };
    let good = Credential { more: "refresh: { at: 0.5 }", ..Credential::new("good") };
    let flaky = "/habit/flaky/token";
    let mut text = configuration(
        "limits: { concurrent_requests: 3 }\n",
        &[at("flaky", flaky), at("hangs", "/habit/hangs/token"), good],
    );
    // Nobody listens on port 9.
    text += &at("unreachable", "").entry().replace("@BASE@", "http://127.0.0.1:9/token");
    fixture.write("config.yaml", &text);
    let _daemon = fixture.run();
    fixture.wait_for_tokens(&["flaky"]);
    until("refreshes", || fixture.requests(good.path).len() >= 4);
    assert_eq!(fixture.requests("/habit/hangs/token").len(), 1, "and it still hangs");
    assert_eq!(fixture.status_of("unreachable")["problem"]["fault"], "transient");
}

/// What `once` and `status` make of all systems at once.
fn assert_understood(fixture: &Fixture, code: i32, fault: &str) {
    assert_eq!(fixture.tokenward(&["once"]).code, Some(code));
    for (name, ..) in SYSTEMS {
        let problem = fixture.status_of(name)["problem"].clone();
        assert_eq!(problem["fault"], fault, "{name}: {problem}");
    }
}

#[test]
fn each_system_is_understood_when_it_is_down() {
    let fixture = Fixture::new();
    configure_systems(&fixture);
    fixture.sandbox().fail("/", true);
    assert_understood(&fixture, 75, "transient");
}

#[test]
fn each_system_is_understood_when_it_refuses_a_secret() {
    let fixture = Fixture::new();
    configure_systems(&fixture);
    for offer in fixture.sandbox().offers() {
        fixture.write(&format!("secrets/{}", offer.system), "wrong");
    }
    assert_understood(&fixture, 69, "permanent");
}
