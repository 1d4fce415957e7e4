//! The reply of a device authorization endpoint (RFC 8628, section 3.2).

use std::time::Duration;

use serde_json::Value;
use url::Url;

use super::{opened::Opened, span};
use crate::{
    acquire::{
        AcquireError, DeviceAuthorization, RawResponse, attempt::Attempt, redaction::Redaction,
    },
    secret::Secret,
};

/// RFC 8628, section 3.2: where the reply does not say.
const INTERVAL: Duration = Duration::from_secs(5);

/// `expires_in` is required; providers that leave it out mean about this.
const LIFETIME: Duration = Duration::from_secs(15 * 60);

/// The code for the person, and the one for us.
pub(in crate::acquire) fn device(
    attempt: &Attempt<'_>,
    raw: &RawResponse,
    mut redaction: Redaction,
) -> Result<DeviceAuthorization, AcquireError> {
    let opened = Opened::open(attempt, raw, &redaction)?;
    let reply = opened.body.value();
    let text = |name| reply.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
    let device_code = text("device_code");
    if !opened.is_success() {
        if let Some(code) = device_code {
            redaction.hide(&Secret::from(code));
        }
        return Err(AcquireError::DeviceRefused(opened.refusal(&mut redaction)));
    }
    // Google and a few others followed a draft.
    let page = text("verification_uri").or_else(|| text("verification_url"));
    let complete = text("verification_uri_complete");
    let lacks = |what| AcquireError::DeviceReply { what };
    let device_code = device_code.ok_or(lacks("device_code"))?;
    redaction.hide(&Secret::from(device_code));
    Ok(DeviceAuthorization {
        device_code: Secret::from(device_code),
        user_code: redaction.show(text("user_code").ok_or(lacks("user_code"))?),
        verification_uri: page.and_then(web_page).ok_or(lacks("verification_uri"))?,
        verification_uri_complete: complete.and_then(web_page),
        expires_in: seconds(reply, "expires_in").unwrap_or(LIFETIME),
        interval: seconds(reply, "interval").unwrap_or(INTERVAL),
    })
}

/// A page that a person can open. As a URL it has no control characters for a terminal.
fn web_page(text: &str) -> Option<Url> {
    Url::parse(text).ok().filter(|url| matches!(url.scheme(), "https" | "http"))
}

fn seconds(reply: &Value, name: &str) -> Option<Duration> {
    span::read(reply.get(name)?, Duration::from_secs(1)).ok()
}
