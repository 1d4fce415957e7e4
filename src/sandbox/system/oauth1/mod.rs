//! A well-behaved server of OAuth 1.0a (RFC 5849): it verifies every signature, every timestamp
//! and every nonce, those of protected resources included. The bad habits around OAuth 1.0a are
//! this server with one thing wrong.

mod legs;
mod problem;
mod resource;
#[cfg(test)]
pub(in crate::sandbox) mod tests;
mod verify;

use hyper::StatusCode;

use self::problem::Problem;
use super::{
    Endpoint, System,
    plain::{CLIENT, unavailable},
};
use crate::sandbox::{
    credentials::{Credentials, Kind},
    occasion::Occasion,
    reply::Reply,
    request::{Client, Request},
};

pub(super) const SYSTEM: System = System {
    name: "oauth1",
    is: "a well-behaved server of OAuth 1.0a: every signature, timestamp and nonce is verified",
    endpoints: &[
        Endpoint { path: PATH, client: &CLIENT, preset: None, keys: KEYS },
        Endpoint { path: PATH, client: &SIGNER, preset: None, keys: RSA_KEYS },
    ],
    answer: |request, occasion| {
        answer(&Visit { site: "/oauth1", quirk: Quirk::None, request, occasion })
    },
    outage: |_| unavailable(),
};

const PATH: &str = "/oauth1/token";
/// The same client signs with a private key in place of its secret.
const SIGNER: Client = Client { id: CLIENT.id, secret: "" };
/// How it is asked.
pub(in crate::sandbox) const KEYS: &str = "grant: oauth1, oauth1: { initiate: \"@SITE@/initiate\", \
                                           authorize: \"@SITE@/authorize\" }";
const RSA_KEYS: &str = "grant: oauth1, oauth1: { initiate: \"@SITE@/initiate\", \
                        authorize: \"@SITE@/authorize\", signature_method: RSA-SHA1, \
                        private_key: { file: \"@KEYS@/rsa.pem\" } }";

/// The one thing that is wrong with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::sandbox) enum Quirk {
    None,
    /// It says `oauth_callback_confirmed=TRUE`.
    ConfirmedInCapitals,
    /// It does not say that it knows the callback, as before OAuth 1.0a.
    Unconfirmed,
    /// The resource owner does not agree.
    Denied,
    /// It names what is wrong, as the OAuth Problem Reporting extension has it.
    Problems,
    /// Tokens live for an hour and are replaced with a session handle (OAuth Session 1.0).
    Session,
    /// The resource owner has taken back what was agreed: no resource takes a token.
    Revoked,
}

/// One request.
#[derive(Clone, Copy)]
pub(in crate::sandbox) struct Visit<'a> {
    /// The path that its endpoints have in common.
    pub(in crate::sandbox) site: &'a str,
    pub(in crate::sandbox) quirk: Quirk,
    pub(in crate::sandbox) request: &'a Request,
    pub(in crate::sandbox) occasion: &'a Occasion<'a>,
}

impl Visit<'_> {
    fn credentials(&self, kind: Kind) -> Credentials<'_> {
        Credentials { site: self.site, kind, occasion: self.occasion }
    }
}

/// Its answer.
pub(in crate::sandbox) fn answer(visit: &Visit<'_>) -> Reply {
    let answer = match visit.request.path.strip_prefix(visit.site).unwrap_or_default() {
        "/initiate" => legs::initiate(visit),
        "/authorize" => legs::authorize(visit),
        "/token" => legs::token(visit),
        "/resource" => resource::show(visit),
        "/revoke" => Ok(resource::revoke(visit)),
        _ => return Reply::error(StatusCode::NOT_FOUND, "not_found", "No such resource."),
    };
    answer.unwrap_or_else(|problem: Problem| problem.reply(visit.quirk))
}
