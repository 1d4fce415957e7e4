//! `${name}` in the texts of a credential.

use super::{catalogue::Preset, template::pieces};
use crate::config::{
    check::{listed, nearest, suggestion},
    node::{Node, Span},
    problem::Problem,
};

/// The variables of a credential and their values.
#[derive(Default)]
pub struct Variables<'a> {
    values: Vec<(&'a str, &'a str)>,
}

/// A `${name}` that stands for nothing.
pub struct Unknown {
    message: String,
    mend: String,
}

impl<'a> Variables<'a> {
    /// The variable of a `for_each`, the user's, and those of the preset that is named at `place`.
    pub fn resolve(
        each: Option<(&'a str, &'a str)>,
        own: Option<&'a Node>,
        preset: Option<Preset<'a>>,
        place: Span,
        problems: &mut Vec<Problem>,
    ) -> Self {
        let own = own.map_or(&[][..], Node::entries);
        let own = own.iter().filter_map(|entry| Some((&*entry.key, entry.value.text()?)));
        let mut variables = Self { values: each.into_iter().chain(own).collect() };
        if let Some(preset) = preset {
            variables.complete(preset, place, problems);
        }
        variables
    }

    /// Adds what the preset says of its variables, and checks what the user said.
    fn complete(&mut self, preset: Preset<'a>, place: Span, problems: &mut Vec<Problem>) {
        for variable in preset.variables() {
            let name = variable.name;
            let given = self.value(name);
            if let Some(by) = variable.chosen_by {
                if given.is_some() {
                    let message = format!("the variable `{name}` of this preset cannot be set");
                    let mend = format!("set `{by}`, which decides it");
                    problems.push(Problem::error(place, message, mend));
                }
                let chosen = self.value(by).and_then(|by| variable.chosen(by));
                self.values.push((name, chosen.unwrap_or_default()));
                continue;
            }
            match given.or(variable.default) {
                None => problems.push(Problem::error(
                    place,
                    format!("this preset needs the variable `{name}`"),
                    format!("add `variables: {{ {name}: ... }}`. {}", variable.doc),
                )),
                Some(value) => {
                    let mut allowed = variable.allowed().peekable();
                    if allowed.peek().is_some() && !allowed.clone().any(|one| one == value) {
                        problems.push(Problem::error(
                            place,
                            format!("the variable `{name}` of this preset has no such value"),
                            suggestion(value, allowed),
                        ));
                    }
                }
            }
            // A missing one is a problem already; it must not be one again at each use.
            if given.is_none() {
                self.values.push((name, variable.default.unwrap_or_default()));
            }
        }
    }

    /// The value of a variable.
    pub fn value(&self, name: &str) -> Option<&'a str> {
        self.values.iter().find(|(known, _)| *known == name).map(|(_, value)| *value)
    }

    /// Fills in every `${name}` of a text; `escape` makes its value fit the place.
    pub fn fill(&self, text: &str, escape: impl Fn(&str) -> String) -> Result<String, Unknown> {
        let mut filled = String::with_capacity(text.len());
        for piece in pieces(text) {
            match piece {
                Ok(text) => filled.push_str(text),
                Err(name) => {
                    let value = self.value(name).ok_or_else(|| self.unknown(name, &[]))?;
                    filled.push_str(&escape(value));
                }
            }
        }
        Ok(filled)
    }

    /// Says that `name` is neither a variable nor one of `fields`.
    pub fn unknown(&self, name: &str, fields: &[&str]) -> Unknown {
        let known: Vec<_> = self.values.iter().map(|(name, _)| *name).collect();
        let known = known.into_iter().chain(fields.iter().copied());
        let mend = match nearest(name, known.clone()) {
            Some(known) => format!("did you mean `${{{known}}}`?"),
            None if known.clone().next().is_none() => "name it under `variables`".to_owned(),
            None => format!("use {}, or name it under `variables`", listed(known)),
        };
        Unknown { message: "a `${...}` in this text stands for nothing".to_owned(), mend }
    }
}

impl Unknown {
    /// As a problem of the text that stands here.
    pub fn problem(self, at: Span) -> Problem {
        Problem::error(at, self.message, self.mend)
    }
}
