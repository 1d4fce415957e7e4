//! From the entries of `credentials:` to credentials: one of each, or one for each value.

use std::{collections::BTreeSet, path::PathBuf, sync::Arc};

use super::{
    Environment,
    catalogue::Catalogue,
    credential,
    draft::{Draft, Each},
    material::{material, proof},
    shared::Shared,
    unique::Claims,
};
use crate::{
    config::{
        Loaded,
        node::{Entry, Node},
        problem::Problem,
    },
    credential::{Credential, Name},
};

/// The entries of `credentials:` on their way to credentials.
pub struct Entries<'a> {
    pub(super) loaded: &'a Loaded,
    pub(super) catalogue: &'a Catalogue,
    pub(super) environment: &'a Environment<'a>,
    pub(super) problems: &'a mut Vec<Problem>,
    pub(super) claims: Claims,
    pub(super) credentials: Vec<Arc<Credential>>,
    /// Files and folders with the values of a `for_each`.
    pub(super) lists: BTreeSet<PathBuf>,
    shared: Shared,
}

/// What came of the entries.
pub struct Gathered {
    /// Sorted by name.
    pub credentials: Vec<Arc<Credential>>,
    /// Files and folders with the values of a `for_each`.
    pub lists: BTreeSet<PathBuf>,
}

impl<'a> Entries<'a> {
    /// Every credential that the entries make, and what is wrong with them.
    pub fn gather(
        loaded: &'a Loaded,
        catalogue: &'a Catalogue,
        environment: &'a Environment<'a>,
        problems: &'a mut Vec<Problem>,
    ) -> Gathered {
        let entries = loaded.root.find("credentials").map_or(&[][..], Node::entries);
        if entries.is_empty() {
            problems.push(Problem::warning(
                loaded.root.at,
                "there are no credentials: nothing is kept fresh",
                "name one under `credentials`",
            ));
        }
        let mut gathering = Self {
            loaded,
            catalogue,
            environment,
            problems,
            claims: Claims::of(entries.len()),
            credentials: Vec::with_capacity(entries.len()),
            lists: BTreeSet::new(),
            shared: Shared::default(),
        };
        for entry in entries {
            match entry.value.find("for_each") {
                Some(for_each) => gathering.fan_out(entry, for_each),
                None => gathering.one(entry),
            }
        }
        gathering.finish()
    }

    fn one(&mut self, entry: &Entry) {
        let mut problems = Vec::new();
        let credential = self.credential(entry, Name::parse(&entry.key), None, &mut problems);
        self.credentials.extend(credential);
        self.problems.append(&mut problems);
    }

    /// The credential of an entry, or of one value of its `for_each`.
    pub(super) fn credential(
        &mut self,
        entry: &Entry,
        name: Option<Name>,
        each: Option<Each<'_>>,
        problems: &mut Vec<Problem>,
    ) -> Option<Arc<Credential>> {
        let mut draft = Draft::new(self.loaded, self.catalogue, entry, each, problems);
        let made = credential::credential(&mut draft, name, &mut self.shared, &mut self.claims);
        let mut credential = made?;
        credential.material = material(&credential, self.environment.read);
        credential.proof = proof(&credential, self.environment.read).map(Box::new);
        Some(Arc::new(credential))
    }

    fn finish(mut self) -> Gathered {
        let displaced = self.claims.check(self.problems);
        if !displaced.is_empty() {
            self.credentials.retain(|credential| !displaced.contains(credential.name.as_str()));
        }
        self.credentials.sort_unstable_by(|a, b| a.name.cmp(&b.name));
        Gathered { credentials: self.credentials, lists: self.lists }
    }
}
