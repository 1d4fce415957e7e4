//! What is down: a switch for tests and for the demo.

use std::{
    collections::HashSet,
    sync::{Mutex, PoisonError},
};

/// The paths that are down, by how they begin.
#[derive(Default)]
pub(super) struct Outages(Mutex<HashSet<String>>);

impl Outages {
    /// Paths that begin so fail from now on, or work again.
    pub(super) fn set(&self, prefix: &str, failing: bool) {
        let mut prefixes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if failing {
            prefixes.insert(prefix.to_owned());
        } else {
            prefixes.remove(prefix);
        }
    }

    /// Whether this path is down.
    pub(super) fn hit(&self, path: &str) -> bool {
        let prefixes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        prefixes.iter().any(|prefix| path.starts_with(prefix))
    }
}
