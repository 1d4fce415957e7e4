//! How the client proves who it is (RFC 6749, section 2.3): in one place only, since some servers
//! refuse a request that has its credentials in two.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use url::form_urlencoded::byte_serialize;

use super::{AcquireError, request::Draft};
use crate::{
    credential::{BasicEncoding, Client, ClientAuthentication, ValueSource},
    secret::Secret,
    source,
};

/// Reads the client's id and secret, and writes them where they go.
pub(super) async fn write(client: &Client, draft: &mut Draft) -> Result<(), AcquireError> {
    let id = read("client_id", client.id.as_ref()).await?;
    if client.authentication == ClientAuthentication::None {
        if let Some(id) = id {
            draft.parameter("client_id", id);
        }
        return Ok(());
    }
    let secret = read("client_secret", client.secret.as_ref()).await?;
    // Some providers have an API key as the user and no password: then the id is the secret.
    if let Some(hidden) = secret.as_ref().or(id.as_ref()) {
        draft.redaction.hide(hidden);
    }
    match client.authentication {
        ClientAuthentication::ClientSecretBasic(encoding) => {
            let pair = basic_pair(encoding, &id.unwrap_or_default(), &secret.unwrap_or_default());
            draft.redaction.hide(&pair);
            let value = format!("Basic {}", STANDARD.encode(pair.expose()));
            draft.header("Authorization", Secret::from(value));
        }
        ClientAuthentication::ClientSecretPost => {
            for (name, value) in [("client_id", id), ("client_secret", secret)] {
                if let Some(value) = value {
                    draft.parameter(name, value);
                }
            }
        }
        ClientAuthentication::None => {}
    }
    Ok(())
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

async fn read(what: &str, source: Option<&ValueSource>) -> Result<Option<Secret>, AcquireError> {
    match source {
        None => Ok(None),
        Some(source) => match source::read(source).await {
            Ok(value) => Ok(Some(value)),
            Err(cause) => Err(AcquireError::Source { what: what.into(), cause }),
        },
    }
}
