use std::os::{
    linux::net::SocketAddrExt,
    unix::net::{SocketAddr, UnixDatagram},
};

use super::*;
use crate::{clock::WallTime, observe::DaemonStatus};

fn credential(name: &str, standing: Standing) -> CredentialStatus {
    CredentialStatus {
        name: name.into(),
        standing,
        issued_at: None,
        expires_at: Some(WallTime::from_seconds(1_790_000_000)),
        lifetime_source: None,
        outage_ms: None,
        next_request_at: None,
        grant_expires_at: None,
        grant_extends: true,
        failures: 0,
        parked: false,
        waiting: None,
        client_secret: None,
        problem: None,
        outputs: Vec::new(),
    }
}

fn status(credentials: &[(&str, Standing)], problem: Option<&str>) -> Status {
    let at = WallTime::from_seconds(1_789_999_990);
    let daemon = DaemonStatus {
        process_id: None,
        version: "1".into(),
        configuration: "config.yaml".into(),
        started_at: at,
        configured_at: at,
        configuration_problem: problem.map(Into::into),
    };
    let credentials = credentials.iter().map(|(name, standing)| credential(name, *standing));
    Status {
        at,
        ready: true,
        daemon: Some(daemon),
        credentials: credentials.collect(),
        endpoints: Vec::new(),
    }
}

#[test]
fn one_line_says_how_things_are() {
    use Standing::{Failing, Fresh, Missing, Parked};
    let many = [("a", Failing), ("b", Parked), ("c", Failing), ("d", Missing), ("e", Fresh)];
    let refused = "config.yaml:3:15: `listen` is not valid\n    listen: 1\n";
    // (credentials, problem of the configuration, line)
    let cases: [(&[_], _, _); 5] = [
        (&[], None, "no credentials"),
        (&[("a", Fresh), ("b", Fresh)], None, "2 of 2 fresh, next expiry 2026-09-21T14:13:20Z"),
        (&[("a", Fresh), ("b", Parked)], None, "2 of 2 have a good token; b: parked"),
        (&many, None, "4 of 5 have a good token; d: missing, a: failing, b: parked and 1 more"),
        (
            &[("a", Missing)],
            Some(refused),
            "configuration not in force: config.yaml:3:15: `listen` is not valid; \
             0 of 1 have a good token; a: missing",
        ),
    ];
    for (credentials, problem, expected) in cases {
        assert_eq!(sentence(&status(credentials, problem)), expected);
    }
}

#[test]
fn the_next_look_is_not_later_than_the_next_expiry() {
    let status = status(&[("a", Standing::Fresh)], None);
    for (seconds, expected) in [(1_789_999_990, 10), (1_789_990_000, 60), (1_790_000_000, 60)] {
        let now = Now { wall: WallTime::from_seconds(seconds), ..Now::default() };
        assert_eq!(until_due(&status, now).as_secs(), expected, "{seconds}");
    }
}

/// A loop that answers so many times and is stuck after that; how often the watchdog was fed in four
/// of its intervals. (A socket holds ten messages that nobody has read.)
async fn fed(answers: usize) -> usize {
    let name = format!("tokenward-test-{}-fed-{answers}", std::process::id());
    let address = SocketAddr::from_abstract_name(&name).expect("a name");
    let listener = UnixDatagram::bind_addr(&address).expect("a socket");
    listener.set_nonblocking(true).expect("a socket that does not wait");
    let interval = Duration::from_secs(10);
    let end = Duration::from_millis(39_999);
    let supervisor = Supervisor::at(Some(format!("@{name}").into()), Some(interval));
    let (commands, mut receiver) = mpsc::channel(1);
    let turning = async {
        for _ in 0..answers {
            if let Some(Command::Answer(answer)) = receiver.recv().await {
                assert!(answer.send(()).is_ok());
            }
        }
        std::future::pending::<()>().await;
    };
    tokio::select! {
        () = prove_life(supervisor, commands) => {}
        () = turning => {}
        () = sleep(end) => {}
    }
    let mut buffer = [0; 512];
    std::iter::from_fn(|| listener.recv(&mut buffer).ok()).count()
}

#[tokio::test(start_paused = true)]
async fn only_a_loop_that_answers_feeds_the_watchdog() {
    assert_eq!(fed(1000).await, 8, "twice in each interval");
    assert_eq!(fed(3).await, 3, "and never again once it is stuck");
}
