//! What changed from one plan to the next.

use std::sync::Arc;

use super::Plan;
use crate::credential::Credential;

/// The difference of two plans. What is in none of the lists is untouched.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Changes {
    /// Credentials that are new.
    pub added: Vec<Arc<Credential>>,
    /// Credentials that are different now: as they were, and as they are.
    pub changed: Vec<(Arc<Credential>, Arc<Credential>)>,
    /// Credentials that are gone.
    pub removed: Vec<Arc<Credential>>,
}

/// The difference of two plans.
pub fn difference(old: &Plan, new: &Plan) -> Changes {
    let mut changes = Changes::default();
    for credential in &new.credentials {
        match old.credential(credential.name.as_str()) {
            None => changes.added.push(Arc::clone(credential)),
            Some(before) if same(before, credential) => {}
            Some(before) => changes.changed.push((Arc::clone(before), Arc::clone(credential))),
        }
    }
    let gone = |before: &&Arc<Credential>| new.credential(before.name.as_str()).is_none();
    changes.removed = old.credentials.iter().filter(gone).cloned().collect();
    changes
}

/// Whether nothing changed, as far as can be known: secret material that cannot be read now never
/// counts.
fn same(before: &Arc<Credential>, after: &Arc<Credential>) -> bool {
    if after.material.is_some() {
        return before == after;
    }
    let mut before = Credential::clone(before);
    before.material = after.material;
    before.proof.clone_from(&after.proof);
    before == **after
}
