//! `template_file`: a text of the user's own.

use crate::{credential::Template, token::IssuedToken};

/// The text, with each field filled in as it is.
pub(super) fn render(text: &Template, scheme: Option<&str>, token: &IssuedToken) -> Vec<u8> {
    text.of(token, scheme).into_bytes()
}
