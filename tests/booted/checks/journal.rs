//! What can be read in the journal.

use crate::{provider::SECRET, site::Site};

pub fn lines_of_a_credential(site: &mut Site) {
    let lines = site.machine.shell("journalctl --quiet --output=cat CREDENTIAL=app");
    assert!(lines.contains("app"), "no line has the field CREDENTIAL=app: {lines:?}");
    let others = site.machine.shell("journalctl --quiet --output=cat CREDENTIAL=other");
    assert_eq!(others, "");
}

/// Every field of every line, of all units and all boots.
pub fn no_secret(site: &mut Site) {
    site.machine.shell("journalctl --sync");
    let journal = site.machine.shell("journalctl --quiet --all --output=export");
    assert!(journal.contains("tokenward"), "that is no journal of ours");
    assert!(!journal.contains(SECRET), "the secret is in the journal");
    let tokens = site.seen();
    assert!(tokens.len() > 1, "there were several tokens");
    assert!(!tokens.iter().any(|token| journal.contains(token)), "a token is in the journal");
}
