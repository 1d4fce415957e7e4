//! RFC 7523, section 2.1.

use super::{AcquireError, Attempt, Draft};
use crate::{
    acquire::assertion::{self, Key, Purpose},
    credential::Assertion,
};

const GRANT_TYPE: &str = "urn:ietf:params:oauth:grant-type:jwt-bearer";

pub(super) async fn write(
    attempt: &Attempt<'_>,
    assertion: &Assertion,
    draft: &mut Draft,
) -> Result<(), AcquireError> {
    draft.parameter("grant_type", GRANT_TYPE);
    let key = Key { name: "the key of the assertion", source: &assertion.signing.key };
    let signed = assertion::make(attempt, Purpose::Grant, assertion, key, draft).await?;
    draft.parameter("assertion", signed);
    Ok(())
}
