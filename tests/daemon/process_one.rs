//! The first process of a container. The kernel spares it from signals that it does not listen to,
//! so each verb that waits must.

use std::{thread, time::Duration};

use nix::{
    sched::{CloneFlags, unshare},
    sys::signal::Signal::{self, SIGINT, SIGTERM},
};

use crate::{
    fixture::{Credential, Fixture},
    left_out::left_out,
    process::Daemon,
    wait::{boot, until},
};

/// Starts a verb as the first process of its own.
fn start(fixture: &Fixture, arguments: &[&str]) -> Option<Daemon> {
    let in_thread = || {
        // It concerns only what this thread starts from now on.
        unshare(CloneFlags::CLONE_NEWPID).map(|()| {
            let log = fixture.path(&format!("log-{}", arguments[0]));
            Daemon::start(fixture.command(arguments), &log)
        })
    };
    match thread::scope(|scope| scope.spawn(in_thread).join().unwrap()) {
        Ok(daemon) => Some(daemon),
        Err(errno) => {
            left_out("the first process of a container", errno.desc());
            None
        }
    }
}

/// Whether it listens to a signal. Before, it is deaf to it.
fn listens(daemon: &Daemon, signal: Signal) -> bool {
    let status = std::fs::read_to_string(format!("/proc/{}/status", daemon.pid())).unwrap();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigCgt:")).unwrap();
    let mask = u64::from_str_radix(mask.trim(), 16).unwrap();
    mask & (1 << (signal as i32 - 1)) != 0
}

#[test]
fn each_verb_that_waits_ends_when_it_is_told_to() {
    let fixture = Fixture::new();
    let hangs = Credential { path: "/habit/hangs/token", ..Credential::new("a") };
    let nobody =
        "grant: device_code, device_authorization_endpoint: '@BASE@/plain/device_authorization'";
    let device = Credential { more: nobody, ..Credential::new("b") };
    fixture.configure(&[hangs, device]);
    let demo = fixture.path("demo").display().to_string();
    // (arguments, signal, exit code: 128 and the signal where nothing can be finished)
    let cases: [(&[&str], Signal, i32); 7] = [
        (&["once"], SIGTERM, 143),
        (&["wait", "a"], SIGTERM, 143),
        (&["wait", "a"], SIGINT, 130),
        (&["login", "b"], SIGTERM, 143),
        (&["sandbox", "--listen", "127.0.0.1:0"], SIGTERM, 0),
        (&["sandbox", "--listen", "127.0.0.1:0"], SIGINT, 0),
        (&["demo", "--directory", &demo], SIGTERM, 0),
    ];
    for (arguments, signal, expected) in cases {
        let Some(daemon) = start(&fixture, arguments) else { return };
        until("it listens", || listens(&daemon, signal));
        let asked = boot();
        daemon.signal(signal);
        assert_eq!(daemon.exit_code(), Some(expected), "{arguments:?}, {signal}");
        let took = boot().since(asked);
        println!("{arguments:?} ended {} ms after {signal}", took.as_millis());
        assert!(took < Duration::from_secs(3), "{arguments:?}, {signal}: {took:?}");
    }
}

#[test]
fn a_daemon_ends_at_once_with_a_token_and_without() {
    let up = Fixture::new();
    up.configure(&[Credential::new("a")]);
    let down = Fixture::new();
    down.configure(&[Credential::new("a")]);
    let refused = "http://127.0.0.1:1/token";
    let text = down.read("config.yaml").unwrap();
    down.write("config.yaml", &text.replace(&format!("{}/plain/token", down.base()), refused));
    for (case, fixture) in [("a token", up), ("no provider", down)] {
        let Some(daemon) = start(&fixture, &["run", "--log-format", "json"]) else { return };
        if case == "a token" {
            fixture.wait_for_tokens(&["a"]);
        } else {
            until("a failure", || fixture.status_of("a")["problem"]["task"] == "acquire");
        }
        let asked = boot();
        assert_eq!(daemon.stop(), Some(0), "{case}");
        let took = boot().since(asked);
        println!("{case}: ended {} ms after SIGTERM", took.as_millis());
        assert!(took < Duration::from_secs(3), "{case}: {took:?}");
    }
}
