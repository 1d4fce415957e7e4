//! Every grant with every client authentication, against every server that offers them.
//!
//! Each cell is one credential of a daemon's configuration, and passes when its token has been
//! refreshed. The table that comes of it is printed.

mod authentication;
mod cell;
mod table;

use std::{
    collections::{BTreeMap, BTreeSet},
    io::Write as _,
    thread,
    time::Duration,
};

use self::table::Table;
pub use self::{authentication::Authentication, cell::Cell};
use crate::{
    at_each, now, person,
    server::Server,
    software::{SERVERS, Software},
    tokenward::{LIFETIME, Tokenward},
};

#[test]
fn every_cell_that_a_server_offers_gets_its_token_refreshed() {
    let outcomes = at_each(&SERVERS, run);
    // Not `eprintln!`: of a test that passes, the test runner keeps that to itself.
    write!(std::io::stderr(), "\n{}", Table(&outcomes)).unwrap();
    let failed: Vec<_> = outcomes.iter().flat_map(|outcome| &outcome.failures).collect();
    assert!(failed.is_empty(), "{failed:#?}");
}

/// What became of the cells of one server.
struct Outcome {
    software: &'static Software,
    /// Why a token is missing, or was not refreshed, by the name of the cell.
    failures: BTreeMap<String, String>,
}

fn run(software: &'static Software) -> Outcome {
    let cells: Vec<_> = offered(software).collect();
    let clients: Vec<_> = cells.iter().map(|cell| cell.client.clone()).collect();
    let server = Server::start(software, LIFETIME, &clients);
    let entries: String = cells.iter().map(|cell| cell.entry(software, &server)).collect();
    let tokenward = Tokenward::of(&entries);
    let daemon = tokenward.run();
    let mut failures = log_in(&cells, &tokenward, &server);

    let mut tokens = BTreeMap::<_, BTreeSet<_>>::new();
    let mut missing: Vec<_> = cells.iter().map(Cell::name).collect();
    let started = now();
    while !missing.is_empty() && now().since(started) < Duration::from_secs(60) {
        missing.retain(|name| {
            let seen = tokens.entry(name.clone()).or_default();
            seen.extend(tokenward.token(name));
            seen.len() < 2
        });
        pause();
    }
    let problems: BTreeMap<_, _> =
        missing.iter().map(|name| (name, tokenward.status(name)["problem"].to_string())).collect();
    assert_eq!(daemon.terminate(), Some(0), "{}", software.name);
    let log = server.log();
    let reason = |name: &String| {
        let lines: Vec<_> = log.lines().filter(|line| line.contains("refused")).collect();
        format!("{} tokens; {}; {lines:?}", tokens[name].len(), problems[name])
    };
    for name in &missing {
        failures.entry(name.clone()).or_insert_with(|| reason(name));
    }
    Outcome { software, failures }
}

/// Log-ins beside the running daemon, all at once. Gives those that ended badly, and why.
fn log_in(cells: &[Cell], tokenward: &Tokenward, server: &Server) -> BTreeMap<String, String> {
    thread::scope(|scope| {
        let log_ins: Vec<_> = cells
            .iter()
            .filter(|cell| cell.needs_login())
            .map(|cell| {
                let name = cell.name();
                scope.spawn(move || (person::logs_in(tokenward, &name, server), name))
            })
            .collect();
        let ended = log_ins.into_iter().map(|log_in| log_in.join().unwrap());
        ended.filter_map(|(result, name)| Some((name, result.err()?))).collect()
    })
}

#[expect(clippy::disallowed_methods, reason = "other processes cannot be waited for otherwise")]
fn pause() {
    thread::sleep(Duration::from_millis(50));
}

fn offered(software: &'static Software) -> impl Iterator<Item = Cell> {
    software.offers.iter().flat_map(move |(grant, authentications)| {
        authentications
            .iter()
            .map(move |authentication| Cell::new(software, grant, *authentication))
    })
}
