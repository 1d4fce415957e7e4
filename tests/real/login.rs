//! `tokenward login` before any daemon runs.

use crate::{
    matrix::{Authentication, Cell},
    person,
    server::Server,
    software::Software,
    tokenward::{LIFETIME, Tokenward},
};

pub fn a_person_logs_in_once_and_the_daemon_goes_on(software: &'static Software) {
    let cells: Vec<_> = software
        .offers
        .iter()
        .map(|(grant, _)| Cell::new(software, grant, Authentication::None))
        .filter(Cell::needs_login)
        .collect();
    let clients: Vec<_> = cells.iter().map(|cell| cell.client.clone()).collect();
    let server = Server::start(software, LIFETIME, &clients);
    let entries: String = cells.iter().map(|cell| cell.entry(software, &server)).collect();
    let tokenward = Tokenward::of(&entries);
    let names: Vec<_> = cells.iter().map(Cell::name).collect();
    for name in &names {
        let said = person::logs_in(&tokenward, name, &server).unwrap();
        assert!(said.contains(&format!("Logged in: {name}")), "{said}");
    }

    let daemon = tokenward.run();
    for name in &names {
        let first = tokenward.another_token(name, None);
        tokenward.another_token(name, first.as_ref());
        assert_eq!(tokenward.reason(name), None, "{name}");
    }
    assert_eq!(daemon.terminate(), Some(0));
}
