//! The JWT that a client signs (RFC 7523, section 3). Its claims are looked at; its signature is
//! not, because the sandbox plays providers of which it has no key.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD as BASE64};
use serde_json::Value;

use super::{Checked, Expected, invalid};
use crate::{
    clock::WallTime,
    sandbox::request::{Parameters, Request},
};

/// What a client signs, and where it puts that.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedClaims {
    /// The parameter with the JWT; `None` for the `Authorization` header.
    pub parameter: Option<Box<str>>,
    /// The claims that there must be.
    pub claims: Vec<Expected>,
}

impl SignedClaims {
    pub(super) fn check(
        &self,
        request: &Request,
        parameters: Option<&Parameters>,
        now: WallTime,
    ) -> Checked {
        let sent = match &self.parameter {
            Some(name) => parameters.and_then(|parameters| parameters.one(name)),
            None => request
                .headers
                .get("authorization")
                .and_then(|value| value.to_str().ok()?.strip_prefix("Bearer ")),
        };
        let Some(claims) = sent.and_then(claims) else {
            return Err(invalid("there is no JWT where one is wanted"));
        };
        let alive = claims.get("exp").and_then(Value::as_i64).is_some_and(|at| at > now.seconds());
        if !alive {
            return Err(invalid("the JWT has expired, or does not say when it does"));
        }
        self.claims.iter().try_for_each(|it| {
            let text = claims.get(&*it.name).map(|value| match value {
                Value::String(text) => text.clone(),
                other => other.to_string(),
            });
            it.check("claim", text.as_deref().into_iter())
        })
    }
}

fn claims(jwt: &str) -> Option<Value> {
    let [_, payload, signature] = jwt.split('.').collect::<Vec<_>>().try_into().ok()?;
    let payload = BASE64.decode(payload).ok().filter(|_| !signature.is_empty())?;
    serde_json::from_slice(&payload).ok()
}
