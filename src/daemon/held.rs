//! The token that the daemon holds, for whoever is handed it or a signature made with it.

use crate::{
    clock::{Now, WallTime},
    credential::Name,
    state::{Saved, State, StateError},
};

/// Why there is no token to hand out.
#[derive(Debug, thiserror::Error)]
pub enum HeldError {
    /// None has been issued.
    #[error("there is no token of {0} yet; `tokenward status` says why")]
    NoneYet(Name),
    /// It is of no use any more.
    #[error("the token of {name} expired at {at}; `tokenward status` says why")]
    Expired {
        /// Of which credential.
        name: Name,
        /// When.
        at: WallTime,
    },
    /// The state directory.
    #[error(transparent)]
    State(#[from] StateError),
}

/// The token of `name`; an expired one is never handed out. There is no state directory where no
/// daemon has been. Blocks on the disk.
pub fn held(state: Option<&State>, name: &Name, now: Now) -> Result<Saved, HeldError> {
    let saved = state.map_or(Ok(None), |state| state.load(name, now))?;
    let saved = saved.ok_or_else(|| HeldError::NoneYet(name.clone()))?;
    match saved.token.expiry().date() {
        Some(at) if saved.age >= saved.token.lifetime.duration => {
            Err(HeldError::Expired { name: name.clone(), at })
        }
        _ => Ok(saved),
    }
}
