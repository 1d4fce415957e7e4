//! One writer: a second daemon would spend the grants of the first.

use crate::{
    fixture::{Credential, Fixture},
    wait::until,
};

#[test]
fn a_second_daemon_is_refused_and_told_who_holds_the_state() {
    let fixture = Fixture::new();
    fixture.configure(&[Credential::new("a")]);
    let mut first = fixture.run_until_published(&["a"]);
    for verb in ["run", "once"] {
        let second = fixture.tokenward(&[verb]);
        assert_eq!(second.code, Some(75), "{verb}: {second:?}");
        assert!(second.stderr.contains(&first.pid().to_string()), "{verb}: {second:?}");
    }
    assert!(first.runs());
    assert_eq!(fixture.status()["daemon"]["process_id"], first.pid());
}

#[test]
fn a_killed_daemon_leaves_no_lock_behind() {
    let fixture = Fixture::new();
    fixture.configure(&[Credential::new("a")]);
    let first = fixture.run_until_published(&["a"]);
    let id = first.pid();
    first.kill();
    assert_eq!(fixture.status()["daemon"]["process_id"], serde_json::Value::Null, "{id} is gone");
    let second = fixture.run();
    until("the second", || fixture.status()["daemon"]["process_id"] == second.pid());
}
