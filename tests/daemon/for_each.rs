//! One token for each line of a file, while the file changes.

use serde_json::Value;

use crate::{
    fixture::{Credential, Fixture, remove},
    wait::until,
};

const RELOADED: &str = "configuration reloaded";

const EACH: Credential<'_> = Credential {
    outputs: "[ { token_file: 'sessions/${v}/token' } ]",
    more: "for_each: { v: { file: list } }",
    ..Credential::new("each")
};

/// A fixture whose credential, `each`, has a token for each line of `list`.
fn fixture(lines: &str) -> Fixture {
    let fixture = Fixture::new();
    fixture.write("list", lines);
    fixture.configure(&[EACH]);
    fixture
}

fn token(fixture: &Fixture, value: &str) -> Option<String> {
    fixture.read(&format!("out/sessions/{value}/token"))
}

fn requests(fixture: &Fixture) -> usize {
    fixture.requests("/plain/token").len()
}

/// What `status` lists.
fn listed(fixture: &Fixture) -> Vec<String> {
    let credentials = fixture.status()["credentials"].clone();
    let Value::Array(credentials) = credentials else { panic!("no list: {credentials}") };
    credentials.iter().map(|one| one["name"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn lines_come_and_go_while_the_daemon_runs() {
    let fixture = fixture("one\ntwo\nthree\n");
    let _daemon = fixture.run();
    assert_eq!(fixture.tokenward(&["wait", "each", "--timeout", "30"]).code, Some(0));
    assert_eq!(listed(&fixture), ["each@one", "each@three", "each@two"]);
    assert_eq!(fixture.tokenward(&["wait", "each@two", "--timeout", "0"]).code, Some(0));
    let got = fixture.tokenward(&["get", "each@two"]).stdout;
    assert_eq!(Some(got.trim_end().to_owned()), token(&fixture, "two"));
    let got = fixture.tokenward(&["get", "each"]);
    assert!(got.code == Some(64) && got.stderr.contains("such as each@one"), "{got:?}");
    assert_eq!(requests(&fixture), 3);

    fixture.rename_save("list", "one\ntwo\nthree\nfour\n");
    until("the added one", || token(&fixture, "four").is_some());

    let kept = token(&fixture, "two");
    fixture.rename_save("list", "two\nthree\nfour\n");
    until("the removed one is gone", || !fixture.path("out/sessions/one").exists());
    assert!(fixture.read("state/tokens/each@one.json").is_some(), "a good token is kept");

    fixture.after(RELOADED, || fixture.rename_save("list", "two\nth ree\nfour\nfive\n"));
    until("the spoilt one is gone", || !fixture.path("out/sessions/three").exists());
    until("the one after it", || token(&fixture, "five").is_some());
    assert!(fixture.read("log").unwrap().contains("line 2 of"), "the bad line is named");
    assert_eq!((token(&fixture, "two"), requests(&fixture)), (kept, 5), "nobody else is asked");

    fixture.rename_save("list", "one\ntwo\nthree\nfour\nfive\n");
    until("those that are back", || {
        token(&fixture, "one").is_some() && token(&fixture, "three").is_some()
    });
    assert_eq!(requests(&fixture), 5, "what was cut off by mistake costs no request");
}

#[test]
fn a_list_that_is_gone_takes_no_token_away() {
    let fixture = fixture("one\n");
    let _daemon = fixture.run();
    assert_eq!(fixture.tokenward(&["wait", "--timeout", "30"]).code, Some(0));
    let refused = "configuration refused, the old one stays in force";
    fixture.after(refused, || remove(&fixture.path("list")));
    assert!(token(&fixture, "one").is_some());
    fixture.write("list", "one\ntwo\n");
    until("it is there again", || token(&fixture, "two").is_some());
    assert_eq!(requests(&fixture), 2);
}

#[test]
fn the_outputs_of_a_value_stay_if_they_are_to() {
    let fixture = fixture("one\ntwo\n");
    let more = "for_each: { v: { file: list } }, on_remove: keep";
    fixture.configure(&[Credential { more, ..EACH }]);
    let _daemon = fixture.run();
    assert_eq!(fixture.tokenward(&["wait", "--timeout", "30"]).code, Some(0));
    fixture.after(RELOADED, || fixture.rename_save("list", "two\n"));
    assert!(token(&fixture, "one").is_some());
}

#[test]
fn what_left_while_no_daemon_ran_is_removed_at_the_next_start() {
    let fixture = fixture("one\ntwo\n");
    assert_eq!(fixture.tokenward(&["once"]).code, Some(0));
    assert!(token(&fixture, "one").is_some());
    fixture.write("list", "two\n");
    assert_eq!(fixture.tokenward(&["once"]).code, Some(0));
    assert!(!fixture.path("out/sessions/one").exists());
    assert!(token(&fixture, "two").is_some());
    fixture.write("list", "one\ntwo\n");
    assert_eq!(fixture.tokenward(&["once"]).code, Some(0));
    assert!(token(&fixture, "one").is_some());
    assert_eq!(requests(&fixture), 2, "its token was kept");
}

#[test]
fn names_in_a_folder_come_and_go() {
    let fixture = Fixture::new();
    fixture.write("names/one", "");
    fixture.write("names/.hidden", "");
    let more = "for_each: { v: { folder: names } }";
    fixture.configure(&[Credential { more, ..EACH }]);
    let _daemon = fixture.run();
    until("the first", || token(&fixture, "one").is_some());
    fixture.write("names/two", "");
    until("the added one", || token(&fixture, "two").is_some());
    remove(&fixture.path("names/one"));
    until("the removed one is gone", || !fixture.path("out/sessions/one").exists());
    assert_eq!((listed(&fixture), requests(&fixture)), (vec!["each@two".to_owned()], 2));
}
