//! The Learning Record Store of ADL, as its code really behaves: three-legged OAuth 1.0a, with a
//! `scope` of its own, replies that are forms and refusals that are prose.
//!
//! Seen on a running one: paths and their case, the readiness to take any method, the texts, the
//! two log-ins of one second that get one token, the nonces, the clock that may be fast but not
//! slow, the refusal that shows the signature it wanted, and the resources that ask for a token
//! and look at no signature. Beside that, nobody has to log in: who opens the authorization page
//! has agreed, unless it is a POST without `authorize_access`. The page of the verifier and the
//! page of a crash are an abridgement.

mod legs;
mod message;
mod prose;
mod resource;
#[cfg(test)]
mod tests;

use hyper::StatusCode;

use super::{Answer, Endpoint, System, either};
use crate::sandbox::{
    credentials::{Credentials, Kind, is_replayed},
    occasion::Occasion,
    reply::Reply,
    request::{Client, Request},
    signed::{Message, Method, Secrets},
};

pub(super) const SYSTEM: System = System {
    name: "adl-lrs",
    is: "the ADL Learning Record Store: OAuth 1.0a with a scope, forms, errors as prose",
    endpoints: &[Endpoint {
        path: "/adl-lrs/xapi/OAuth/token",
        client: &CLIENT,
        preset: None,
        keys: "grant: oauth1, oauth1: { initiate: \"@SITE@/xapi/OAuth/initiate\", \
               authorize: \"@SITE@/xapi/OAuth/authorize\" }, \
               scope: [statements/write, statements/read/mine]",
    }],
    answer: |request, occasion| either(answer(&Visit { request, occasion })),
    outage: |_| prose::bad_gateway(),
};

const SITE: &str = "/adl-lrs";
const CLIENT: Client =
    Client { id: "5a4db0c5a4db0c5a4db0c5a4db0c5a4d", secret: "SandboxAdlSecret" };
/// The number of the client in the database.
const CLIENT_NUMBER: &str = "1";
/// A clock may be so many seconds slow.
const SLOW: i64 = 300;

/// One request.
#[derive(Clone, Copy)]
struct Visit<'a> {
    request: &'a Request,
    occasion: &'a Occasion<'a>,
}

fn answer(visit: &Visit<'_>) -> Answer {
    let path = visit.request.path.strip_prefix(SITE).unwrap_or_default();
    if path == "/me/tokens" {
        return resource::revoke(visit);
    }
    let inside = ["/xapi/", "/xAPI/", "/XAPI/"].iter().find_map(|root| path.strip_prefix(root));
    match inside {
        Some("OAuth/initiate") => legs::initiate(visit),
        Some("OAuth/authorize") => legs::authorize(visit),
        Some("OAuth/token") => legs::token(visit),
        Some("statements") => resource::statements(visit),
        _ => Err(prose::not_found()),
    }
}

impl Visit<'_> {
    fn credentials(&self, kind: Kind) -> Credentials<'_> {
        Credentials { site: SITE, kind, occasion: self.occasion }
    }

    /// The nonce, then the clock, then the signature.
    fn verify(&self, message: &Message, token_secret: &str) -> Result<(), Reply> {
        let said = |name| message.one(name).unwrap_or_default();
        let timestamp: i64 = match said("oauth_timestamp").parse() {
            Ok(timestamp) => timestamp,
            Err(_) => return Err(prose::crash("ValueError")),
        };
        let parts = ["oauth_consumer_key", "oauth_token", "oauth_nonce", "oauth_timestamp"];
        if is_replayed(self.occasion, SITE, parts.map(said)) {
            return Err(prose::unverified("Invalid Nonce"));
        }
        let lapse = self.occasion.now.seconds() - timestamp;
        if lapse > SLOW {
            let text = format!(
                "OAuth: The timestamp lapse of {lapse} is greater than the OAuth server threshold \
                 of {SLOW}."
            );
            return Err(prose::unverified(&text));
        }
        if i32::try_from(timestamp).is_err() {
            return Err(prose::unverified("OAuth: Invalid timestamp."));
        }
        verify_signature(message, token_secret)
    }
}

fn verify_signature(message: &Message, token_secret: &str) -> Result<(), Reply> {
    let name = message.one("oauth_signature_method").unwrap_or_default();
    let method = match Method::named(name) {
        Some(method @ (Method::HmacSha1 | Method::Plaintext)) => method,
        // Its code for RSA fails on every key.
        Some(Method::RsaSha1) => return Err(prose::crash("TypeError")),
        _ => {
            let text = format!(
                "OAuth: Signature method {name} not supported try one of the following: \
                 HMAC-SHA1, PLAINTEXT, RSA-SHA1"
            );
            return Err(prose::unverified(&text));
        }
    };
    let secrets = Secrets { client: CLIENT.secret, token: token_secret };
    if method.verifies(message, secrets) {
        return Ok(());
    }
    let expected = method.expected(message, secrets).unwrap_or_default();
    Err(prose::unverified(&format!("OAuth: Signature mismatch, expected: b'{expected}'")))
}

/// That a message has these parameters, beside those that every one must have.
fn require(message: &Message, further: &[&str]) -> Result<(), Reply> {
    let all = [
        "oauth_consumer_key",
        "oauth_nonce",
        "oauth_signature",
        "oauth_signature_method",
        "oauth_timestamp",
    ];
    let missing = all.iter().chain(further).filter(|name| message.one(name).is_none());
    let missing: Vec<&str> = missing.copied().collect();
    if missing.is_empty() {
        return Ok(());
    }
    let text = format!("Missing OAuth parameters: {}", missing.join(", "));
    Err(prose::refusal(StatusCode::BAD_REQUEST, &text))
}
