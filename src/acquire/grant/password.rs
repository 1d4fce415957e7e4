//! RFC 6749, section 4.3.

use super::{AcquireError, Draft, secret};
use crate::{acquire::read, credential::ValueSource};

pub(super) async fn write(
    username: &ValueSource,
    password: &ValueSource,
    draft: &mut Draft,
) -> Result<(), AcquireError> {
    draft.parameter("grant_type", "password");
    draft.parameter("username", read("username", username).await?);
    let password = secret("password", password, draft).await?;
    draft.parameter("password", password);
    Ok(())
}
