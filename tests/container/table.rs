//! The outcomes for people: one line for each check.

use std::{fmt, panic::AssertUnwindSafe};

use crate::wait::now;

/// What became of the checks.
#[derive(Default)]
pub struct Table {
    lines: Vec<String>,
    good: usize,
}

impl Table {
    /// Looks. What a failure says goes to stderr at once, below the name.
    pub fn add(&mut self, what: &str, check: impl FnOnce() -> String) {
        let started = now();
        let looked = std::panic::catch_unwind(AssertUnwindSafe(check));
        let took = now().since(started).as_secs_f64();
        if looked.is_ok() {
            self.good += 1;
        } else {
            eprintln!("FAILED: {what}");
        }
        let (word, figure) = looked.map_or(("FAILED", String::new()), |figure| ("ok", figure));
        let took = format!("{word} {took:.1} s");
        self.lines.push(format!("{what:56}{took:14}{figure}").trim_end().to_owned());
    }

    /// Whether so many checks were made and passed.
    pub const fn is_good(&self, checks: usize) -> bool {
        self.good == checks && self.lines.len() == checks
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "in real containers")?;
        self.lines.iter().try_for_each(|line| writeln!(f, "{line}"))
    }
}
