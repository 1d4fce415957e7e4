//! The outcomes for people: one line for each pattern.

use std::{
    fmt,
    panic::{AssertUnwindSafe, catch_unwind},
    time::Duration,
};

use crate::{namespace::Namespace, wait::now};

/// A pattern, and what must be seen of it.
pub struct Row {
    pub what: &'static str,
    /// A name of its own.
    pub namespace: &'static str,
    /// Looks, and says the figure that is worth telling.
    pub check: fn(&Namespace<'_>) -> String,
}

/// What became of a row, and how long it took.
pub struct Outcome {
    figure: Option<String>,
    took: Duration,
}

impl Outcome {
    /// Looks. What a failure says goes to stderr at once, below the name, with what the cluster has
    /// to say of the namespace.
    pub fn of(row: &Row, namespace: &Namespace<'_>) -> Self {
        let started = now();
        let figure = catch_unwind(AssertUnwindSafe(|| (row.check)(namespace))).ok();
        if figure.is_none() {
            eprintln!("FAILED: {}\n{}", row.what, namespace.story());
        }
        Self { figure, took: now().since(started) }
    }
}

/// All rows with their outcomes.
pub struct Table<'a> {
    rows: &'a [Row],
    outcomes: &'a [Outcome],
}

impl<'a> Table<'a> {
    pub const fn new(rows: &'a [Row], outcomes: &'a [Outcome]) -> Self {
        Self { rows, outcomes }
    }

    /// Whether every row passed.
    pub fn is_good(&self) -> bool {
        self.outcomes.iter().all(|outcome| outcome.figure.is_some())
    }
}

impl fmt::Display for Table<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "on a kubelet")?;
        for (Row { what, .. }, Outcome { figure, took }) in self.rows.iter().zip(self.outcomes) {
            let word = if figure.is_some() { "ok" } else { "FAILED" };
            let took = format!("{word} {:.1} s", took.as_secs_f64());
            let figure = figure.as_deref().unwrap_or_default();
            writeln!(f, "{}", format!("{what:56}{took:14}{figure}").trim_end())?;
        }
        Ok(())
    }
}
