//! How the client proves who it is (RFC 6749, section 2.3): in one place only, since some servers
//! refuse a request that has its credentials in two.

mod jwt;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use url::form_urlencoded::byte_serialize;

use super::{AcquireError, attempt::Attempt, read_optional, request::Draft};
use crate::{
    credential::{BasicEncoding, ClientAuthentication, ValueSource},
    secret::Secret,
};

/// Reads the client's id and secret, and writes them where they go.
pub(super) async fn write(attempt: &Attempt<'_>, draft: &mut Draft) -> Result<(), AcquireError> {
    let client = &*attempt.credential.client;
    let id = read_optional("client_id", client.id.as_ref()).await?;
    match &client.authentication {
        ClientAuthentication::None | ClientAuthentication::TlsClientAuth => {
            if let Some(id) = id {
                draft.parameter("client_id", id);
            }
        }
        ClientAuthentication::ClientSecretBasic(encoding) => {
            let (id, secret) = pair(attempt, id, draft).await?;
            let pair = basic_pair(*encoding, &id.unwrap_or_default(), &secret.unwrap_or_default());
            draft.redaction.hide(&pair);
            let value = format!("Basic {}", STANDARD.encode(pair.expose()));
            draft.header("Authorization", Secret::from(value));
        }
        ClientAuthentication::ClientSecretPost => {
            let (id, secret) = pair(attempt, id, draft).await?;
            for (name, value) in [("client_id", id), ("client_secret", secret)] {
                if let Some(value) = value {
                    draft.parameter(name, value);
                }
            }
        }
        ClientAuthentication::Jwt(assertion) => jwt::write(attempt, id, assertion, draft).await?,
    }
    Ok(())
}

/// Id and secret. Some providers have an API key as the user and no password: then the id is the
/// secret.
async fn pair(
    attempt: &Attempt<'_>,
    id: Option<Secret>,
    draft: &mut Draft,
) -> Result<(Option<Secret>, Option<Secret>), AcquireError> {
    let secret = read_optional("client_secret", secret_in_turn(attempt)).await?;
    if let Some(hidden) = secret.as_ref().or(id.as_ref()) {
        draft.redaction.hide(hidden);
    }
    Ok((id, secret))
}

/// The one of the client's secrets that this attempt uses.
fn secret_in_turn<'a>(attempt: &Attempt<'a>) -> Option<&'a ValueSource> {
    let secrets = &attempt.credential.client.secrets;
    in_turn(secrets, attempt.client_secret).and_then(|place| secrets.get(place))
}

/// The place of the secret in turn among `secrets`: after the last comes the first.
pub(super) const fn in_turn(secrets: &[ValueSource], client_secret: usize) -> Option<usize> {
    client_secret.checked_rem(secrets.len())
}

fn basic_pair(encoding: BasicEncoding, id: &Secret, secret: &Secret) -> Secret {
    let (id, secret) = (id.expose(), secret.expose());
    Secret::from(match encoding {
        BasicEncoding::Form => byte_serialize(id.as_bytes())
            .chain([":"])
            .chain(byte_serialize(secret.as_bytes()))
            .collect(),
        BasicEncoding::Raw => [id, ":", secret].concat(),
    })
}

#[cfg(test)]
mod tests;
