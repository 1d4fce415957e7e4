use std::{os::unix::fs::PermissionsExt, sync::Arc};

use super::*;
use crate::{
    clock::{BootTime, WallTime},
    credential::{Credential, Fingerprint, fixture},
    error::{Failure, Fault, Task},
};

fn now(wall: i64, boot: u64) -> Now {
    Now { wall: WallTime::from_seconds(wall), boot: BootTime::from_millis(boot * 1000) }
}

fn credential() -> Credential {
    Credential {
        inputs: Fingerprint([1; 32]),
        material: Some(Fingerprint([2; 32])),
        ..fixture::credential()
    }
}

fn token(requested_at: Now) -> IssuedToken {
    IssuedToken {
        token_type: "bearer".into(),
        scope: Some("a b".into()),
        ..IssuedToken::bearer("tok-1".into(), requested_at, Duration::from_secs(3600))
    }
}

const AFTER: Duration = Duration::from_secs(2700);

fn opened() -> (tempfile::TempDir, State) {
    let directory = tempfile::tempdir().expect("a directory");
    let state = State::open(&directory.path().join("state")).expect("a state directory");
    (directory, state)
}

#[test]
fn a_saved_token_comes_back_whole_and_private() {
    let (directory, state) = opened();
    let (credential, issued) = (credential(), token(now(1_000, 50)));
    state.save(&credential, &issued, AFTER).expect("saved");
    let saved = state.load(&credential.name, now(1_600, 650)).expect("read").expect("there");
    assert_eq!(saved.token, issued);
    assert_eq!((saved.age, saved.refresh_after), (Duration::from_secs(600), AFTER));
    assert!(saved.fits(&credential));
    let file = directory.path().join("state/tokens/test.json");
    let mode = |path: &Path| path.metadata().expect("metadata").permissions().mode() & 0o777;
    assert_eq!(mode(&file), 0o600);
    assert_eq!(mode(&directory.path().join("state")), 0o700);
}

#[test]
fn a_token_fits_only_the_inputs_it_was_issued_for() {
    let (_directory, state) = opened();
    let credential = credential();
    state.save(&credential, &token(now(1_000, 50)), AFTER).expect("saved");
    let saved = state.load(&credential.name, now(1_000, 50)).expect("read").expect("there");
    let other = |inputs, material| Credential {
        inputs: Fingerprint([inputs; 32]),
        material,
        ..credential.clone()
    };
    // (case, credential, fits)
    let cases = [
        ("another scope or endpoint", other(9, Some(Fingerprint([2; 32]))), false),
        ("another secret", other(1, Some(Fingerprint([9; 32]))), false),
        ("an unreadable secret", other(1, None), true),
    ];
    for (case, credential, fits) in cases {
        assert_eq!(saved.fits(&credential), fits, "{case}");
    }
}

#[test]
fn ages_survive_steps_of_the_wall_clock_and_reboots() {
    let issued = token(now(10_000, 500));
    let decoded = |boot_id: &str, later: Now| {
        let bytes = encode_for_test(&issued);
        let stored: Stored = serde_json::from_slice(&bytes).expect("decoded");
        let saved = stored.at(boot_id, later);
        (saved.age.as_secs(), saved.refresh_after, saved.token.requested_at.wall.seconds())
    };
    // (case, boot id, the clocks when it is read, age, refresh_after, requested_at)
    let cases = [
        ("ten minutes later", "boot-1", now(10_600, 1_100), 600, AFTER, 10_000),
        ("slewed by two seconds", "boot-1", now(10_602, 1_100), 600, AFTER, 10_000),
        ("stepped four hours ahead", "boot-1", now(25_000, 1_100), 600, AFTER, 24_400),
        ("stepped four hours back", "boot-1", now(-3_800, 1_100), 600, AFTER, -4_400),
        ("after a reboot", "boot-2", now(10_900, 30), 900, AFTER, 10_000),
        ("after a reboot, from the future", "boot-2", now(9_000, 30), 0, Duration::ZERO, 10_000),
    ];
    for (case, boot_id, later, age, after, wall) in cases {
        assert_eq!(decoded(boot_id, later), (age, after, wall), "{case}");
    }
}

fn encode_for_test(issued: &IssuedToken) -> Zeroizing<Vec<u8>> {
    Stored::new(&credential(), issued, AFTER, "boot-1").encode().expect("encoded")
}

