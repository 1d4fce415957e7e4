//! The client credentials grant (RFC 6749, section 4.4): the client asks for itself.

use crate::acquire::request::Draft;

pub(super) fn write(draft: &mut Draft) {
    draft.parameter("grant_type", "client_credentials");
}
