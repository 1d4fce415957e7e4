//! One configured credential, many tokens: one for each value of a variable.

use super::{
    catalogue::Preset,
    draft::Each,
    entries::Entries,
    values::{Value, Values},
};
use crate::{
    config::{
        node::{Entry, Node},
        problem::Problem,
    },
    credential::Name,
};

/// Values that come to nothing, and the first thing that was wrong with one of them.
#[derive(Default)]
struct Spoilt<'v> {
    values: Vec<&'v Value>,
    problems: Vec<Problem>,
}

impl<'a> Entries<'a> {
    /// The credentials of an entry with a `for_each`. A value that comes to nothing harms only
    /// itself; what is wrong with all of them is wrong with the entry, and is said once.
    pub(super) fn fan_out(&mut self, entry: &'a Entry, for_each: &'a Node) {
        let values = Values::named(for_each, self.loaded, self.problems);
        let Some(mut values) = values else { return };
        self.lists.extend(values.path().map(Into::into));
        // A bad name was complained about already.
        if !values.read(self.environment, self.problems) || Name::parse(&entry.key).is_none() {
            return;
        }
        let before = self.credentials.len();
        let mut unnamed = Vec::new();
        let mut spoilt = Spoilt::default();
        for value in &values.items {
            let Some(name) = Name::instance(&entry.key, &value.text) else {
                unnamed.push(value);
                continue;
            };
            let problems = self.each(entry, name, values.variable, &value.text);
            if problems.iter().any(Problem::is_error) {
                spoilt.values.push(value);
                if spoilt.problems.is_empty() {
                    spoilt.problems = problems;
                }
            } else if self.credentials.len() == before + 1 {
                self.problems.extend(problems);
            }
        }
        let room = Name::MAX_LEN.saturating_sub(entry.key.len() + 1);
        let mend = format!(
            "make it of letters, digits and `._-@+=~,:`, at most {room} of them, without a dot at \
             the front"
        );
        values.leave_out(&unnamed, "it cannot be part of a name", &mend, self.problems);
        if self.credentials.len() > before {
            self.say_spoilt(&values, &spoilt);
        } else if spoilt.values.is_empty() {
            self.try_stand_in(entry, &values);
        } else {
            self.problems.append(&mut spoilt.problems);
        }
    }

    /// Makes the credential of one value, if there is nothing wrong with it, and says what is.
    fn each(&mut self, entry: &Entry, name: Name, variable: &str, value: &str) -> Vec<Problem> {
        let mut problems = Vec::new();
        let claimed = self.claims.len();
        let instance = name.clone();
        let each = Each { name: instance.as_str(), variable, value };
        let credential = self.credential(entry, Some(name), Some(each), &mut problems);
        if problems.iter().any(Problem::is_error) {
            self.claims.truncate(claimed);
        } else {
            self.credentials.extend(credential);
        }
        problems
    }

    fn say_spoilt(&mut self, values: &Values<'_>, spoilt: &Spoilt<'_>) {
        if let Some(problem) = spoilt.problems.iter().find(|problem| problem.is_error()) {
            values.leave_out(&spoilt.values, &problem.message, &problem.mend, self.problems);
        }
    }

    /// Without a value that could be used, one that could be shows what is wrong with the entry.
    fn try_stand_in(&mut self, entry: &Entry, values: &Values<'_>) {
        let preset = entry.value.find("provider").and_then(Node::text);
        let variables = preset.and_then(|name| self.catalogue.preset(name)).into_iter();
        let variable = variables.flat_map(Preset::variables).find(|it| it.name == values.variable);
        let value = variable.and_then(|variable| variable.allowed().next()).unwrap_or("value");
        let Some(name) = Name::instance(&entry.key, value) else { return };
        let (credentials, claimed) = (self.credentials.len(), self.claims.len());
        let problems = self.each(entry, name, values.variable, value);
        self.problems.extend(problems);
        // Where lists are not read, it stands for them.
        if values.complete {
            self.credentials.truncate(credentials);
            self.claims.truncate(claimed);
            self.problems.push(Problem::warning(
                values.at,
                format!(
                    "`{}` has no value for `{}`: nothing is kept fresh",
                    entry.key, values.variable
                ),
                "write one there; its token is asked for at once",
            ));
        }
    }
}
