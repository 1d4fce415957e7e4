//! Holds a tree against the table of keys and finds everything that does not fit, at once.

use std::collections::HashMap;

use super::{
    node::{Entry, Node, Span, Value},
    problem::Problem,
    shape::{Choice, Kind, Names, Need, PlainText, Section, Variant, Word},
};

/// A section with more keys than this is not listed in a line.
const MANY: usize = 10;

/// Every problem of `root` as a `section`.
pub fn check(root: &Node, section: &'static Section) -> Vec<Problem> {
    let mut checker = Checker { problems: Vec::new() };
    checker.section(section, root, section.title);
    checker.problems
}

/// The known name that `text` was probably meant to be.
pub fn nearest<'a>(text: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    known
        .into_iter()
        .map(|name| (strsim::damerau_levenshtein(text, name), name))
        .filter(|(distance, name)| *distance <= 1 + name.len() / 4)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, name)| name)
}

/// "did you mean", or the list of the names.
pub fn suggestion<'a>(text: &str, known: impl IntoIterator<Item = &'a str> + Clone) -> String {
    match nearest(text, known.clone()) {
        Some(name) => format!("did you mean `{name}`?"),
        None => format!("use {}", listed(known)),
    }
}

/// Names as a reader likes them: one of `a`, `b`.
pub fn listed<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    let names: Vec<_> = names.into_iter().map(|name| format!("`{name}`")).collect();
    match names.as_slice() {
        [only] => only.clone(),
        names => format!("one of {}", names.join(", ")),
    }
}

struct Checker {
    problems: Vec<Problem>,
}

impl Checker {
    fn error(&mut self, at: Span, message: impl Into<String>, mend: impl Into<String>) {
        self.problems.push(Problem::error(at, message, mend));
    }

    /// `name` is what the value is called: its key, or the name of its entry.
    fn value(&mut self, kind: &Kind, node: &Node, name: &str) {
        match kind {
            Kind::Scalar(scalar) => match &node.value {
                Value::Text(text) if scalar.accepts(text) => {}
                _ => self.wrong(node, name, scalar.phrase()),
            },
            Kind::OneOf(words) => self.word(words, node, name),
            Kind::OneOrMany(kind) => match &node.value {
                Value::List(items) => items.iter().for_each(|item| self.value(kind, item, name)),
                _ => self.value(kind, node, name),
            },
            Kind::List(kind) => match &node.value {
                Value::List(items) => items.iter().for_each(|item| self.value(kind, item, name)),
                Value::Null => {}
                _ => self.wrong(node, name, "a list: begin each of its items with `- `"),
            },
            Kind::Map(names, kind) => self.map(*names, kind, node, name),
            Kind::Section(section) => self.section(section, node, name),
            Kind::Choice(choice) => self.choice(choice, node, name),
        }
    }

    fn wrong(&mut self, node: &Node, name: &str, phrase: &str) {
        let (message, mend) = match &node.value {
            Value::Null => (
                format!("`{name}` has no value"),
                format!("give it one, or remove the line; it must be {phrase}"),
            ),
            Value::Text(_) => (format!("`{name}` is not valid"), format!("it must be {phrase}")),
            _ => (format!("`{name}` is {}", node.kind()), format!("it must be {phrase}")),
        };
        self.error(node.at, message, mend);
    }

    fn word(&mut self, words: &[Word], node: &Node, name: &str) {
        let known = words.iter().map(|word| word.name);
        match node.text() {
            Some(text) if known.clone().any(|word| word == text) => {}
            Some(text) => {
                self.error(node.at, format!("`{name}` is not valid"), suggestion(text, known));
            }
            None => self.wrong(node, name, &listed(known)),
        }
    }

    fn map(&mut self, names: Names, kind: &Kind, node: &Node, name: &str) {
        match &node.value {
            Value::Null => {}
            Value::Map(entries) => {
                self.duplicates(entries);
                for entry in entries {
                    if !names.accepts(&entry.key) {
                        self.error(
                            entry.at,
                            format!("this cannot be the name of a {}", names.noun()),
                            format!("make it of {}", names.phrase()),
                        );
                    }
                    let name = if entry.is_quotable() { &*entry.key } else { name };
                    self.value(kind, &entry.value, name);
                }
            }
            _ => self.wrong(node, name, "a map: one `name: value` for each"),
        }
    }

