//! What a reload does: only credentials whose inputs changed are touched.

use nix::sys::signal::Signal;

use crate::{
    fixture::{Credential, Fixture, SECRET, remove},
    pages::{self, free_address},
    wait::until,
};

const RELOADED: &str = "configuration reloaded";
const REFUSED: &str = "configuration refused, the old one stays in force";

/// Two credentials whose requests can be told apart, each with a secret file of its own.
const A: Credential<'_> = Credential {
    path: "/plain/token",
    secret: "secrets/a",
    outputs: "[ { json_file: NAME/json }, { token_file: NAME/token } ]",
    ..Credential::new("a")
};
const B: Credential<'_> =
    Credential { path: "/habit/created/token", secret: "secrets/b", ..Credential::new("b") };

fn two() -> Fixture {
    let fixture = Fixture::new();
    fixture.write("secrets/a", SECRET);
    fixture.write("secrets/b", SECRET);
    fixture.configure(&[A, B]);
    fixture
}

/// How many requests each has sent.
fn requests(fixture: &Fixture) -> [usize; 2] {
    [A, B].map(|credential| fixture.requests(credential.path).len())
}

#[test]
fn a_changed_secret_asks_for_that_credential_alone() {
    let fixture = two();
    let _daemon = fixture.run_until_published(&["a", "b"]);
    let token = fixture.token("a");
    fixture.write("secrets/a", "not the secret");
    until("the refusal", || fixture.status_of("a")["standing"] == "parked");
    assert_eq!(requests(&fixture), [2, 1]);
    assert_eq!(fixture.token("a"), token, "the good token stays");
    fixture.rename_save("secrets/a", SECRET);
    until("the new token", || fixture.token("a") != token);
    until("it recovers", || fixture.status_of("a")["standing"] == "fresh");
    assert_eq!(requests(&fixture), [3, 1]);
}

#[test]
fn a_secret_file_that_cannot_be_read_costs_no_good_token() {
    let fixture = two();
    let _daemon = fixture.run_until_published(&["a", "b"]);
    let token = fixture.token("a");
    fixture.after(RELOADED, || remove(&fixture.path("secrets/a")));
    fixture.after(RELOADED, || fixture.write("secrets/a", SECRET));
    assert_eq!((requests(&fixture), fixture.token("a")), ([1, 1], token));
}

#[test]
fn a_changed_scope_asks_for_that_credential_alone() {
    let fixture = two();
    let _daemon = fixture.run_until_published(&["a", "b"]);
    let more = "scope: [read, write]";
    fixture.configure(&[Credential { more, ..A }, B]);
    let scoped = || fixture.read("out/a/json").unwrap().contains(r#""scope":"read write""#);
    until("the token of the new scope", scoped);
    assert_eq!(requests(&fixture), [2, 1]);
}

#[test]
fn an_added_output_is_published_without_a_request() {
    let fixture = two();
    let _daemon = fixture.run_until_published(&["a", "b"]);
    let outputs = "[ { token_file: NAME/token }, { token_file: NAME/second } ]";
    fixture.configure(&[A, Credential { outputs, ..B }]);
    until("the new output", || fixture.read("out/b/second").is_some());
    assert_eq!(fixture.read("out/b/second"), fixture.token("b"));
    assert_eq!(requests(&fixture), [1, 1]);
}

#[test]
fn a_removed_credential_keeps_its_files_and_comes_back_without_a_request() {
    let fixture = two();
    let _daemon = fixture.run_until_published(&["a", "b"]);
    let token = fixture.token("a");
    fixture.after(RELOADED, || fixture.configure(&[B]));
    assert_eq!(fixture.token("a"), token);
    fixture.after(RELOADED, || fixture.configure(&[A, B]));
    let outputs = "[ { json_file: NAME/json }, { token_file: NAME/again } ]";
    fixture.configure(&[Credential { outputs, ..A }, B]);
    until("its output", || fixture.read("out/a/again").is_some());
    assert_eq!((fixture.read("out/a/again"), requests(&fixture)), (token, [1, 1]));
}

#[test]
fn a_token_that_arrives_after_its_credential_has_left_is_saved() {
    let fixture = two();
    let slow = Credential { path: "/habit/slow_headers/token", ..A };
    fixture.configure(&[slow, B]);
    let _daemon = fixture.run_until_published(&["b"]);
    until("its request", || fixture.requests(slow.path).len() == 1);
    fixture.after(RELOADED, || fixture.configure(&[B]));
    assert_eq!(fixture.read("state/tokens/a.json"), None, "it is still in flight");
    until("the token", || fixture.read("state/tokens/a.json").is_some());
    fixture.configure(&[slow, B]);
    fixture.wait_for_tokens(&["a"]);
    assert_eq!(fixture.requests(slow.path).len(), 1);
}

#[test]
fn a_bad_configuration_is_loud_keeps_the_old_plan_and_is_read_again_when_it_changes() {
    let fixture = two();
    let listen = free_address();
    let top = format!("listen: {listen}\n");
    fixture.configure_with(&top, &[A, B]);
    let mut daemon = fixture.run_until_published(&["a", "b"]);
    let bad = Credential { more: "scoop: [read]", ..A };
    fixture.after(REFUSED, || fixture.configure_with(&top, &[bad, B]));
    until("a word on the page", || pages::body(listen, "/").contains("`scoop` is not a key"));
    let shown = fixture.tokenward(&["status", "--json"]);
    assert_eq!(shown.code, Some(78), "{shown:?}");
    assert!(shown.stderr.contains("did you mean `scope`?"), "{shown:?}");
    let problem = fixture.status()["daemon"]["configuration_problem"].clone();
    assert!(problem.as_str().unwrap().contains("`scoop` is not a key"), "{problem}");
    assert_eq!(fixture.status_of("b")["standing"], "fresh", "what is right is shown");
    fixture.after(REFUSED, || daemon.signal(Signal::SIGHUP));
    assert!(daemon.runs() && fixture.token("a").is_some(), "and again");

    fixture.after(RELOADED, || fixture.configure_with(&top, &[A, B]));
    assert_eq!(fixture.status()["daemon"]["configuration_problem"], serde_json::Value::Null);
    assert_eq!(requests(&fixture), [1, 1]);
}
