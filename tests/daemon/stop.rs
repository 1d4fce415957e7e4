//! Stopping: what is in flight is finished, saved and published; a second signal is obeyed.

use std::{net::UdpSocket, path::Path, time::Duration};

use nix::sys::signal::Signal::{SIGINT, SIGTERM};

use crate::{
    fixture::{Credential, Fixture},
    left_out::left_out,
    own_mounts::{mount_at, with_own_mounts},
    process::Daemon,
    wait::{boot, until},
};

const DRAINING: &str = "stopping, finishing what is under way";

/// A daemon that has sent a request to a habit, and waits for the reply.
fn waiting(path: &str, top: &str) -> (Fixture, Daemon) {
    let fixture = Fixture::new();
    fixture.configure_with(top, &[Credential { path, ..Credential::new("a") }]);
    let daemon = fixture.run();
    until("the request", || fixture.requests(path).len() == 1);
    (fixture, daemon)
}

#[test]
fn a_request_in_flight_is_finished_saved_and_published() {
    let cases = [("/habit/slow_headers/token", SIGTERM), ("/habit/slow_body/token", SIGINT)];
    let started = cases.map(|(path, signal)| {
        let (fixture, daemon) = waiting(path, "");
        daemon.signal(signal);
        (path, fixture, daemon)
    });
    for (path, fixture, daemon) in started {
        assert_eq!(daemon.exit_code(), Some(0), "{path}");
        let token = fixture.token("a").unwrap();
        assert_eq!(fixture.tokenward(&["get", "a"]).stdout, token + "\n", "{path}");
        assert_eq!(fixture.requests(path).len(), 1, "{path}");
        assert_eq!(fixture.logged("stopped"), 1, "{path}");
    }
}

#[test]
fn a_second_signal_stops_at_once() {
    for (first, second) in [(SIGTERM, SIGTERM), (SIGINT, SIGTERM), (SIGTERM, SIGINT)] {
        let (fixture, daemon) = waiting("/habit/hangs/token", "");
        fixture.after(DRAINING, || daemon.signal(first));
        let asked = boot();
        daemon.signal(second);
        assert_eq!(daemon.exit_code(), Some(75), "{first} and {second}");
        let took = boot().since(asked);
        assert!(took < Duration::from_secs(5), "{first} and {second} took {took:?}");
    }
}

#[test]
fn a_drain_ends_with_the_grace_period() {
    let (fixture, daemon) = waiting("/habit/hangs/token", "grace_period: 1s\n");
    let asked = boot();
    assert_eq!(daemon.stop(), Some(75));
    let took = boot().since(asked);
    assert!(took >= Duration::from_millis(900) && took < Duration::from_secs(8), "{took:?}");
    assert_eq!(fixture.token("a"), None);
}

#[test]
fn a_daemon_with_nothing_to_finish_ends_at_once_and_sends_nothing_more() {
    let fixture = Fixture::with_lifetime(2);
    let more = "refresh: { at: 0.5 }";
    fixture.configure(&[Credential { more, ..Credential::new("a") }]);
    let daemon = fixture.run_until_published(&["a"]);
    let asked = boot();
    assert_eq!(daemon.stop(), Some(0));
    assert!(boot().since(asked) < Duration::from_secs(3));
    assert!(fixture.token("a").is_some(), "its files stay");
}

#[test]
fn an_output_that_cannot_be_written_holds_up_no_stop() {
    let fixture = Fixture::new();
    fixture.configure(&[Credential::new("a")]);
    std::fs::create_dir_all(fixture.path("out/a/token")).unwrap();
    let daemon = fixture.run();
    until("a word about it", || fixture.status_of("a")["problem"]["task"] == "publish");
    let asked = boot();
    assert_eq!(daemon.stop(), Some(0));
    assert!(boot().since(asked) < Duration::from_secs(3));
    assert_eq!(fixture.tokenward(&["get", "a"]).code, Some(0), "the token is saved");
}

/// Looking up a name takes a thread that cannot be given up.
#[test]
fn a_name_server_that_does_not_answer_holds_up_no_stop() {
    with_own_mounts("a name server that does not answer", || {
        // Bound, so that queries vanish; a port that nobody has is refused at once.
        let Ok(silent) = UdpSocket::bind("127.0.0.153:53") else {
            return left_out("a name server that does not answer", "its port cannot be had");
        };
        let fixture = Fixture::new();
        fixture.write("resolv.conf", "nameserver 127.0.0.153\noptions timeout:30 attempts:5\n");
        fixture.write("nsswitch.conf", "hosts: dns\n");
        for name in ["resolv.conf", "nsswitch.conf"] {
            mount_at(&fixture.path(name), &Path::new("/etc").join(name));
        }
        fixture.configure_with("grace_period: 1s\n", &[Credential::new("a")]);
        let text = fixture.read("config.yaml").unwrap();
        let elsewhere = "https://provider.example/plain/token";
        fixture.write("config.yaml", &text.replace(&(fixture.base() + "/plain/token"), elsewhere));
        let daemon = fixture.run();
        let mut query = [0; 512];
        silent.recv(&mut query).unwrap();
        let asked = boot();
        assert_eq!(daemon.stop(), Some(75));
        let took = boot().since(asked);
        assert!(took < Duration::from_secs(8), "{took:?}");
    });
}
