//! `client_secret_jwt` and `private_key_jwt` (RFC 7523, section 2.2, and `OpenID` Connect Core 1.0,
//! section 9).

use super::{AcquireError, Attempt, Draft, secret_in_turn};
use crate::{
    acquire::assertion::{self, Key, Purpose},
    credential::Assertion,
    secret::Secret,
};

const TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

pub(super) async fn write(
    attempt: &Attempt<'_>,
    id: Option<Secret>,
    assertion: &Assertion,
    draft: &mut Draft,
) -> Result<(), AcquireError> {
    // A client that signs with a private key has no secret.
    let key = match secret_in_turn(attempt) {
        Some(secret) => Key { name: "client_secret", source: secret },
        None => Key { name: "the key of private_key_jwt", source: &assertion.signing.key },
    };
    let signed = assertion::make(attempt, Purpose::Client, assertion, key, draft).await?;
    // It may be left out (RFC 7521, section 4.2), but there are servers that look for it.
    if let Some(id) = id {
        draft.parameter("client_id", id);
    }
    draft.parameter("client_assertion_type", TYPE);
    draft.parameter("client_assertion", signed);
    Ok(())
}
