//! `config.example.yaml` and `docs/configuration.md` show everything that the table of keys has.

use std::{collections::BTreeSet, fs, path::Path};

use tokenward::config::{
    self,
    keys::CONFIGURATION,
    node::Node,
    reference::reference,
    shape::{Choice, Kind, Section, Variant},
};

/// What is in the table, or what of it a tree uses: `section.key`, `section.key=word`,
/// `choice.variant` with its forms.
#[derive(Default)]
struct Shown {
    names: BTreeSet<String>,
    entered: BTreeSet<&'static str>,
}

impl Shown {
    /// Everything in the table that `kind` leads to; without a tree, all of it.
    fn walk(&mut self, kind: &Kind, name: &str, node: Option<&Node>) {
        match kind {
            Kind::Scalar(_) => {}
            Kind::OneOf(words) => {
                let used = |word: &str| node.is_none_or(|node| node.text() == Some(word));
                let words = words.iter().filter(|word| used(word.name));
                self.names.extend(words.map(|word| format!("{name}={}", word.name)));
            }
            Kind::OneOrMany(kind) | Kind::List(kind) => match node {
                None => self.walk(kind, name, None),
                Some(node) => node.items().iter().for_each(|it| self.walk(kind, name, Some(it))),
            },
            Kind::Map(_, kind) => match node {
                None => self.walk(kind, name, None),
                Some(node) => {
                    node.entries().iter().for_each(|it| self.walk(kind, name, Some(&it.value)));
                }
            },
            Kind::Section(section) => self.section(section, node),
            Kind::Choice(choice) => self.choice(choice, node),
        }
    }

    fn section(&mut self, section: &'static Section, node: Option<&Node>) {
        if node.is_none() && !self.entered.insert(section.title) {
            return;
        }
        for key in section.keys {
            let value = node.map(|node| node.find(key.name));
            if value != Some(None) {
                let name = format!("{}.{}", section.title, key.name);
                self.walk(&key.kind, &name, value.flatten());
                self.names.insert(name);
            }
        }
    }

    fn choice(&mut self, choice: &'static Choice, node: Option<&Node>) {
        if node.is_none() && !self.entered.insert(choice.title) {
            return;
        }
        for variant in choice.variants {
            let name = format!("{}.{}", choice.title, variant.name);
            match node {
                None => self.forms(variant, &name),
                Some(node) if node.text() == Some(variant.name) => drop(self.names.insert(name)),
                Some(node) => {
                    node.find(variant.name)
                        .into_iter()
                        .for_each(|it| self.form(variant, name.clone(), it));
                }
            }
        }
    }

    fn forms(&mut self, variant: &'static Variant, name: &str) {
        self.names.insert(name.to_owned());
        if let Some(kind) = &variant.short {
            self.names.insert(format!("{name} in short"));
            self.walk(kind, name, None);
        }
        if let Some(long) = variant.long {
            self.section(long, None);
        }
    }

    fn form(&mut self, variant: &'static Variant, name: String, node: &Node) {
        match (variant.long, &variant.short) {
            (Some(long), _) if !node.entries().is_empty() => self.section(long, Some(node)),
            (_, Some(_)) => drop(self.names.insert(format!("{name} in short"))),
            _ => {}
        }
        self.names.insert(name);
    }
}

fn table() -> BTreeSet<String> {
    let mut table = Shown::default();
    table.section(&CONFIGURATION, None);
    table.names
}

#[test]
fn the_example_shows_everything() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("config.example.yaml");
    let mut example = Shown::default();
    example.section(&CONFIGURATION, Some(&config::load(&path).root));
    let text = fs::read_to_string(path).expect("the example");
    let comments: Vec<_> = text.lines().filter_map(|line| line.split_once("# ")).collect();
    let commented = |name: &str| comments.iter().any(|(_, comment)| comment.contains(name));
    // An example for each of these words would teach nothing: they stand beside the key, in a comment.
    let keys = [".algorithm=", ".signature_method=", ".parameters_in=", ".ready_when="];
    let beside = |name: &String| {
        let words = keys.iter().filter_map(|key| Some(name.split_once(key)?.1));
        words.into_iter().any(commented)
    };
    let table = table();
    let missing = table.difference(&example.names).filter(|name| !beside(name));
    // An include would need files beside the example, and a Lease a cluster around it: they stand
    // there as comments.
    let expected = ["configuration.include", "configuration.kubernetes_lease"];
    assert_eq!(missing.collect::<Vec<_>>(), expected);
    assert!(commented("include: ") && commented("kubernetes_lease: "));
}

#[test]
fn the_reference_shows_everything() {
    let reference = reference();
    for name in table() {
        let last = name.trim_end_matches(" in short").rsplit(['.', '=']).next().unwrap_or(&name);
        assert!(reference.contains(&format!("`{last}`")), "{name}");
    }
}
