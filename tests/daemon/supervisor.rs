//! What the service manager hears: ready when the first outputs are good, reloads, the end.

use std::os::unix::net::UnixDatagram;

use nix::sys::signal::Signal::SIGHUP;

use crate::{
    fixture::{Credential, Fixture, configuration},
    process::Daemon,
    wait::until,
};

/// A service manager, and all that it has heard.
struct Supervisor {
    socket: UnixDatagram,
    heard: Vec<String>,
}

impl Supervisor {
    /// Starts a daemon that shall give a sign of life every two seconds.
    fn start(fixture: &Fixture) -> (Self, Daemon) {
        let path = fixture.path("notify");
        let socket = UnixDatagram::bind(&path).unwrap();
        socket.set_nonblocking(true).unwrap();
        let mut command = fixture.command(&["run", "--log-format", "json"]);
        command.env("NOTIFY_SOCKET", &path).env("WATCHDOG_USEC", "4000000");
        let daemon = Daemon::start(command, &fixture.path("log"));
        (Self { socket, heard: Vec::new() }, daemon)
    }

    fn listen(&mut self) {
        let mut buffer = [0; 4096];
        while let Ok(length) = self.socket.recv(&mut buffer) {
            self.heard.push(String::from_utf8_lossy(&buffer[..length]).into_owned());
        }
    }

    /// The first message that begins so, after so many others.
    fn wait_for(&mut self, start: &str, after: usize) -> (usize, String) {
        let mut found = None;
        until(start, || {
            self.listen();
            let mut later = self.heard.iter().enumerate().skip(after);
            found =
                later.find(|(_, message)| message.starts_with(start)).map(|(i, m)| (i, m.clone()));
            found.is_some()
        });
        found.unwrap()
    }

    fn has_heard(&mut self, start: &str) -> bool {
        self.listen();
        self.heard.iter().any(|message| message.starts_with(start))
    }
}

#[test]
fn ready_comes_with_the_first_complete_outputs_and_reloads_are_framed() {
    let fixture = Fixture::new();
    fixture.configure(&[Credential::new("a")]);
    fixture.sandbox().fail("/", true);
    let (mut supervisor, daemon) = Supervisor::start(&fixture);
    supervisor.wait_for("WATCHDOG=1\nEXTEND_TIMEOUT_USEC=", 0);
    supervisor.wait_for("STATUS=0 of 1 have a good token; a: missing", 0);
    until("a failure", || !fixture.requests("/plain/token").is_empty());
    assert!(!supervisor.has_heard("READY=1"));
    fixture.sandbox().fail("/", false);
    let (ready, message) = supervisor.wait_for("READY=1", 0);
    assert!(fixture.token("a").is_some(), "the token is there when it is said");
    assert!(message.contains("\nSTATUS=1 of 1 fresh, next expiry "), "{message}");

    daemon.signal(SIGHUP);
    let (reloading, message) = supervisor.wait_for("RELOADING=1\nMONOTONIC_USEC=", ready);
    assert!(message.lines().count() == 2, "{message}");
    let (applied, _) = supervisor.wait_for("READY=1", reloading);

    fixture.rename_save("config.yaml", "version: 1\nlisten: nowhere\n");
    let (reloading, _) = supervisor.wait_for("RELOADING=1", applied);
    let (refused, message) = supervisor.wait_for("READY=1", reloading);
    assert!(message.contains("STATUS=configuration not in force: "), "{message}");

    fixture.rename_save(
        "config.yaml",
        &configuration("", &[Credential::new("a")]).replace("@BASE@", &fixture.base()),
    );
    let (_, message) = supervisor.wait_for("STATUS=1 of 1 fresh", refused);
    assert!(!message.contains("configuration"));
    supervisor.wait_for("WATCHDOG=1", refused);
    assert_eq!(daemon.stop(), Some(0));
    supervisor.wait_for("STOPPING=1\nEXTEND_TIMEOUT_USEC=", refused);
}

#[test]
fn ready_when_says_what_is_waited_for() {
    // (ready_when, credentials, ready while the provider is down)
    let one: &[_] = &[Credential::new("a")];
    for (word, credentials, expected) in
        [("started", one, true), ("all", &[], true), ("any", one, false)]
    {
        let fixture = Fixture::new();
        let top = format!("ready_when: {word}\n");
        fixture.sandbox().fail("/", true);
        fixture.configure_with(&top, credentials);
        if credentials.is_empty() {
            fixture.write("config.yaml", &configuration(&top, &[]).replace("credentials:\n", ""));
        }
        let (mut supervisor, _daemon) = Supervisor::start(&fixture);
        let first = if expected { "READY=1" } else { "STATUS=0 of 1" };
        supervisor.wait_for(first, 0);
        assert_eq!(supervisor.has_heard("READY=1"), expected, "{word}");
    }
}

#[test]
fn a_command_cannot_answer_in_our_place() {
    let fixture = Fixture::new();
    let only_without = "test -z \"$NOTIFY_SOCKET$WATCHDOG_USEC\" && cat secrets/plain";
    let text = configuration("", &[Credential::new("a")]).replace(
        "{ file: secrets/plain }",
        &format!("{{ command: [ sh, -c, '{only_without}' ] }}"),
    );
    fixture.write("config.yaml", &text);
    let (mut supervisor, _daemon) = Supervisor::start(&fixture);
    supervisor.wait_for("READY=1", 0);
}
