//! The built-in catalogue: what is known about providers, as data.

use crate::config::{
    self,
    node::{Entry, Node},
    problem::Problem,
};

/// The catalogue of providers.
pub struct Catalogue {
    root: Node,
}

/// What is known about a provider.
#[derive(Clone, Copy)]
pub struct Preset<'a> {
    /// Its name in `provider:`.
    pub name: &'a str,
    /// The provider's name.
    pub title: &'a str,
    /// What one must know to use it.
    pub doc: &'a str,
    /// Keys of a credential.
    pub credential: &'a Node,
    variables: &'a [Entry],
}

/// A variable of a preset.
#[derive(Clone, Copy)]
pub struct Variable<'a> {
    /// Its name in `variables:` and in `${name}`.
    pub name: &'a str,
    /// What it stands for.
    pub doc: &'a str,
    /// Its value, if the user does not say one.
    pub default: Option<&'a str>,
    /// The variable that decides its value; then the user cannot set it.
    pub chosen_by: Option<&'a str>,
    node: &'a Node,
}

impl Catalogue {
    /// The catalogue that is compiled in. A test makes sure that it has no problem.
    pub fn built_in() -> Result<Self, Vec<Problem>> {
        Ok(Self { root: config::catalogue(include_str!("providers.yaml"))? })
    }

    /// All presets, in the order of the catalogue.
    pub fn presets(&self) -> impl Iterator<Item = Preset<'_>> + Clone {
        let entries = self.root.find("providers").map_or(&[][..], Node::entries);
        entries.iter().filter_map(Preset::read)
    }

    /// The preset of this name.
    pub fn preset(&self, name: &str) -> Option<Preset<'_>> {
        self.presets().find(|preset| preset.name == name)
    }

    /// The names of all presets.
    pub fn names(&self) -> impl Iterator<Item = &str> + Clone {
        self.presets().map(|preset| preset.name)
    }
}

impl<'a> Preset<'a> {
    fn read(entry: &'a Entry) -> Option<Self> {
        Some(Self {
            name: &entry.key,
            title: entry.value.find("title")?.text()?,
            doc: entry.value.find("doc")?.text()?,
            credential: entry.value.find("credential")?,
            variables: entry.value.find("variables").map_or(&[], Node::entries),
        })
    }

    /// Its variables, in the order of the catalogue.
    pub fn variables(self) -> impl Iterator<Item = Variable<'a>> {
        self.variables.iter().map(|entry| {
            let text = |key| entry.value.find(key).and_then(Node::text);
            Variable {
                name: &entry.key,
                doc: text("doc").unwrap_or_default(),
                default: text("default"),
                chosen_by: text("chosen_by"),
                node: &entry.value,
            }
        })
    }
}

impl<'a> Variable<'a> {
    /// The values it may have; none if it may have any.
    pub fn allowed(self) -> impl Iterator<Item = &'a str> + Clone {
        self.node.find("allowed").map_or(&[][..], Node::items).iter().filter_map(Node::text)
    }

    /// Its value if the variable that decides has this value.
    pub fn chosen(self, by: &str) -> Option<&'a str> {
        self.node.find_path(&["values", by])?.text()
    }
}
