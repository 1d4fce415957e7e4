//! The outcomes for people: one line for each check, one column for each release.

use std::{fmt, panic::AssertUnwindSafe, time::Duration};

use crate::{Check, release::RELEASES, site::Site, wait::now};

/// What became of a check, and how long it took.
#[derive(Clone, Copy)]
pub struct Outcome {
    good: bool,
    took: Duration,
}

impl Outcome {
    /// Looks. What a failure says goes to stderr at once, below the name.
    pub fn of(name: &str, check: fn(&mut Site), site: &mut Site) -> Self {
        let started = now();
        let looked = std::panic::catch_unwind(AssertUnwindSafe(|| check(site)));
        if looked.is_err() {
            eprintln!("FAILED: {name}");
        }
        Self { good: looked.is_ok(), took: now().since(started) }
    }

    fn word(self) -> String {
        let word = if self.good { "ok" } else { "FAILED" };
        format!("{word} {:.1} s", self.took.as_secs_f64())
    }
}

/// The outcomes of each release.
pub struct Table<'a> {
    checks: &'a [Check],
    outcomes: &'a [Vec<Outcome>],
}

impl<'a> Table<'a> {
    pub const fn new(checks: &'a [Check], outcomes: &'a [Vec<Outcome>]) -> Self {
        Self { checks, outcomes }
    }

    /// Whether every check was made and passed.
    pub fn is_good(&self) -> bool {
        let whole = |outcomes: &Vec<Outcome>| outcomes.len() == self.checks.len();
        self.outcomes.iter().all(whole) && self.outcomes.iter().flatten().all(|one| one.good)
    }
}

impl fmt::Display for Table<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        line(f, "on a booted system", RELEASES.iter().map(ToString::to_string))?;
        for (at, (what, _)) in self.checks.iter().enumerate() {
            let outcomes = self.outcomes.iter().map(|outcomes| outcomes.get(at));
            let words = outcomes.map(|one| one.map_or_else(|| "-".into(), |one| one.word()));
            line(f, what, words)?;
        }
        Ok(())
    }
}

fn line(
    f: &mut fmt::Formatter<'_>,
    what: &str,
    words: impl Iterator<Item = String>,
) -> fmt::Result {
    let words: Vec<_> = words.map(|word| format!("{word:24}")).collect();
    writeln!(f, "{}", format!("{what:52}{}", words.concat()).trim_end())
}
