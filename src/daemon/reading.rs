//! Reading a configuration: from files and the environment to a plan, or to a report.

use std::path::{Path, PathBuf};

use super::apart;
use crate::{
    config::{self, Loaded, problem::Problem},
    plan::{self, Environment, Plan},
    source::{self, List, Mounts},
};

/// What the environment of the process adds to a configuration (`systemd.exec(5)`).
#[derive(Clone, Debug, Default)]
pub struct Surroundings {
    /// `$STATE_DIRECTORY`.
    pub state_directory: Option<PathBuf>,
    /// `$RUNTIME_DIRECTORY`.
    pub runtime_directory: Option<PathBuf>,
    /// `$CREDENTIALS_DIRECTORY`.
    pub credentials_directory: Option<PathBuf>,
}

/// A configuration that was read.
pub struct Reading {
    loaded: Loaded,
    /// The plan, if no problem is an error.
    pub plan: Option<Plan>,
    /// A plan of what is good, if some problem is an error.
    pub sketch: Option<Plan>,
    /// Every problem, errors and warnings.
    pub problems: Vec<Problem>,
}

impl Surroundings {
    /// Those of this process.
    pub fn of_process() -> Self {
        let directory = |name| {
            let value = std::env::var_os(name).filter(|value| !value.is_empty());
            value.map(PathBuf::from)
        };
        Self {
            state_directory: directory("STATE_DIRECTORY"),
            runtime_directory: directory("RUNTIME_DIRECTORY"),
            credentials_directory: directory("CREDENTIALS_DIRECTORY"),
        }
    }
}

impl Reading {
    /// Reads a configuration and the secret files it names, and looks at how they are mounted.
    pub fn of(path: &Path, surroundings: &Surroundings) -> Self {
        let mounts = Mounts::of_process();
        let environment = &Environment {
            read: &|value| source::read_if_passive(value)?.ok(),
            values: &|list| Some(list.read()),
            mounted: &|path| mounts.of(path),
            ..Environment::default()
        };
        Self::with(path, surroundings, environment)
    }

    /// Reads a configuration and nothing that it names: neither secrets nor lists.
    pub fn of_text(path: &Path, surroundings: &Surroundings) -> Self {
        Self::with(path, surroundings, &Environment::default())
    }

    /// Reads a configuration but none of its secrets: for those who only look at outputs.
    pub fn without_secrets(path: &Path, surroundings: &Surroundings) -> Self {
        let values = &|list: &List| Some(list.read());
        Self::with(path, surroundings, &Environment { values, ..Environment::default() })
    }

    fn with(path: &Path, surroundings: &Surroundings, environment: &Environment<'_>) -> Self {
        let Surroundings { state_directory, runtime_directory, credentials_directory } =
            surroundings.clone();
        let loaded = apart::make(|| config::load(path));
        let environment = Environment {
            state_directory,
            runtime_directory,
            credentials_directory,
            ..*environment
        };
        let (found, problems) = plan::sketch(&loaded, &environment);
        let usable = !problems.iter().any(Problem::is_error);
        let (plan, sketch) = if usable { (found, None) } else { (None, found) };
        Self { loaded, plan, sketch, problems }
    }

    /// Ends the reading: what was read is not needed any more, and its memory is given back.
    pub(super) fn close(self) {
        apart::give_back(self.loaded);
    }

    /// Each problem as a person reads it, errors first.
    pub fn report(&self) -> Vec<String> {
        self.sorted().into_iter().map(|problem| self.loaded.render(problem)).collect()
    }

    /// Each error as a person reads it. Who only wants to go on is not told the warnings, which
    /// `check` has.
    pub fn refusal(&self) -> Vec<String> {
        self.report().into_iter().take(self.errors()).collect()
    }

    /// Each problem as one line of a log, errors first.
    pub fn lines(&self) -> Vec<String> {
        self.sorted().into_iter().map(|problem| self.loaded.line(problem)).collect()
    }

    fn sorted(&self) -> Vec<&Problem> {
        let mut problems: Vec<&Problem> = self.problems.iter().collect();
        problems.sort_by_key(|problem| problem.severity);
        problems
    }

    /// How many problems are errors.
    pub fn errors(&self) -> usize {
        self.problems.iter().filter(|problem| problem.is_error()).count()
    }

    /// What to watch. If there is no plan, what mends it may be a list that is not there yet.
    pub fn watched(&self) -> Vec<PathBuf> {
        let plan = self.plan.as_ref().or(self.sketch.as_ref());
        plan.map_or_else(|| self.loaded.watched.clone(), |plan| plan.watched.clone())
    }
}
