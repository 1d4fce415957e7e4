//! The built-in catalogue: what is known about providers, as data.

use std::{collections::BTreeSet, time::Duration};

use crate::config::{
    self,
    check::{listed, nearest},
    node::{Entry, Node},
    problem::Problem,
    scalar,
};

/// The files of the catalogue, one for each kind of provider.
const FILES: [&str; 9] = [
    include_str!("providers/learning.yaml"),
    include_str!("providers/identity.yaml"),
    include_str!("providers/cloud.yaml"),
    include_str!("providers/business.yaml"),
    include_str!("providers/teamwork.yaml"),
    include_str!("providers/communication.yaml"),
    include_str!("providers/finance.yaml"),
    include_str!("providers/commerce.yaml"),
    include_str!("providers/media.yaml"),
];

/// The catalogue of providers, or those files of it that somebody asks for.
pub struct Catalogue {
    /// The tree of each file.
    kinds: Vec<Node>,
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
    /// The keys that a user adds, with values that are made up.
    pub example: &'a Node,
    /// What the provider answers.
    pub reply: DocumentedReply<'a>,
    variables: &'a [Entry],
}

/// A reply to a token request, as the provider's documentation shows it.
#[derive(Clone, Copy)]
pub struct DocumentedReply<'a> {
    /// The status.
    pub status: u16,
    /// The media type.
    pub content_type: &'a str,
    /// How long the token lives, if the reply says it.
    pub lifetime: Option<Duration>,
    /// The body, with `${access_token}` and the like in it.
    pub body: &'a str,
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
        Self::parse(FILES.iter())
    }

    /// The files with the presets of these names: parsing all takes more time and memory than most
    /// configurations do. All, if a name is in none: it may be misspelt.
    pub fn with(names: &BTreeSet<&str>) -> Result<Self, Vec<Problem>> {
        let holds = |text: &str, name: &str| text.contains(&format!("\n  {name}:\n"));
        let unknown = names.iter().any(|name| !FILES.iter().any(|text| holds(text, name)));
        let wanted = |text: &str| unknown || names.iter().any(|name| holds(text, name));
        Self::parse(FILES.iter().filter(|text| wanted(text)))
    }

    fn parse<'a>(files: impl Iterator<Item = &'a &'static str>) -> Result<Self, Vec<Problem>> {
        let kinds: Result<_, _> = files.map(|text| config::catalogue(text)).collect();
        Ok(Self { kinds: kinds? })
    }

    /// The kinds of providers with their presets, in the order of the catalogue.
    pub fn kinds(&self) -> impl Iterator<Item = (&str, impl Iterator<Item = Preset<'_>> + Clone)> {
        self.kinds
            .iter()
            .filter_map(|root| Some((root.find("kind").and_then(Node::text)?, presets(root))))
    }

    /// All presets, in the order of the catalogue.
    pub fn presets(&self) -> impl Iterator<Item = Preset<'_>> + Clone {
        self.kinds.iter().flat_map(presets)
    }

    /// The preset of this name.
    pub fn preset(&self, name: &str) -> Option<Preset<'_>> {
        self.presets().find(|preset| preset.name == name)
    }

    /// The names of all presets.
    pub fn names(&self) -> impl Iterator<Item = &str> + Clone {
        self.presets().map(|preset| preset.name)
    }

    /// What to do about a name that no preset has; the list of all would fill the screen.
    pub fn suggestion(&self, name: &str) -> String {
        let begun = self.names().find(|known| name.len() >= 3 && known.starts_with(name));
        if let Some(known) = begun.or_else(|| nearest(name, self.names())) {
            return format!("did you mean `{known}`?");
        }
        let first = |name: &str| name.split('-').next().unwrap_or_default().to_owned();
        let kin: Vec<_> = self.names().filter(|known| first(known) == first(name)).collect();
        if kin.is_empty() {
            "`tokenward providers` lists all; without one, say the endpoint yourself".into()
        } else {
            format!("did you mean {}?", listed(kin))
        }
    }
}

/// The presets of one file.
fn presets(root: &Node) -> impl Iterator<Item = Preset<'_>> + Clone {
    let entries = root.find("providers").map_or(&[][..], Node::entries);
    entries.iter().filter_map(Preset::read)
}

impl<'a> Preset<'a> {
    fn read(entry: &'a Entry) -> Option<Self> {
        Some(Self {
            name: &entry.key,
            title: entry.value.find("title")?.text()?,
            doc: entry.value.find("doc")?.text()?,
            credential: entry.value.find("credential")?,
            example: entry.value.find("example")?,
            reply: DocumentedReply::read(entry.value.find("reply")?)?,
            variables: entry.value.find("variables").map_or(&[], Node::entries),
        })
    }

    /// How its token is asked for, in the words of the configuration.
    pub fn grant(self) -> &'a str {
        self.credential.find("grant").and_then(Node::text).unwrap_or("client_credentials")
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

impl<'a> DocumentedReply<'a> {
    fn read(node: &'a Node) -> Option<Self> {
        let text = |key| node.find(key).and_then(Node::text);
        Some(Self {
            status: text("status").unwrap_or("200").parse().ok()?,
            content_type: text("content_type").unwrap_or("application/json"),
            lifetime: text("lifetime").and_then(scalar::duration),
            body: text("body")?,
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_preset_brings_its_file_and_a_name_that_is_unknown_brings_all() {
        let whole = Catalogue::built_in().unwrap();
        for name in whole.names() {
            let part = Catalogue::with(&[name].into()).unwrap();
            assert_eq!(part.kinds.len(), 1, "{name}");
            assert!(part.preset(name).is_some(), "{name}");
        }
        let count = |names: &[&'static str]| {
            let names = names.iter().copied().collect();
            Catalogue::with(&names).unwrap().kinds.len()
        };
        assert_eq!(count(&[]), 0);
        assert_eq!(count(&["xero", "quickbooks"]), 1, "they stand in one file");
        assert_eq!(count(&["xero", "zoom"]), 2);
        assert_eq!(count(&["xero", "zooom"]), FILES.len());
        assert_eq!(count(&["title", "credential"]), FILES.len(), "keys are no names");
    }

    #[test]
    fn a_name_that_no_preset_has_leads_to_those_that_were_meant() {
        let catalogue = Catalogue::built_in().ok().unwrap();
        // (what was typed, what is said)
        let cases = [
            ("google-servic", "did you mean `google-service-account`?"),
            ("zooom", "did you mean `zoom`?"),
            ("github-oauth-app", "did you mean one of `github-app`, `github-user`?"),
            ("", "`tokenward providers` lists all"),
            ("nobody-knows-it", "`tokenward providers` lists all"),
        ];
        for (typed, said) in cases {
            let suggestion = catalogue.suggestion(typed);
            assert!(suggestion.starts_with(said), "{typed:?}: {suggestion}");
        }
    }
}
