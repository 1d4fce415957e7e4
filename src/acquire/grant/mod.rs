//! The grants, one file each: what each adds to a token request.

mod client_credentials;

use super::request::Draft;
use crate::credential::Grant;

/// Writes the grant's own parameters.
pub(super) fn write(grant: Grant, draft: &mut Draft) {
    match grant {
        Grant::ClientCredentials => client_credentials::write(draft),
    }
}
