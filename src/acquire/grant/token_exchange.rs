//! RFC 8693, section 2.1.

use super::{AcquireError, Draft, secret};
use crate::credential::TokenExchange;

const GRANT_TYPE: &str = "urn:ietf:params:oauth:grant-type:token-exchange";

pub(super) async fn write(exchange: &TokenExchange, draft: &mut Draft) -> Result<(), AcquireError> {
    draft.parameter("grant_type", GRANT_TYPE);
    let subject = secret("subject_token", &exchange.subject_token, draft).await?;
    draft.parameter("subject_token", subject);
    draft.parameter("subject_token_type", &*exchange.subject_token_type);
    if let Some(actor) = &exchange.actor_token {
        let actor = secret("actor_token", actor, draft).await?;
        draft.parameter("actor_token", actor);
        draft.parameter("actor_token_type", &*exchange.actor_token_type);
    }
    if let Some(requested) = &exchange.requested_token_type {
        draft.parameter("requested_token_type", &**requested);
    }
    Ok(())
}
