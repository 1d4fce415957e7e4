//! `tokenward providers`.

use std::fmt::Write;

use super::print;
use crate::{
    config::{check::suggestion, node::Node},
    error::Exit,
    plan::catalogue::{Catalogue, Preset, Variable},
};

#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// The name of a provider, to see what it needs; without it, the list
    name: Option<String>,
}

pub fn run(arguments: &Arguments) -> Exit {
    let Ok(catalogue) = Catalogue::built_in() else {
        eprintln!("tokenward: the catalogue cannot be read, which is a bug; please report it");
        return Exit::Software;
    };
    let Some(name) = arguments.name.as_deref() else { return print(&list(&catalogue)) };
    let Some(preset) = catalogue.preset(name) else {
        let mend = suggestion(name, catalogue.names());
        eprintln!("tokenward: the catalogue has no provider {name:?}; {mend}");
        return Exit::Usage;
    };
    print(&describe(preset))
}

fn list(catalogue: &Catalogue) -> String {
    let width = catalogue.names().map(str::len).max().unwrap_or(0);
    let mut text = format!("{:width$}  WHAT IT IS\n", "PROVIDER");
    for preset in catalogue.presets() {
        let _ = writeln!(text, "{:width$}  {}", preset.name, preset.title);
    }
    text + "\nFor what one of them needs: tokenward providers NAME\n"
}

fn describe(preset: Preset<'_>) -> String {
    let endpoint = preset.credential.find("token_endpoint").and_then(Node::text);
    let mut text = format!(
        "{}\n{}\n\ntoken endpoint: {}\n\nprovider: {}\n",
        preset.title,
        preset.doc,
        endpoint.unwrap_or("yours to give"),
        preset.name
    );
    let variables: Vec<_> = preset.variables().filter(|one| one.chosen_by.is_none()).collect();
    if !variables.is_empty() {
        text += "variables:\n";
    }
    for variable in variables {
        let _ = writeln!(text, "  {}: {}", variable.name, meaning(variable));
    }
    text
}

/// The value that holds, and what it may be instead.
fn meaning(variable: Variable<'_>) -> String {
    let value = variable.default.unwrap_or("...");
    let allowed = variable.allowed().collect::<Vec<_>>().join(", ");
    let choice = if allowed.is_empty() { String::new() } else { format!(" One of {allowed}.") };
    format!("{value}   # {}{choice}", variable.doc)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_preset_says_what_it_needs() {
        let catalogue = Catalogue::built_in().ok().unwrap();
        assert!(catalogue.names().all(|name| list(&catalogue).contains(name)));
        let text = describe(catalogue.preset("learnosity-feedback-aide").unwrap());
        assert!(text.contains("provider: learnosity-feedback-aide\nvariables:\n"), "{text}");
        assert!(text.contains("  session: ...   # The UUID"), "{text}");
        assert!(text.contains("  access: RW   # ") && text.contains("One of RO, RW."), "{text}");
    }
}
