//! The device authorization grant (RFC 8628): the person logs in on another device.

use std::time::Duration;

use url::Url;

use super::{AcquireError, Acquirer, Attempt, Draft, HttpTransport};
use crate::{
    acquire::{Refusal, code::ErrorCode, metadata, read, reply, request},
    credential::{Client, ClientAuthentication},
    secret::Secret,
    token::IssuedToken,
};

const GRANT_TYPE: &str = "urn:ietf:params:oauth:grant-type:device_code";

/// A log-in that a person has to confirm.
#[derive(Debug)]
pub struct DeviceAuthorization {
    pub(in crate::acquire) device_code: Secret,
    /// What the person types; without control characters.
    pub user_code: Box<str>,
    /// The page to type it into.
    pub verification_uri: Url,
    /// The page with the code in it already.
    pub verification_uri_complete: Option<Url>,
    /// How long the codes are good for.
    pub expires_in: Duration,
    /// How long to wait between two questions.
    pub interval: Duration,
}

/// What a question for the token came to.
#[derive(Debug)]
pub enum Poll {
    /// The person has agreed.
    Issued(Box<IssuedToken>),
    /// Not yet.
    Pending,
    /// Not yet, and from now on five seconds more between questions.
    SlowDown,
}

impl Acquirer {
    /// Asks for a code to show, at the endpoint that is configured or at the issuer's.
    pub async fn authorize_device(
        &self,
        attempt: &Attempt<'_>,
        configured: Option<&Url>,
    ) -> Result<DeviceAuthorization, AcquireError> {
        let place = self.place(attempt).await?;
        let discovered = || place.metadata.as_ref()?.device_authorization_endpoint.as_ref();
        let url = configured.or_else(discovered).ok_or_else(|| {
            metadata::missing(&attempt.credential.endpoint, "device_authorization_endpoint")
        })?;
        let attempt = place.attempt(attempt);
        let mut draft = Draft::new(self.wire.server_clock(url).time);
        draft.scope(&attempt.credential.scope);
        draft.audience(&attempt.credential.parameters);
        name_client(&attempt.credential.client, &mut draft).await?;
        let (request, redaction) = request::finish(&attempt, draft, url.clone(), &[]).await?;
        let endpoint = &attempt.credential.endpoint;
        let raw = self.wire.send(endpoint, request, attempt.deadline).await?;
        reply::device(&attempt, &raw, redaction)
    }

    /// Asks once whether the person has agreed.
    pub async fn poll(
        &self,
        attempt: &Attempt<'_>,
        device: &DeviceAuthorization,
    ) -> Result<Poll, AcquireError> {
        let write = |draft: &mut Draft| {
            draft.parameter("grant_type", GRANT_TYPE);
            draft.parameter("device_code", device.device_code.clone());
        };
        let redeemed = self.redeem(attempt, &device.device_code, write).await;
        let code = match &redeemed {
            Err(AcquireError::Refused(Refusal { code, .. })) => *code,
            _ => None,
        };
        match code {
            Some(ErrorCode::AuthorizationPending) => Ok(Poll::Pending),
            Some(ErrorCode::SlowDown) => Ok(Poll::SlowDown),
            _ => redeemed.map(|token| Poll::Issued(token.into())),
        }
    }
}

/// RFC 8628, section 3.1, wants the `client_id` among the parameters, whatever proves who the
/// client is. The other authentications write it there anyway.
async fn name_client(client: &Client, draft: &mut Draft) -> Result<(), AcquireError> {
    if let (ClientAuthentication::ClientSecretBasic(_), Some(id)) =
        (&client.authentication, &client.id)
    {
        draft.parameter("client_id", read("client_id", id).await?);
    }
    Ok(())
}
