//! Whether a request is what it claims to be (RFC 5849, section 3.2).

use super::{CLIENT, Problem, Visit};
use crate::sandbox::{
    credentials::is_replayed,
    signed::{Message, Method, Secrets},
};

/// A clock may be so many seconds wrong.
const TOLERANCE: i64 = 300;

/// The message of a request that has what every one must have (section 3.1), from our client.
pub(super) fn read(visit: &Visit<'_>) -> Result<(Message, Method), Problem> {
    let message = Message::read(visit.request)
        .map_err(|_| Problem::bad("parameter_rejected", "A protocol parameter comes twice."))?;
    let name = needed(&message, "oauth_signature_method")?;
    let Some(method) = Method::named(name) else {
        let advice = "The signature method is unknown.";
        return Err(Problem::bad("signature_method_rejected", advice));
    };
    needed(&message, "oauth_signature")?;
    if method != Method::Plaintext {
        needed(&message, "oauth_timestamp")?;
        needed(&message, "oauth_nonce")?;
    }
    if message.one("oauth_version").is_some_and(|version| version != "1.0") {
        return Err(Problem::bad("version_rejected", "The version must be 1.0."));
    }
    if needed(&message, "oauth_consumer_key")? != CLIENT.id {
        return Err(Problem::unproven("consumer_key_unknown", "The client is unknown."));
    }
    Ok((message, method))
}

/// A parameter that must not be missing.
pub(super) fn needed<'a>(message: &'a Message, name: &'static str) -> Result<&'a str, Problem> {
    message.one(name).ok_or_else(|| {
        let advice = "A protocol parameter is missing.";
        Problem::bad("parameter_absent", advice).with("oauth_parameters_absent", name)
    })
}

/// Signature, timestamp and nonce. The signature comes first, so that nobody else can use up a
/// nonce.
pub(super) fn verify(
    visit: &Visit<'_>,
    (message, method): &(Message, Method),
    token_secret: &str,
) -> Result<(), Problem> {
    let secrets = Secrets { client: CLIENT.secret, token: token_secret };
    if !method.verifies(message, secrets) {
        return Err(Problem::unproven("signature_invalid", "The signature is wrong."));
    }
    let now = visit.occasion.now.seconds();
    let Some(timestamp) = message.one("oauth_timestamp") else { return Ok(()) };
    let [earliest, latest] = [now - TOLERANCE, now + TOLERANCE];
    if !timestamp.parse().is_ok_and(|timestamp| (earliest..=latest).contains(&timestamp)) {
        let advice = "The timestamp is too far from the server's clock.";
        let acceptable = format!("{earliest}-{latest}");
        return Err(Problem::unproven("timestamp_refused", advice)
            .with("oauth_acceptable_timestamps", acceptable));
    }
    let names = ["oauth_consumer_key", "oauth_token", "oauth_nonce", "oauth_timestamp"];
    let parts = names.map(|name| message.one(name).unwrap_or_default());
    if is_replayed(visit.occasion, visit.site, parts) {
        return Err(Problem::unproven("nonce_used", "The nonce has been used before."));
    }
    Ok(())
}
