//! The token that the daemon holds, for verbs that hand it to a script.

use std::sync::Arc;

use super::{Common, unknown};
use crate::{
    clock::{Clock, SystemClock},
    credential::Credential,
    daemon::{self, HeldError},
    error::Exit,
    state::{Saved, State},
};

/// A credential, and the token that the daemon holds of it. An expired one is never handed out.
/// An error has what is to be said, or nothing if that was said already.
pub fn held(common: &Common, text: &str) -> Result<(Arc<Credential>, Saved), (Exit, String)> {
    let plan = common.plan().map_err(|exit| (exit, String::new()))?;
    let credential = plan.credential(text).cloned();
    let credential = credential.ok_or_else(|| (Exit::Usage, unknown(&plan, text)))?;
    let state = State::open_existing(&plan.settings.state_directory)
        .map_err(|error| (Exit::Temporary, error.to_string()))?;
    match daemon::held(state.as_ref(), &credential.name, SystemClock.now()) {
        Ok(saved) => Ok((credential, saved)),
        Err(error) => Err((exit(&error), error.to_string())),
    }
}

const fn exit(error: &HeldError) -> Exit {
    match error {
        HeldError::NoneYet(_) | HeldError::Expired { .. } => Exit::Unavailable,
        HeldError::State(_) => Exit::Temporary,
    }
}

/// Ends a verb that could not have it.
pub fn refuse((exit, message): (Exit, String)) -> Exit {
    if !message.is_empty() {
        eprintln!("tokenward: {message}");
    }
    exit
}
