//! A well-behaved server: every grant, every client authentication, every body format, any scope.
//! Whatever a user configures can be tried on it, and the habits are this server with one thing
//! wrong.
//!
//! ```text
//! /token                  token.rs: client.rs says who asks, grant/ for what, granted.rs answers
//! /authorize              grant/authorization_code.rs
//! /device_authorization   grant/device_code.rs
//! /check                  check.rs: whether a token is good, as a resource server would say it
//! /.well-known/...        metadata.rs
//! ```

mod check;
mod client;
mod grant;
mod granted;
mod manner;
mod metadata;
mod token;
mod trial;
mod visit;

use hyper::StatusCode;

use super::{Endpoint, System};
use crate::sandbox::{reply::Reply, request::Client};

pub(in crate::sandbox) use self::{
    granted::Granted,
    manner::{Asked, Login, Manner, Overlap, Rotation, Wanted},
    token::{judge, refresh_by_type},
    trial::{TRIALS, Trial},
    visit::Visit,
};

pub(super) const SYSTEM: System = System {
    name: "plain",
    is: "a well-behaved server: every grant, client authentication and body format, any scope",
    endpoints: &[Endpoint { path: "/plain/token", client: &CLIENT, preset: None, keys: "" }],
    answer: |request, occasion| {
        let visit = Visit { site: "/plain", manner: &Manner::GOOD, request, occasion };
        match visit.endpoint() {
            "/token" => judge(&visit).map_or_else(|refusal| refusal, |granted| granted.reply()),
            _ => beside_the_token(&visit),
        }
    },
    outage: |_| unavailable(),
};

/// Its secret has characters that form-encoding changes, so that the encoding of Basic
/// credentials makes a difference.
pub(in crate::sandbox) const CLIENT: Client =
    Client { id: "sandbox-client", secret: "sandbox+secret/100%" };
/// A client of `client_authentication: none`.
pub(in crate::sandbox) const PUBLIC_CLIENT: &str = "sandbox-public";

/// Answers at every endpoint but that for tokens.
pub(in crate::sandbox) fn beside_the_token(visit: &Visit<'_>) -> Reply {
    match visit.endpoint() {
        "/authorize" => grant::authorization_code::authorize(visit),
        "/device_authorization" => grant::device_code::begin(visit),
        "/device" => grant::device_code::page(),
        "/check" => check::check(visit),
        "/.well-known/openid-configuration" | "/.well-known/oauth-authorization-server" => {
            metadata::document(visit)
        }
        _ => Reply::error(StatusCode::NOT_FOUND, "not_found", "No such resource."),
    }
}

fn refusal(code: &str, description: &str) -> Reply {
    Reply::error(StatusCode::BAD_REQUEST, code, description)
}

/// The server is down.
pub(in crate::sandbox) fn unavailable() -> Reply {
    Reply::typed(StatusCode::SERVICE_UNAVAILABLE, "text/plain", "Service Unavailable")
}

#[cfg(test)]
mod tests;
