//! The matrix for people: one line for each way to authenticate at each server.

use std::{collections::BTreeMap, fmt};

use super::{Authentication, Outcome, authentication::AUTHENTICATIONS};

const GRANTS: [&str; 7] = [
    "client_credentials",
    "refresh_token",
    "password",
    "authorization_code",
    "device_code",
    "jwt_bearer",
    "token_exchange",
];

/// What became of all cells.
pub(super) struct Table<'a>(pub(super) &'a [Outcome]);

/// What became of one cell.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Fate {
    Passed,
    Failed,
    NotOffered,
}

impl fmt::Display for Table<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", line("server", "client_authentication", GRANTS))?;
        let mut sums = BTreeMap::new();
        for outcome in self.0 {
            for authentication in AUTHENTICATIONS {
                let fates = GRANTS.map(|grant| outcome.fate(grant, authentication));
                let words = fates.map(Fate::word);
                let authentication = authentication.to_string();
                writeln!(f, "{}", line(outcome.software.name, &authentication, words))?;
                for fate in fates {
                    *sums.entry(fate).or_default() += 1;
                }
            }
        }
        let sum = |fate| sums.get(&fate).copied().unwrap_or(0_usize);
        let [passed, failed] = [Fate::Passed, Fate::Failed].map(sum);
        writeln!(
            f,
            "{} cells offered: {passed} passed, {failed} failed; {} not offered (-)",
            passed + failed,
            sum(Fate::NotOffered),
        )
    }
}

/// Each word below the name of its grant.
fn line(server: &str, authentication: &str, words: [&str; GRANTS.len()]) -> String {
    let cells = words.into_iter().zip(GRANTS);
    let cells = cells.map(|(word, grant)| format!("{word:width$}", width = grant.len()));
    let cells: Vec<_> = cells.collect();
    let line = format!("{server:25}  {authentication:27}  {}", cells.join("  "));
    line.trim_end().to_owned()
}

impl Outcome {
    fn fate(&self, grant: &str, authentication: Authentication) -> Fate {
        let offers = self.software.offers.iter().find(|(offered, _)| *offered == grant);
        if !offers.is_some_and(|(_, offered)| offered.contains(&authentication)) {
            Fate::NotOffered
        } else if self.failures.contains_key(&format!("{grant}-{authentication}")) {
            Fate::Failed
        } else {
            Fate::Passed
        }
    }
}

impl Fate {
    const fn word(self) -> &'static str {
        match self {
            Self::Passed => "ok",
            Self::Failed => "FAILED",
            Self::NotOffered => "-",
        }
    }
}
