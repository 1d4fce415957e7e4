//! A credential in the making: where its keys come from, and what is wrong with them.

use std::{path::Path, time::Duration};

use super::{
    catalogue::{Catalogue, Preset},
    variables::Variables,
};
use crate::config::{
    BUILT_IN, Loaded,
    check::nearest,
    keys,
    node::{Entry, Node, Span, Value},
    problem::Problem,
    scalar,
    shape::Section,
};

/// A credential in the making. A key is looked for in what the user wrote, then in the preset,
/// then in `defaults`; what the table says holds if it stands nowhere.
pub struct Draft<'a> {
    /// The credential's name.
    pub name: &'a str,
    /// Where the name stands.
    pub at: Span,
    /// What `${name}` stands for.
    pub variables: Variables<'a>,
    /// Which token of a `for_each` it is.
    pub each: Option<Each<'a>>,
    layers: [Option<&'a Node>; 3],
    provider: Span,
    loaded: &'a Loaded,
    problems: &'a mut Vec<Problem>,
}

/// One token of a `for_each`.
#[derive(Clone, Copy)]
pub struct Each<'a> {
    /// Its name: `NAME@VALUE`.
    pub name: &'a str,
    /// The variable.
    pub variable: &'a str,
    /// The variable's value.
    pub value: &'a str,
}

impl<'a> Draft<'a> {
    /// A draft of the credential that `entry` holds, or of one of its tokens.
    pub fn new(
        loaded: &'a Loaded,
        catalogue: &'a Catalogue,
        entry: &'a Entry,
        each: Option<Each<'a>>,
        problems: &'a mut Vec<Problem>,
    ) -> Self {
        let own = &entry.value;
        let provider = own.find("provider");
        let preset = provider.and_then(|node| preset(node, catalogue, problems));
        let place = provider.map_or(entry.at, |node| node.at);
        let value = each.map(|each| (each.variable, each.value));
        let variables = Variables::resolve(value, own.find("variables"), preset, place, problems);
        Self {
            name: &entry.key,
            at: entry.at,
            variables,
            each,
            layers: [Some(own), preset.map(|it| it.credential), loaded.root.find("defaults")],
            provider: place,
            loaded,
            problems,
        }
    }

    /// The value at the end of a path of keys, from the first layer that has it.
    pub fn find(&self, path: &[&str]) -> Option<&'a Node> {
        let found = self.layers.iter().flatten().filter_map(|layer| layer.find_path(path));
        found.into_iter().find(|node| node.value != Value::Null)
    }

    /// Whether a key was left out. One without a value, one that is misspelt and one that a
    /// misspelt preset would have set were complained about already.
    pub fn lacks(&self, name: &str) -> bool {
        let own = self.layers.first().copied().flatten().map_or(&[][..], Node::entries);
        let written = own.iter().any(|entry| {
            *entry.key == *name
                || keys::CREDENTIAL.key(&entry.key).is_none()
                    && nearest(&entry.key, [name]).is_some()
        });
        let preset_unknown = self.find(&["provider"]).is_some() && self.preset().is_none();
        !written && !preset_unknown && self.find(&[name]).is_none()
    }

    fn preset(&self) -> Option<&'a Node> {
        self.layers.get(1).copied().flatten()
    }

    /// What the user wrote for a key of the credential itself.
    pub fn own(&self, name: &str) -> Option<&'a Entry> {
        let own = self.layers.first().copied().flatten().map_or(&[][..], Node::entries);
        own.iter().find(|entry| *entry.key == *name)
    }

    /// The entries of a map from all layers: those of the preset first, each in the value that
    /// comes first.
    pub fn entries(&self, name: &str) -> Vec<&'a Entry> {
        self.entries_at(&[name])
    }

    /// The same of a map at the end of a path of keys.
    pub fn entries_at(&self, path: &[&str]) -> Vec<&'a Entry> {
        let mut entries: Vec<&Entry> = Vec::new();
        for layer in self.layers.iter().rev().flatten() {
            for entry in layer.find_path(path).map_or(&[][..], Node::entries) {
                match entries.iter_mut().find(|known| known.key == entry.key) {
                    Some(known) => *known = entry,
                    None => entries.push(entry),
                }
            }
        }
        entries
    }

    /// Where the user can mend a node: what stands in a preset is mended where it is named.
    pub fn place(&self, node: &Node) -> Span {
        if node.at.file == BUILT_IN { self.provider } else { node.at }
    }

    /// Notes an error.
    pub fn error(&mut self, at: Span, message: impl Into<String>, mend: impl Into<String>) {
        self.problems.push(Problem::error(at, message, mend));
    }

    /// Notes a warning.
    pub fn warning(&mut self, at: Span, message: impl Into<String>, mend: impl Into<String>) {
        self.problems.push(Problem::warning(at, message, mend));
    }

    /// Notes a problem.
    pub fn note(&mut self, problem: Problem) {
        self.problems.push(problem);
    }

    /// The text of a node with its variables filled in.
    pub fn fill(&mut self, node: &Node) -> Option<String> {
        let at = self.place(node);
        let filled = self.variables.fill(node.text()?, str::to_owned);
        filled.map_err(|unknown| self.problems.push(unknown.problem(at))).ok()
    }

    /// The texts of a list, or of a text that stands alone, with their variables filled in.
    pub fn fill_list(&mut self, name: &str) -> Vec<String> {
        let items = self.find(&[name]).map_or(&[][..], Node::items);
        items.iter().filter_map(|item| self.fill(item)).collect()
    }

    /// The text of a key, or what the table says.
    pub fn text(&self, section: &'static Section, path: &[&str]) -> Option<&'a str> {
        let written = self.find(path).and_then(Node::text);
        written.or_else(|| path.last().and_then(|name| section.default_of(name)))
    }

    /// A duration, or what the table says.
    pub fn duration(&self, section: &'static Section, path: &[&str]) -> Duration {
        let written = self.find(path).and_then(Node::text).and_then(scalar::duration);
        written.or_else(|| scalar::duration(section.default_of(path.last()?)?)).unwrap_or_default()
    }

    /// A number, or what the table says.
    pub fn number(&self, section: &'static Section, path: &[&str]) -> f64 {
        let written = self.find(path).and_then(Node::text).and_then(scalar::number);
        written.or_else(|| scalar::number(section.default_of(path.last()?)?)).unwrap_or_default()
    }

    /// Whether a key of the credential is `true`.
    pub fn flag(&self, name: &str) -> bool {
        self.text(&keys::CREDENTIAL, &[name]) == Some("true")
    }

    /// A path with its variables filled in; a relative one starts at the folder of the file it
    /// stands in, or in which its preset is named.
    pub fn path(&mut self, node: &Node) -> Option<Box<Path>> {
        let folder = self.loaded.folder(self.place(node));
        Some(folder.join(self.fill(node)?).into())
    }
}

fn preset<'a>(
    node: &Node,
    catalogue: &'a Catalogue,
    problems: &mut Vec<Problem>,
) -> Option<Preset<'a>> {
    let name = node.text()?;
    let preset = catalogue.preset(name);
    if preset.is_none() {
        problems.push(Problem::error(
            node.at,
            "the catalogue has no such provider",
            catalogue.suggestion(name),
        ));
    }
    preset
}
