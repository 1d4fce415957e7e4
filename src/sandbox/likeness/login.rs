//! The log-in of a likeness: everybody is let in at once.

use hyper::StatusCode;
use serde_json::{Value, json};
use url::Url;

use super::{Likeness, invalid};
use crate::sandbox::{
    occasion::Occasion,
    reply::Reply,
    request::{Parameters, Request},
};

/// How a person logs in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Login {
    /// In a browser (RFC 6749, section 4.1).
    Browser,
    /// On another device (RFC 8628).
    Device,
}

impl Login {
    /// Whether these are the parameters of its token request, which ends the log-in.
    pub(super) fn is_ended_by(self, parameters: &Parameters) -> bool {
        let (grant, proof) = match self {
            Self::Browser => ("authorization_code", "code"),
            Self::Device => ("urn:ietf:params:oauth:grant-type:device_code", "device_code"),
        };
        parameters.one("grant_type") == Some(grant) && parameters.one(proof).is_some()
    }
}

/// The redirect back to the client, with a code (RFC 6749, section 4.1.2).
pub(super) fn authorize(request: &Request, occasion: &Occasion<'_>) -> Reply {
    let parameters = Parameters::decode(request.query.as_bytes());
    let target = parameters.one("redirect_uri").and_then(|target| Url::parse(target).ok());
    let Some(mut target) = target.filter(Url::has_host) else {
        return invalid("there is no `redirect_uri` to go back to");
    };
    target.query_pairs_mut().append_pair("code", &occasion.uuid());
    if let Some(state) = parameters.one("state") {
        target.query_pairs_mut().append_pair("state", state);
    }
    Reply::bare(StatusCode::FOUND, "").header("location", target)
}

/// Codes for another device (RFC 8628, section 3.2), which need nobody's approval here.
pub(super) fn device(likeness: &Likeness, request: &Request, occasion: &Occasion<'_>) -> Reply {
    let host = request.headers.get("host").and_then(|host| host.to_str().ok());
    let codes = json!({
        "device_code": occasion.uuid(),
        "user_code": "WDJB-MJHT",
        "verification_uri": format!(
            "http://{}/like/{}/device",
            host.unwrap_or_default(),
            likeness.name
        ),
        "expires_in": 900,
        "interval": 1,
    });
    Reply::json(StatusCode::OK, codes.to_string())
}

/// The documented answer to a refresh, with the refresh token that a log-in brings in any case.
pub(super) fn complete(body: String, refresh_token: &str) -> String {
    match serde_json::from_str(&body) {
        Ok(Value::Object(mut members)) => {
            members.entry("refresh_token").or_insert_with(|| refresh_token.into());
            Value::Object(members).to_string()
        }
        _ => body,
    }
}