    fn section(&mut self, section: &'static Section, node: &Node, name: &str) {
        if !matches!(&node.value, Value::Map(_) | Value::Null) {
            let keys = listed(section.keys.iter().map(|key| key.name));
            return self.wrong(node, name, &format!("a map of keys; each is {keys}"));
        }
        self.duplicates(node.entries());
        for entry in node.entries() {
            match section.key(&entry.key) {
                Some(key) => self.value(&key.kind, &entry.value, key.name),
                None => self.unknown(entry, section),
            }
        }
        for key in section.keys {
            if key.need == Need::Required && node.find(key.name).is_none() {
                self.error(
                    node.at,
                    format!("`{name}` lacks `{}`", key.name),
                    format!("add `{}:`. {}", key.name, key.doc),
                );
            }
        }
    }

    fn unknown(&mut self, entry: &Entry, section: &'static Section) {
        let known = section.keys.iter().map(|key| key.name);
        let mend = match nearest(&entry.key, known.clone()) {
            Some(name) => format!("did you mean `{name}`?"),
            None if section.keys.len() > MANY => {
                format!("see `{}` in docs/configuration.md for what there is", section.title)
            }
            None => format!("use {}", listed(known)),
        };
        let message = format!("{} is not a key of `{}`", entry.quoted(), section.title);
        self.error(entry.at, message, mend);
    }

    fn duplicates(&mut self, entries: &[Entry]) {
        if entries.len() < 2 {
            return;
        }
        let mut seen = HashMap::with_capacity(entries.len());
        for entry in entries {
            if let Some(first) = seen.insert(&*entry.key, entry.at) {
                let message = format!("{} is given twice", entry.quoted());
                let problem = Problem::error(entry.at, message, "keep one of them");
                self.problems.push(problem.with_other(first));
            }
        }
    }

    fn choice(&mut self, choice: &'static Choice, node: &Node, name: &str) {
        let known = choice.variants.iter().map(|variant| variant.name);
        match (&node.value, choice.text) {
            (Value::Text(_), PlainText::Literal) => {}
            (Value::Text(text), PlainText::Variant) => match choice.variant(&text.text) {
                Some(variant) if variant.stands_alone() => {}
                _ => self.error(
                    node.at,
                    format!("`{name}` is not valid"),
                    suggestion(&text.text, known),
                ),
            },
            (Value::Map(entries), _) => match entries.as_slice() {
                [entry] => self.variant(choice, entry),
                _ => self.error(
                    node.at,
                    format!("`{name}` must hold exactly one variant"),
                    format!("keep {}", listed(known)),
                ),
            },
            (_, PlainText::Refused) => {
                self.wrong(node, name, &format!("a map with {}", listed(known)));
            }
            (_, PlainText::Literal) => {
                self.wrong(node, name, &format!("text, or a map with {}", listed(known)));
            }
            (_, PlainText::Variant) => self.wrong(node, name, &listed(known)),
        }
    }

    fn variant(&mut self, choice: &'static Choice, entry: &Entry) {
        let Some(variant) = choice.variant(&entry.key) else {
            // What stands where a secret is expected may be one, so it is not quoted.
            let key = if choice.secret { "this key".to_owned() } else { entry.quoted() };
            let known = choice.variants.iter().map(|variant| variant.name);
            let message = format!("{key} is no {}", choice.title.replace('_', " "));
            return self.error(entry.at, message, suggestion(&entry.key, known));
        };
        self.body(variant, &entry.value);
    }

    fn body(&mut self, variant: &'static Variant, node: &Node) {
        match (&variant.short, variant.long, &node.value) {
            (None, None, Value::Null) => {}
            (None, None, _) => self.error(
                node.at,
                format!("`{}` has no keys", variant.name),
                "write its name alone, without a colon",
            ),
            (_, Some(long), Value::Map(_) | Value::Null) => {
                self.section(long, node, variant.name);
            }
            (None, Some(long), _) => self.section(long, node, variant.name),
            (Some(short), ..) => self.value(short, node, variant.name),
        }
    }
}
