//! `docs/configuration.md`, written from the table of keys.

use std::fmt::Write as _;

use super::{
    keys::CONFIGURATION,
    scalar::ScalarKind,
    shape::{Choice, Key, Kind, Need, PlainText, Section, Variant},
};

const HEAD: &str = "# The configuration

<!-- Written from src/config/keys/: `UPDATE_DOCS=1 cargo test --lib config::reference`. -->

A full example is [`config.example.yaml`](../config.example.yaml). `tokenward check` reports
every problem of a file at once, with its line, its column and how to mend it; `tokenward schema`
prints a JSON Schema for editors.

Each variant of a choice is a key of its own (`token_file:`, `signal:`), with a single value as the
short form where one says it all. A duration has a unit: `500ms`, `90s`, `5m`, `1h30m`, `2d`.
Relative paths start at the folder of the file they stand in. YAML anchors, aliases and tags are
refused.

A credential takes each key from the first place that has it: the credential itself, its
`provider`'s preset, `defaults`, the default below. Keys of `refresh`, `response`, `parameters` and
`headers` are taken one by one.
";

/// The reference, as Markdown.
pub fn reference() -> String {
    let mut reference = Reference { text: HEAD.to_owned(), written: Vec::new() };
    reference.section(&CONFIGURATION);
    reference.text
}

struct Reference {
    text: String,
    written: Vec<&'static str>,
}

impl Reference {
    /// A section, and then those that its keys lead to.
    fn section(&mut self, section: &'static Section) {
        if !self.first(section.title) {
            return;
        }
        self.head(section.title, section.doc);
        self.text.push_str("| key | value | default | |\n|---|---|---|---|\n");
        for key in section.keys {
            self.row(key);
        }
        section.keys.iter().for_each(|key| self.follow(&key.kind));
    }

    fn choice(&mut self, choice: &'static Choice) {
        if !self.first(choice.title) {
            return;
        }
        self.head(choice.title, choice.doc);
        self.text.push_str("| variant | value | |\n|---|---|---|\n");
        for variant in choice.variants {
            let value = forms(variant, choice.text);
            let _ = writeln!(self.text, "| `{}` | {value} | {} |", variant.name, variant.doc);
        }
        for variant in choice.variants {
            if let Some(long) = variant.long {
                self.section(long);
            }
        }
    }

    fn first(&mut self, title: &'static str) -> bool {
        let first = !self.written.contains(&title);
        self.written.push(title);
        first
    }

    fn head(&mut self, title: &str, doc: &str) {
        let _ = write!(self.text, "\n## {title}\n\n{doc}\n\n");
    }

    fn row(&mut self, key: &Key) {
        let default = match key.need {
            Need::Required => "required".to_owned(),
            Need::Optional => String::new(),
            Need::Default(" ") => "a space".to_owned(),
            Need::Default(text) => format!("`{text}`"),
        };
        let value = value(&key.kind);
        let _ = write!(self.text, "| `{}` | {value} | {default} | {}", key.name, key.doc);
        if let Kind::OneOf(words) = key.kind {
            for word in words {
                let _ = write!(self.text, "<br>`{}`: {}", word.name, word.doc);
            }
        }
        self.text.push_str(" |\n");
    }

    fn follow(&mut self, kind: &Kind) {
        match kind {
            Kind::Scalar(_) | Kind::OneOf(_) => {}
            Kind::OneOrMany(kind) | Kind::List(kind) | Kind::Map(_, kind) => self.follow(kind),
            Kind::Section(section) => self.section(section),
            Kind::Choice(choice) => self.choice(choice),
        }
    }
}

/// What a value may be, in a few words.
fn value(kind: &Kind) -> String {
    match kind {
        Kind::Scalar(kind) => scalar(*kind).to_owned(),
        Kind::OneOf(_) => "a word".to_owned(),
        Kind::OneOrMany(kind) => format!("{} or a list", value(kind)),
        Kind::List(kind) => format!("list of {}", value(kind)),
        Kind::Map(names, kind) => format!("map of {} to {}", names.noun(), value(kind)),
        Kind::Section(section) => link(section.title),
        Kind::Choice(choice) => link(choice.title),
    }
}

fn link(title: &str) -> String {
    format!("[{title}](#{title})")
}

const fn scalar(kind: ScalarKind) -> &'static str {
    match kind {
        ScalarKind::Text => "text",
        ScalarKind::Url => "URL",
        ScalarKind::Path => "path",
        ScalarKind::Bool => "`true` or `false`",
        ScalarKind::Count => "whole number",
        ScalarKind::Number => "number",
        ScalarKind::Fraction => "fraction",
        ScalarKind::Duration => "duration",
        ScalarKind::Mode => "octal digits",
        ScalarKind::Address => "address and port",
        ScalarKind::Version => "`1`",
    }
}

fn forms(variant: &Variant, text: PlainText) -> String {
    let alone = text == PlainText::Variant && variant.stands_alone();
    let forms = [
        alone.then(|| "its name alone".to_owned()),
        variant.short.as_ref().map(value),
        variant.long.map(|long| link(long.title)),
    ];
    forms.into_iter().flatten().collect::<Vec<_>>().join(", or ")
}

#[cfg(test)]
mod tests {
    use std::{env, fs, path::Path};

    use super::*;

    #[test]
    #[expect(clippy::disallowed_methods, reason = "the tree of the repository is no output")]
    fn the_documentation_is_the_table() {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/configuration.md");
        if env::var_os("UPDATE_DOCS").is_some() {
            fs::create_dir_all(path.parent().unwrap_or(Path::new("."))).expect("docs");
            fs::write(&path, reference()).expect("docs/configuration.md");
        }
        let written = fs::read_to_string(&path).unwrap_or_default();
        assert!(
            written == reference(),
            "docs/configuration.md is out of date: UPDATE_DOCS=1 cargo test --lib config::reference"
        );
    }
}
