//! The way of GitHub Apps: no `grant_type`, but an assertion in the place of a token (RFC 6750,
//! section 2.1).

use super::{AcquireError, Attempt, Draft};
use crate::{
    acquire::assertion::{self, Key, Purpose},
    credential::Assertion,
};

pub(super) async fn write(
    attempt: &Attempt<'_>,
    assertion: &Assertion,
    draft: &mut Draft,
) -> Result<(), AcquireError> {
    let key = Key { name: "the key of the assertion", source: &assertion.signing.key };
    let signed = assertion::make(attempt, Purpose::Bearer, assertion, key, draft).await?;
    draft.header("Authorization", format!("Bearer {}", signed.expose()));
    Ok(())
}
