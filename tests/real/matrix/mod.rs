//! Every grant with every client authentication, against every server that offers them.
//!
//! Each cell is one credential of a daemon's configuration, and passes when its token has been
//! refreshed. The table that comes of it is printed.

mod authentication;
mod cell;

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::{self, Write as _},
    io::Write as _,
    thread,
    time::Duration,
};

use serde_json::Value;

pub use self::authentication::Authentication;
use self::{authentication::AUTHENTICATIONS, cell::Cell};
use crate::{
    now, person,
    server::Server,
    software::{DJANGO_OAUTH_TOOLKIT, GLEWLWYD, NODE_OAUTH2_SERVER, OIDC_PROVIDER, Software},
    tokenward::Tokenward,
};

const GRANTS: [&str; 7] = [
    "client_credentials",
    "refresh_token",
    "password",
    "authorization_code",
    "device_code",
    "jwt_bearer",
    "token_exchange",
];

const SERVERS: [&Software; 4] =
    [&OIDC_PROVIDER, &DJANGO_OAUTH_TOOLKIT, &GLEWLWYD, &NODE_OAUTH2_SERVER];

#[test]
fn every_cell_that_a_server_offers_gets_its_token_refreshed() {
    let servers = SERVERS.into_iter().filter(|software| software.is_installed());
    let runs: Vec<_> = servers.map(|software| thread::spawn(|| run(software))).collect();
    let results: Vec<_> = runs.into_iter().map(|run| run.join().unwrap()).collect();

    let mut table = String::new();
    for result in &results {
        write!(table, "\n{result}").unwrap();
    }
    // Not `eprintln!`: of a test that passes, the test runner keeps that to itself.
    std::io::stderr().write_all(table.as_bytes()).unwrap();
    let failed: Vec<_> = results.iter().flat_map(|result| &result.failures).collect();
    assert!(failed.is_empty(), "{failed:#?}");
}

/// What became of the cells of one server.
struct Outcome {
    software: &'static Software,
    /// Why a token is missing, or was not refreshed, by the name of the cell.
    failures: BTreeMap<String, String>,
}

/// The lifetime of tokens: a refresh is due at half of it.
const LIFETIME: Duration = Duration::from_secs(6);

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
    let status = tokenward.status();
    assert_eq!(daemon.terminate(), Some(0), "{}", software.name);
    let log = server.log();
    let reason = |name: &String| {
        let lines: Vec<_> = log.lines().filter(|line| line.contains("refused")).collect();
        format!("{} tokens; {}; {lines:?}", tokens[name].len(), problem(&status, name))
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

fn problem(status: &Value, name: &str) -> String {
    let credentials = status["credentials"].as_array().unwrap();
    let credential = credentials.iter().find(|credential| credential["name"] == name);
    credential.map(|credential| credential["problem"].to_string()).unwrap_or_default()
}

fn offered(software: &'static Software) -> impl Iterator<Item = Cell> {
    software.offers.iter().flat_map(move |(grant, authentications)| {
        authentications
            .iter()
            .map(move |authentication| Cell::new(software, grant, *authentication))
    })
}

impl Outcome {
    fn cell(&self, grant: &str, authentication: Authentication) -> &'static str {
        let offers = self.software.offers.iter().find(|(offered, _)| *offered == grant);
        if !offers.is_some_and(|(_, offered)| offered.contains(&authentication)) {
            return "not offered";
        }
        if self.failures.contains_key(&format!("{grant}-{authentication}")) {
            "FAILED"
        } else {
            "ok"
        }
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:28}", self.software.name)?;
        for grant in GRANTS {
            write!(f, " {grant:>18}")?;
        }
        writeln!(f)?;
        for authentication in AUTHENTICATIONS {
            write!(f, "{:28}", authentication.to_string())?;
            for grant in GRANTS {
                write!(f, " {:>18}", self.cell(grant, authentication))?;
            }
            writeln!(f)?;
        }
        Ok(())
    }
}
