//! Reload: a good configuration takes over credential by credential, a bad one changes nothing.

use std::sync::Arc;

use super::{Command, Daemon, Reading, Replan, limits, report::refusal};
use crate::{
    observe::{Counts, Event, Observer},
    plan::{Changes, Plan, Settings, difference},
};

impl Daemon {
    /// Reads the configuration again and puts in force what changed.
    pub(super) async fn reload(&mut self) {
        self.setup.supervisor.reloading();
        self.read_again().await;
        let problem = self.record.configuration_problem.as_deref().map(refusal);
        self.setup.supervisor.reloaded(problem.as_deref());
    }

    async fn read_again(&mut self) {
        let (path, surroundings) =
            (self.setup.configuration.clone(), self.setup.surroundings.clone());
        // A large configuration takes seconds to read: the loop goes on meanwhile.
        let reading = tokio::task::spawn_blocking(move || Reading::of(&path, &surroundings)).await;
        let Ok(mut reading) = reading else { return };
        if let Err(error) =
            self.watch.set_paths(reading.watched().into_iter().chain(self.plan.watched.clone()))
        {
            self.observer.emit(&Event::Warning(&error.to_string()));
        }
        match reading.plan.take() {
            None => self.refuse(&reading),
            Some(plan) => {
                let lines = reading.lines();
                reading.close();
                self.adopt(plan, &lines).await;
            }
        }
    }

    /// The old plan stays in force, and everybody who looks is told.
    fn refuse(&mut self, reading: &Reading) {
        let lines = reading.lines();
        let first = lines.first().map_or("", |line| line.as_str());
        self.observer.emit(&Event::ReloadRefused { errors: reading.errors(), first });
        self.record.configuration_problem = Some(reading.refusal().join("\n").into());
        self.note();
    }

    async fn adopt(&mut self, mut plan: Plan, warnings: &[String]) {
        plan.inherit(&self.plan);
        let changes = difference(&self.plan, &plan);
        let counts = Counts {
            added: changes.added.len(),
            changed: changes.changed.len(),
            removed: changes.removed.len(),
        };
        if counts != Counts::default() {
            warn(&self.observer, warnings);
        }
        self.record.configuration_problem = self.restart_needed(&plan);
        self.record.configured_at = self.setup.clock.now().wall;
        let limits = limits(&plan);
        self.plan = Arc::new(plan);
        self.published_plan.send_replace(self.plan.clone());
        self.calendars.replace(&self.plan.credentials);
        self.follow_logins();
        let Changes { added, changed, removed } = changes;
        let _ =
            self.commands.send(Command::Replan(Replan { added, changed, removed, limits })).await;
        // After the plan, since the refresher passes over a name that it does not know.
        self.keep_dates().await;
        self.note();
        self.observer.emit(&Event::Reloaded(counts));
    }

    /// What cannot change while the daemon runs stays as it was, and is said.
    fn restart_needed(&self, plan: &Plan) -> Option<Box<str>> {
        let keys = fixed_keys_that_differ(&self.plan.settings, &plan.settings);
        if keys.is_empty() {
            return None;
        }
        let text = format!("{} changed: restart the daemon to apply it", keys.join(", "));
        self.observer.emit(&Event::Warning(&text));
        Some(text.into())
    }
}

/// A configuration of a hundred thousand credentials can have as many warnings.
const SHOWN: usize = 10;

/// The warnings of a configuration that is used all the same.
pub(super) fn warn(observer: &Observer, warnings: &[String]) {
    for warning in warnings.iter().take(SHOWN) {
        observer.emit(&Event::Warning(warning));
    }
    if warnings.len() > SHOWN {
        let text = format!("{} more warnings; see `tokenward check`", warnings.len() - SHOWN);
        observer.emit(&Event::Warning(&text));
    }
}

fn fixed_keys_that_differ(old: &Settings, new: &Settings) -> Vec<&'static str> {
    [
        ("`listen`", old.listen != new.listen),
        ("`control`", old.control != new.control),
        ("`state_directory`", old.state_directory != new.state_directory),
        ("`output_directory`", old.output_directory != new.output_directory),
    ]
    .into_iter()
    .filter_map(|(key, differs)| differs.then_some(key))
    .collect()
}
