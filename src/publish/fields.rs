//! What the fields of a template stand for.

use std::borrow::Cow;

use crate::{credential::TokenField, token::IssuedToken};

/// The value of a field. `scheme` stands before the token in an `Authorization` header; without
/// one, the token's type does.
pub(super) fn value<'a>(
    token: &'a IssuedToken,
    scheme: Option<&str>,
    field: &TokenField,
) -> Cow<'a, str> {
    match field {
        TokenField::AccessToken => token.access_token.expose().into(),
        TokenField::TokenType => (&*token.token_type).into(),
        TokenField::Scope => token.scope.as_deref().unwrap_or_default().into(),
        TokenField::ExpiresAt => token.expiry().text(),
        TokenField::Authorization => token.authorization(scheme).into(),
        TokenField::Reply(name) => token.field(name).unwrap_or_default().into(),
    }
}
