//! RFC 6749, section 6, and the grants that go on with it after a log-in.

use super::{AcquireError, Draft};
use crate::{
    acquire::{
        attempt::{Attempt, HandedIn},
        read,
    },
    credential::{Fingerprint, ValueSource},
    token::RefreshToken,
};

/// Hands in the refresh token that was issued last. A configured one comes first only if it is
/// not the one that everything so far has come of.
pub(super) async fn write(
    attempt: &Attempt<'_>,
    seed: Option<&ValueSource>,
    draft: &mut Draft,
) -> Result<HandedIn, AcquireError> {
    let handed_in = choose(attempt, seed).await?;
    let renewal = attempt.credential.renewal.as_deref();
    let grant_type = renewal.map_or("refresh_token", |renewal| &renewal.grant_type);
    if !grant_type.is_empty() {
        draft.parameter("grant_type", grant_type);
    }
    let parameter = renewal.map_or("refresh_token", |renewal| &renewal.parameter);
    if let Some(token) = &handed_in.token {
        draft.redaction.hide(&token.value);
        draft.parameter(parameter, token.value.clone());
    }
    Ok(handed_in)
}

async fn choose(
    attempt: &Attempt<'_>,
    seed: Option<&ValueSource>,
) -> Result<HandedIn, AcquireError> {
    let issued = attempt.previous.and_then(|previous| {
        let token = previous.refresh_token.clone()?;
        Some(HandedIn { token: Some(token), origin: previous.origin.clone(), is_new: false })
    });
    let Some(seed) = seed else {
        let name = attempt.credential.name.clone();
        return issued.ok_or(AcquireError::LoginNeeded { name, outdated: false });
    };
    let seed = match (read("refresh_token", seed).await, issued.clone()) {
        (Ok(seed), _) => seed,
        // What was issued since is what counts.
        (Err(_), Some(issued)) => return Ok(issued),
        (Err(error), None) => return Err(error),
    };
    let origin = Fingerprint::of(seed.expose().as_bytes()).to_string();
    match issued {
        Some(issued) if issued.origin.as_deref() == Some(&*origin) => Ok(issued),
        _ => Ok(HandedIn {
            token: Some(RefreshToken::first(seed)),
            origin: Some(origin.into()),
            is_new: false,
        }),
    }
}
