//! The token that the daemon holds, for verbs that hand it to a script.

use std::sync::Arc;

use super::{Common, unknown};
use crate::{
    clock::{Clock, SystemClock},
    credential::{Credential, Name},
    error::Exit,
    state::{Saved, State},
};

/// A credential, and the token that the daemon holds of it. An expired one is never handed out.
/// An error has what is to be said, or nothing if that was said already.
pub fn held(common: &Common, text: &str) -> Result<(Arc<Credential>, Saved), (Exit, String)> {
    let plan = common.plan().map_err(|exit| (exit, String::new()))?;
    let credential = plan.credential(text).cloned();
    let credential = credential.ok_or_else(|| (Exit::Usage, unknown(&plan, text)))?;
    let name = &credential.name;
    let state = State::open_existing(&plan.settings.state_directory)
        .map_err(|error| (Exit::Temporary, error.to_string()))?;
    let saved = state.map_or(Ok(None), |state| state.load(name, SystemClock.now()));
    match saved.map_err(|error| (Exit::Temporary, error.to_string()))? {
        None => Err((Exit::Unavailable, none_yet(name))),
        Some(saved) => match saved.token.expiry().date() {
            Some(at) if saved.age >= saved.token.lifetime.duration => Err((
                Exit::Unavailable,
                format!("the token of {name} expired at {at}; `tokenward status` says why"),
            )),
            _ => Ok((credential, saved)),
        },
    }
}

/// Ends a verb that could not have it.
pub fn refuse((exit, message): (Exit, String)) -> Exit {
    if !message.is_empty() {
        eprintln!("tokenward: {message}");
    }
    exit
}

fn none_yet(name: &Name) -> String {
    format!("there is no token of {name} yet; `tokenward status` says why")
}
