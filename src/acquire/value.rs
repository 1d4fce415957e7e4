//! The values of a request, read from where they are kept.

use super::AcquireError;
use crate::{credential::ValueSource, secret::Secret, source};

/// Reads a value; `what` is its name in an error.
pub(super) async fn read(what: &str, source: &ValueSource) -> Result<Secret, AcquireError> {
    let value = source::read(source).await;
    value.map_err(|cause| AcquireError::Source { what: what.into(), cause })
}

/// Reads a value that a request may lack.
pub(super) async fn read_optional(
    what: &str,
    source: Option<&ValueSource>,
) -> Result<Option<Secret>, AcquireError> {
    match source {
        None => Ok(None),
        Some(source) => read(what, source).await.map(Some),
    }
}
