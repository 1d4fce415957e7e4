//! Keys and certificates that are replaced on disk under a running daemon.

use crate::{
    matrix::{Authentication, Cell},
    server::Server,
    software::Software,
    tokenward::{LIFETIME, Tokenward},
    wait_until,
};

const PROOFS: [Authentication; 3] = [
    Authentication::PrivateKeyJwt("ES256"),
    Authentication::TlsClientAuth,
    Authentication::SelfSignedTlsClientAuth,
];

/// The server comes back with keys, certificates and an authority that it made anew, and knows none
/// of the old ones: each token after that has been asked for with what stands in the files now.
pub fn what_is_replaced_on_disk_is_used_from_then_on(software: &'static Software) {
    let cells = PROOFS.map(|proof| Cell::new(software, "client_credentials", proof));
    let clients: Vec<_> = cells.iter().map(|cell| cell.client.clone()).collect();
    let mut server = Server::start(software, LIFETIME, &clients);
    let entries: String = cells.iter().map(|cell| cell.entry(software, &server)).collect();
    let tokenward = Tokenward::of(&entries);
    let names = cells.map(|cell| cell.name());
    let tokens = || names.clone().map(|name| tokenward.token(&name));
    let daemon = tokenward.run();
    wait_until("the first tokens", || tokens().iter().all(Option::is_some));

    server.stop();
    let before = tokens();
    server.renew_keys();
    server.start_again();

    for (name, before) in names.iter().zip(&before) {
        let after = tokenward.another_token(name, before.as_ref());
        tokenward.another_token(name, after.as_ref());
        assert_eq!(tokenward.reason(name), None, "{name}");
    }
    assert_eq!(daemon.terminate(), Some(0));
}
