//! Credentials that would end each other's tokens.

use std::{
    collections::{HashMap, hash_map::Entry},
    sync::Arc,
};

use super::draft::Draft;
use crate::{
    config::{node::Span, problem::Problem},
    credential::{Credential, TokenEndpoint, ValueSource},
};

/// Whose new token ends the one before, by where they ask and as which client.
#[derive(Default)]
pub struct Rivals(HashMap<(Arc<TokenEndpoint>, ValueSource), Span>);

impl Rivals {
    /// Warns if another credential asks at the same endpoint as the same client, and a new token
    /// of either ends that of the other.
    pub fn meet(&mut self, draft: &mut Draft<'_>, credential: &Credential) {
        let Some(id) = credential.client.id.clone() else { return };
        if !credential.refresh.exclusive {
            return;
        }
        match self.0.entry((credential.endpoint.clone(), id)) {
            Entry::Vacant(free) => drop(free.insert(draft.at)),
            Entry::Occupied(first) => {
                let problem = Problem::warning(
                    draft.at,
                    "with `overlap: none` the tokens of two credentials of one client would end \
                     each other",
                    "let one credential have the outputs of both, or give each a client of its own",
                );
                draft.note(problem.with_other(*first.get()));
            }
        }
    }
}
