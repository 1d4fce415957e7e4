//! `tokenward providers`.

pub mod example;

use std::fmt::Write;

use super::print;
use crate::{
    config::write::yaml,
    error::Exit,
    plan::catalogue::{Catalogue, Preset, Variable},
};

#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// The name of a provider, to see what it sets and needs; without it, the list
    name: Option<String>,
}

pub fn run(arguments: &Arguments) -> Exit {
    let catalogue = match catalogue() {
        Ok(catalogue) => catalogue,
        Err(exit) => return exit,
    };
    let Some(name) = arguments.name.as_deref() else { return print(&list(&catalogue)) };
    match find(&catalogue, name) {
        Ok(preset) => print(&describe(preset)),
        Err(exit) => exit,
    }
}

/// The built-in catalogue.
pub fn catalogue() -> Result<Catalogue, Exit> {
    Catalogue::built_in().map_err(|_| {
        eprintln!("tokenward: the catalogue cannot be read, which is a bug; please report it");
        Exit::Software
    })
}

/// The preset of this name; if there is none, that is said.
pub fn find<'a>(catalogue: &'a Catalogue, name: &str) -> Result<Preset<'a>, Exit> {
    catalogue.preset(name).ok_or_else(|| {
        let mend = catalogue.suggestion(name);
        eprintln!("tokenward: the catalogue has no provider {name:?}; {mend}");
        Exit::Usage
    })
}

/// The presets in columns, by kind.
fn list(catalogue: &Catalogue) -> String {
    let width = catalogue.names().map(str::len).max().unwrap_or(0);
    let mut text = String::new();
    for (kind, presets) in catalogue.kinds() {
        let _ = writeln!(text, "{kind}");
        for preset in presets {
            let grant = preset.grant();
            let _ = writeln!(text, "  {:width$}  {grant:18}  {}", preset.name, preset.title);
        }
        text.push('\n');
    }
    text + "For what one of them sets and needs: tokenward providers NAME\n"
}

fn describe(preset: Preset<'_>) -> String {
    let mut text = format!(
        "{}\n{}\n\nIt sets:\n\n{}\n",
        preset.title,
        preset.doc,
        yaml(preset.credential.entries(), 2)
    );
    let mut variables = preset.variables().filter(|one| one.chosen_by.is_none()).peekable();
    if variables.peek().is_some() {
        text += "Its variables:\n\n";
        for variable in variables {
            let _ = writeln!(text, "  {}: {}", variable.name, meaning(variable));
        }
        text.push('\n');
    }
    let configuration = example::configuration(preset);
    let _ = write!(text, "{HEAD_OF_EXAMPLE}\n\n{configuration}");
    text
}

/// What stands before the example.
const HEAD_OF_EXAMPLE: &str = "To start with; the values are made up:";

/// The value that holds, and what it may be instead.
fn meaning(variable: Variable<'_>) -> String {
    let value = variable.default.unwrap_or("...");
    let allowed = variable.allowed().collect::<Vec<_>>().join(", ");
    let choice = if allowed.is_empty() { String::new() } else { format!(" One of {allowed}.") };
    format!("{value}   # {}{choice}", variable.doc)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_preset_is_listed_once_under_its_kind() {
        let catalogue = Catalogue::built_in().ok().unwrap();
        let list = list(&catalogue);
        let names: BTreeSet<_> = catalogue.names().collect();
        assert_eq!(names.len(), catalogue.presets().count(), "a name is used twice");
        for name in names {
            assert_eq!(list.matches(&format!("\n  {name} ")).count(), 1, "{name}");
        }
        assert!(list.starts_with("Learning and research\n  learnosity-feedback-aide "), "{list}");
    }

    #[test]
    fn a_preset_says_what_it_sets_and_needs() {
        let catalogue = Catalogue::built_in().ok().unwrap();
        let text = describe(catalogue.preset("learnosity-feedback-aide").unwrap());
        for expected in [
            "  client_authentication: client_secret_basic\n",
            "  session: ...   # The UUID",
            "  access: RW   # ",
            "One of RO, RW.",
            "    provider: learnosity-feedback-aide\n    client_id: my-consumer-key\n",
        ] {
            assert!(text.contains(expected), "{expected:?} in\n{text}");
        }
    }
}