#[test]
fn a_file_that_is_not_ours_is_named_and_left_alone() {
    let (directory, state) = opened();
    let file = directory.path().join("state/tokens/test.json");
    for content in ["", "{", "{\"version\":2}", "tok-secret"] {
        let folder = Directory::open(file.parent().expect("a folder")).expect("open");
        let name = OsStr::new("test.json");
        folder.replace(name, content.as_bytes(), ACCESS, Durability::Volatile).expect("written");
        let error = state.load(&credential().name, now(0, 0)).expect_err("refused").to_string();
        assert!(error.contains("test.json"), "{error}");
        assert!(!error.contains("tok-secret"), "{error}");
        assert_eq!(std::fs::read_to_string(&file).expect("still there"), content);
    }
}

/// As the first version wrote it.
const OLD_FILE: &str = r#"{"version":1,"inputs":"","material":null,"access_token":"tok-1",
    "token_type":"bearer","scope":"a b","requested_at":1000000,"requested_at_boot":50000,
    "boot_id":"","lifetime":{"duration":{"secs":3600,"nanos":0},"source":"expires_in"},
    "refresh_after":{"secs":2700,"nanos":0}}"#;

#[test]
fn a_file_from_before_there_were_refresh_tokens_is_still_read() {
    let stored: Stored = serde_json::from_str(OLD_FILE).expect("decoded");
    let saved = stored.at("another boot", now(1_600, 0));
    assert_eq!(saved.token, token(Now { boot: BootTime::default(), ..now(1_000, 0) }));
    assert!(saved.is_good());
}

#[test]
fn a_refresh_token_that_came_alone_replaces_the_one_before_and_nothing_else() {
    let (_directory, state) = opened();
    let credential = credential();
    let alone = |value: &str| RefreshToken { value: value.into(), expires_at: None, rotates: true };
    let load = || state.load(&credential.name, now(1_000, 50)).expect("read").expect("there");

    state.keep_refresh_token(&credential, &alone("rt-1"), None).expect("kept");
    assert_eq!(load().token.refresh_token, Some(alone("rt-1")));
    assert!(!load().fits(&credential) && !load().is_good(), "there is nothing to publish");

    let issued = IssuedToken { refresh_token: Some(alone("rt-2")), ..token(now(1_000, 50)) };
    state.save(&credential, &issued, AFTER).expect("saved");
    state.keep_refresh_token(&credential, &alone("rt-3"), Some("origin".into())).expect("kept");
    let kept = IssuedToken {
        refresh_token: Some(alone("rt-3")),
        origin: Some("origin".into()),
        ..token(now(1_000, 50))
    };
    assert_eq!(load().token, kept);
    assert!(load().fits(&credential) && load().is_good());

    let endpoint = Arc::new(fixture::endpoint("https://other.example/token"));
    let moved = Credential { endpoint, ..credential.clone() };
    state.keep_refresh_token(&moved, &alone("rt-4"), None).expect("kept");
    assert!(load().is_of_host(&moved) && !load().is_of_host(&credential), "another host's");
}

#[test]
fn records_come_back_and_a_broken_one_is_empty() {
    let (directory, state) = opened();
    let name = credential().name;
    let failure = Failure {
        task: Task::Acquire,
        fault: Fault::Permanent,
        reason: "invalid_client".into(),
        message: "no".into(),
    };
    let problem = ProblemRecord { at: WallTime::from_seconds(5), failure };
    let record = Record { failures: 3, problem: Some(problem), ..Record::default() };
    assert_eq!(state.record(&name), Record::default());
    state.amend(&name, |kept| *kept = record.clone()).expect("noted");
    assert_eq!(state.record(&name), record);
    let records = Directory::open(&directory.path().join("state/records")).expect("open");
    records.replace(&file_name(&name), b"{\"fail", ACCESS, Durability::Volatile).expect("written");
    assert_eq!(state.record(&name), Record::default());
}

#[test]
fn a_second_writer_is_refused_and_told_who_holds_it() {
    let (directory, state) = opened();
    assert_eq!(state.writer(), None);
    let lock = state.lock().expect("the first");
    let error = State::open(&directory.path().join("state"))
        .and_then(|second| second.lock())
        .expect_err("the second");
    assert!(error.to_string().contains(&std::process::id().to_string()), "{error}");
    assert_eq!(state.writer(), i32::try_from(std::process::id()).ok());
    drop(lock);
    assert_eq!(state.writer(), None, "a process id left in the file is no holder");
    state.lock().expect("free again");
}

#[test]
fn a_record_that_does_not_say_takes_a_grant_for_one_that_is_extended() {
    // (case, record, taken for extended)
    for (case, record, expected) in [
        ("none", None, true),
        ("an older daemon's", Some("{}"), true),
        ("it says so", Some(r#"{"grant_extends":true}"#), true),
        ("it says no", Some(r#"{"grant_extends":false}"#), false),
    ] {
        let record = record.map(|text| serde_json::from_str::<Record>(text).expect(case));
        assert_eq!(record.unwrap_or_default().grant_extends, expected, "{case}");
    }
}
