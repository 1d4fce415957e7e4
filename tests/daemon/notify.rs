//! Consumers are told after the files have changed, and of nothing else.

use std::{
    os::unix::process::ExitStatusExt,
    process::{Child, Command, Stdio},
};

use nix::sys::signal::Signal;

use crate::{
    fixture::{Credential, Fixture, remove},
    wait::until,
};

/// A consumer: notes whom it was told of, and what it then found in `out/a/token`. While there is
/// a file `broken`, it fails.
const TELL: &str = r#"cd "$(dirname "$0")"
echo "$TOKENWARD_CREDENTIALS: $(cat out/a/token)" >> told
test ! -e broken
"#;
const COMMAND: &str = "notify: [ { command: [/bin/sh, @DIRECTORY@/tell] } ]";

/// A fixture with that consumer, and the key that names it.
fn with_consumer() -> (Fixture, String) {
    let fixture = Fixture::new();
    fixture.write("tell", TELL);
    let key = COMMAND.replace("@DIRECTORY@", &fixture.path("").display().to_string());
    (fixture, key)
}

/// One line for each time that the consumer was told.
fn told(fixture: &Fixture) -> Vec<String> {
    fixture.read("told").unwrap_or_default().lines().map(str::to_owned).collect()
}

#[test]
fn a_consumer_of_several_credentials_is_told_once_after_all_of_them_are_published() {
    let (fixture, more) = with_consumer();
    let credentials =
        ["a", "b", "c"].map(|name| Credential { more: &more, ..Credential::new(name) });
    // All three within the second in which changes are gathered.
    fixture.configure_with("limits: { endpoint_requests_per_second: 1000 }\n", &credentials);
    let _daemon = fixture.run();
    until("the consumer to be told", || fixture.logged("consumer told") == 1);
    assert_eq!(told(&fixture), [format!("a b c: {}", fixture.token("a").unwrap())]);
}

#[test]
fn nobody_is_told_when_no_byte_has_changed() {
    let (fixture, more) = with_consumer();
    let [a, late] = ["a", "late"].map(|name| Credential { more: &more, ..Credential::new(name) });
    fixture.configure(&[a]);
    let daemon = fixture.run_until_published(&["a"]);
    until("the consumer to be told", || fixture.logged("consumer told") == 1);
    assert_eq!(daemon.stop(), Some(0));
    let _daemon = fixture.run();
    until("the second start", || fixture.logged("started") == 2);
    fixture.configure(&[a, late]);
    until("the consumer to be told", || fixture.logged("consumer told") == 2);
    let of_late = format!("late: {}", fixture.token("a").unwrap());
    assert_eq!(told(&fixture)[1..], [of_late]);
}

#[test]
fn a_consumer_that_fails_is_told_again_and_the_provider_is_not_asked() {
    let (fixture, more) = with_consumer();
    fixture.write("broken", "");
    fixture.configure(&[Credential { more: &more, ..Credential::new("a") }]);
    let _daemon = fixture.run_until_published(&["a"]);
    until("two attempts", || told(&fixture).len() == 2);
    until("a word about it", || fixture.status_of("a")["problem"]["task"] == "notify");
    assert_eq!(fixture.status_of("a")["standing"], "failing");
    remove(&fixture.path("broken"));
    until("it recovers", || fixture.status_of("a")["standing"] == "fresh");
    assert_eq!(fixture.requests("/plain/token").len(), 1);
}

#[test]
fn a_daemon_killed_between_publication_and_notification_tells_when_it_is_back() {
    let (fixture, more) = with_consumer();
    fixture.configure(&[Credential { more: &more, ..Credential::new("a") }]);
    fixture.run_until_published(&["a"]).kill();
    assert_eq!(told(&fixture), [""; 0]);
    let _daemon = fixture.run();
    until("the consumer to be told", || told(&fixture).len() == 1);
    assert_eq!(fixture.requests("/plain/token").len(), 1);
}

/// A process that waits for ever; a signal that it does not know ends it.
struct Consumer(Child);

impl Consumer {
    fn start() -> Self {
        Self(Command::new("cat").stdin(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap())
    }

    /// The signal that ended it, if it has ended.
    fn signal(&mut self) -> Option<i32> {
        self.0.try_wait().unwrap().and_then(|status| status.signal())
    }
}

impl Drop for Consumer {
    fn drop(&mut self) {
        // Both fail only for a process that has been waited for already.
        self.0.kill().ok();
        self.0.wait().ok();
    }
}

#[test]
fn a_signal_goes_to_the_process_in_the_pid_file_once_there_is_one() {
    let fixture = Fixture::new();
    let more = "notify: [ { signal: { pid_file: run/app.pid, signal: USR1 } } ]";
    fixture.configure(&[Credential { more, ..Credential::new("a") }]);
    let _daemon = fixture.run_until_published(&["a"]);
    until("a word about it", || fixture.status_of("a")["problem"]["task"] == "notify");
    let mut consumer = Consumer::start();
    fixture.rename_save("run/app.pid", &consumer.0.id().to_string());
    until("the signal", || consumer.signal() == Some(Signal::SIGUSR1 as i32));
    until("it recovers", || fixture.status_of("a")["standing"] == "fresh");
    assert_eq!(fixture.requests("/plain/token").len(), 1);
}
