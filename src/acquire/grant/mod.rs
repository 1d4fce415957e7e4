//! What each grant writes into a request: one file each.

mod app_jwt;
mod client_credentials;
mod jwt_bearer;
mod password;
mod refresh_token;
mod token_exchange;

use super::{AcquireError, attempt::Attempt, attempt::HandedIn, request::Draft};
use crate::credential::{Grant, ValueSource};

/// Writes the grant's own parameters; the refresh token among them, if there is one.
pub(super) async fn write(
    attempt: &Attempt<'_>,
    draft: &mut Draft,
) -> Result<Option<HandedIn>, AcquireError> {
    match &*attempt.credential.grant {
        Grant::ClientCredentials => client_credentials::write(draft),
        Grant::RefreshToken { seed } => {
            return refresh_token::write(attempt, Some(seed), draft).await.map(Some);
        }
        Grant::AuthorizationCode(_) | Grant::DeviceCode { .. } => {
            return refresh_token::write(attempt, None, draft).await.map(Some);
        }
        Grant::Password { username, password } => {
            password::write(username, password, draft).await?;
        }
        Grant::TokenExchange(exchange) => token_exchange::write(exchange, draft).await?,
        Grant::JwtBearer(assertion) => jwt_bearer::write(attempt, assertion, draft).await?,
        Grant::AppJwt(assertion) => app_jwt::write(attempt, assertion, draft).await?,
        Grant::None | Grant::SignedJwt(_) | Grant::Command(_) | Grant::OAuth1(_) => {}
    }
    Ok(None)
}

/// Reads a value that a person may not see, and keeps it out of what is shown.
async fn secret(
    what: &str,
    source: &ValueSource,
    draft: &mut Draft,
) -> Result<crate::secret::Secret, AcquireError> {
    let value = super::read(what, source).await?;
    draft.redaction.hide(&value);
    Ok(value)
}
