//! Who asks: each way to authenticate a client, and no more than one at a time (RFC 6749, section
//! 2.3). Certificates need TLS, which the sandbox does not speak.

use hyper::StatusCode;

use super::{CLIENT, PUBLIC_CLIENT, Visit, refusal};
use crate::sandbox::{
    assertion::Expected,
    reply::Reply,
    request::{Client, Parameters},
};

/// `client_assertion_type` (RFC 7523, section 2.2).
const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
/// An assertion may be good for so many seconds.
const LONGEST: i64 = 600;

const CLIENT_ID: &str = CLIENT.id;

/// The client's id; `None` if the request does not prove who asks.
pub(super) fn authenticate(
    visit: &Visit<'_>,
    parameters: &Parameters,
) -> Result<Option<String>, Reply> {
    let header = visit.request.headers.contains_key(hyper::header::AUTHORIZATION);
    let secret = parameters.one("client_secret");
    let assertion = parameters.one("client_assertion");
    if usize::from(header) + usize::from(secret.is_some()) + usize::from(assertion.is_some()) > 1 {
        return Err(refusal("invalid_request", "The client authenticates in more than one way."));
    }
    let client = Client { id: CLIENT.id, secret: visit.manner.secret };
    if header {
        return match visit.request.basic() {
            Some(sent) if sent.are_of(&client, visit.manner.basic) => Ok(Some(client.id.into())),
            _ => Err(unauthorized().header("www-authenticate", r#"Basic realm="sandbox""#)),
        };
    }
    match (parameters.one("client_id"), secret, assertion) {
        (Some(id), Some(secret), _) if client.is(id, secret) => Ok(Some(id.to_owned())),
        (id, None, Some(assertion)) => by_assertion(visit, parameters, id, assertion).map(Some),
        (Some(PUBLIC_CLIENT), None, None) => Ok(Some(PUBLIC_CLIENT.to_owned())),
        (None | Some(CLIENT_ID), None, None) => Ok(None),
        _ => Err(unauthorized()),
    }
}

/// `client_secret_jwt` and `private_key_jwt`.
fn by_assertion(
    visit: &Visit<'_>,
    parameters: &Parameters,
    id: Option<&str>,
    assertion: &str,
) -> Result<String, Reply> {
    let wrong = |description| Reply::error(StatusCode::UNAUTHORIZED, "invalid_client", description);
    if parameters.one("client_assertion_type") != Some(ASSERTION_TYPE) {
        return Err(wrong("The client_assertion_type is missing or unknown."));
    }
    let expected = Expected {
        audience: Some(&[visit.issuer(), visit.url("/token")]),
        secret: Some(visit.manner.secret),
        longest: LONGEST,
        with_id: true,
        memory: visit.occasion.memory,
        now: visit.occasion.now,
    };
    let claims = expected.verify(assertion).map_err(wrong)?;
    let names = [claims.text("iss"), claims.text("sub"), id.or(Some(CLIENT.id))];
    if names.iter().any(|name| *name != Some(CLIENT.id)) {
        return Err(wrong("The iss and the sub of the assertion must be the client."));
    }
    Ok(CLIENT.id.to_owned())
}

pub(super) fn unauthorized() -> Reply {
    let description = "The client is unknown or its secret is wrong.";
    Reply::error(StatusCode::UNAUTHORIZED, "invalid_client", description)
}
