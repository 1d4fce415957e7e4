//! A machine whose clock is wrong, which signs what has expired already or is not valid yet.

use std::thread;

use crate::{
    joined,
    matrix::{Authentication, Cell},
    server::Server,
    software::Software,
    tokenward::{LIFETIME, Tokenward},
};

/// As seen from here it is the server's clock that is wrong: one can be set without the other.
pub fn a_wrong_clock_is_refused_once(software: &'static Software) {
    joined([-600, 600].map(|ahead| thread::spawn(move || is_refused_once(software, ahead))));
}

fn is_refused_once(software: &'static Software, ahead: i64) {
    let proof = Authentication::PrivateKeyJwt("ES256");
    let cell = Cell::new(software, "client_credentials", proof);
    let name = cell.name();
    let client = cell.client.clone();
    let server = Server::start_ahead(ahead, software, LIFETIME, &[client]);
    let tokenward = Tokenward::of(&cell.entry(software, &server));

    let daemon = tokenward.run();
    let first = tokenward.another_token(&name, None);
    tokenward.another_token(&name, first.as_ref());
    assert_eq!(tokenward.reason(&name), None, "{ahead}");
    assert_eq!(daemon.terminate(), Some(0));

    let (asked, log) = (server.log(), tokenward.log());
    assert_eq!(asked.matches("refused").count(), 1, "{ahead}:\n{asked}");
    let side = if ahead > 0 { "s ahead of ours" } else { "s behind ours" };
    assert!(log.contains("reason=clock_skew") && log.contains(side), "{ahead}:\n{log}");
}
