//! 360Learning, API v2: `POST https://app.360learning.com/api/v2/oauth2/token`.
//!
//! Documented: a JSON body with `grant_type`, `client_id`, `client_secret` and, for some uses,
//! `user_id` or `company_id` (24 hexadecimal digits), and no other member; the reply with
//! `expires_in` as a string; four errors, of which an older page says that an unknown
//! `client_id` is an `invalid_request`. The spaces at the line ends of the reply are the page's.

use hyper::{Method, StatusCode};
use serde_json::json;

use super::{Answer, Endpoint, System, either};
use crate::sandbox::{
    occasion::Occasion,
    reply::Reply,
    request::{Client, Parameters, Request},
};

pub(super) const SYSTEM: System = System {
    name: "360learning",
    is: "360Learning: JSON body, user_id and company_id as parameters, expires_in as a string",
    endpoints: &[Endpoint { path: PATH, client: &CLIENT, preset: Some("360learning"), keys: "" }],
    answer: |request, occasion| either(token(request, occasion)),
    outage: |_| error(StatusCode::SERVICE_UNAVAILABLE, "service_unavailable"),
};

const PATH: &str = "/360learning/api/v2/oauth2/token";
const CLIENT: Client = Client { id: "sandbox-360learning", secret: "sandbox-360learning-secret" };
/// The one user that the sandbox knows: the example of the documentation.
const USER: &str = "624c5526204fc7207e603123";
const LIFETIME: u64 = 3600;
const MEMBERS: [&str; 5] = ["grant_type", "client_id", "client_secret", "user_id", "company_id"];

fn token(request: &Request, occasion: &Occasion<'_>) -> Answer {
    if request.path != PATH || request.method != Method::POST {
        return Err(error(StatusCode::NOT_FOUND, "not_found"));
    }
    let invalid = || error(StatusCode::BAD_REQUEST, "invalid_request");
    let parameters = request.json().filter(well_formed).ok_or_else(invalid)?;
    let grant_type = parameters.one("grant_type").ok_or_else(invalid)?;
    let (id, secret) = parameters.credentials().ok_or_else(invalid)?;
    if grant_type != "client_credentials" {
        return Err(error(StatusCode::BAD_REQUEST, "unsupported_grant_type"));
    }
    if id != CLIENT.id {
        return Err(invalid());
    }
    if secret != CLIENT.secret {
        return Err(error(StatusCode::UNAUTHORIZED, "invalid_client"));
    }
    if parameters.one("user_id").is_some_and(|user| user != USER) {
        return Err(error(StatusCode::BAD_REQUEST, "non_existing_user"));
    }
    Ok(granted(&parameters, occasion))
}

fn granted(parameters: &Parameters, occasion: &Occasion<'_>) -> Reply {
    let lifetime = occasion.lifetime(LIFETIME);
    let token = occasion.jwt(&json!({
        "client_id": CLIENT.id,
        "user_id": parameters.one("user_id"),
        "company_id": parameters.one("company_id"),
        "iat": occasion.now.seconds(),
        "exp": occasion.expiry(lifetime).seconds(),
        "jti": occasion.uuid(),
    }));
    respond(
        StatusCode::OK,
        format!(
            "{{  \n  \"token_type\": \"Bearer\",  \n  \"access_token\": \"{token}\",  \n  \
             \"expires_in\": \"{lifetime}\"  \n}}"
        ),
    )
}

/// Only the documented members, each once and of its documented form.
fn well_formed(parameters: &Parameters) -> bool {
    let is_object_id = |id: &str| id.len() == 24 && id.bytes().all(|b| b.is_ascii_hexdigit());
    parameters.names().all(|name| MEMBERS.contains(&name) && parameters.all(name).count() == 1)
        && ["user_id", "company_id"].iter().all(|name| parameters.all(name).all(is_object_id))
}

fn error(status: StatusCode, code: &str) -> Reply {
    respond(status, format!(r#"{{"error":"{code}"}}"#))
}

fn respond(status: StatusCode, body: String) -> Reply {
    Reply::typed(status, "application/json; charset=utf-8", body)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sandbox::{
        occasion::tests::with_occasion,
        request::tests::{FORM, JSON, request},
    };

    const GOOD: &str = r#"{"grant_type":"client_credentials","client_id":"sandbox-360learning","client_secret":"sandbox-360learning-secret"}"#;

    fn answer(media: (&str, &str), body: &str) -> (u16, String) {
        let reply = with_occasion(|o| (SYSTEM.answer)(&request(PATH, &[media], body), o));
        (reply.status.as_u16(), String::from_utf8_lossy(&reply.body).into_owned())
    }

    /// The good request with one more member.
    fn with(member: &str) -> String {
        GOOD.replace('}', &format!(",{member}}}"))
    }

    #[test]
    fn the_reply_is_the_documented_one() {
        let documented = "{  \n  \"token_type\": \"Bearer\",  \n  \"access_token\": \
                          \"your_access_token\",  \n  \"expires_in\": \"3600\"  \n}";
        for body in [GOOD, &with(r#""user_id":"624c5526204fc7207e603123""#)] {
            let (status, reply) = answer(JSON, body);
            let token = reply.split('"').find(|part| part.starts_with("eyJ")).expect("a JWT");
            assert_eq!((status, &*reply.replace(token, "your_access_token")), (200, documented));
        }
    }

    #[test]
    fn each_documented_error_is_answered() {
        let rows = [
            ("a form", FORM, GOOD.to_owned(), 400, "invalid_request"),
            ("no client_id", JSON, GOOD.replace("client_id", "id"), 400, "invalid_request"),
            (
                "unknown client_id",
                JSON,
                GOOD.replace("\"sandbox-360learning\"", "\"x\""),
                400,
                "invalid_request",
            ),
            (
                "an empty secret",
                JSON,
                GOOD.replace("sandbox-360learning-secret", ""),
                400,
                "invalid_request",
            ),
            ("no grant_type", JSON, GOOD.replace("grant_type", "grant"), 400, "invalid_request"),
            ("an unknown member", JSON, with(r#""scope":"x""#), 400, "invalid_request"),
            (
                "a repeated member",
                JSON,
                with(r#""user_id":["624c5526204fc7207e603123","624c5526204fc7207e603123"]"#),
                400,
                "invalid_request",
            ),
            ("an odd user_id", JSON, with(r#""user_id":"7""#), 400, "invalid_request"),
            (
                "an unknown user",
                JSON,
                with(r#""user_id":"000000000000000000000000""#),
                400,
                "non_existing_user",
            ),
            (
                "another grant",
                JSON,
                GOOD.replace("client_credentials", "password"),
                400,
                "unsupported_grant_type",
            ),
            ("a wrong secret", JSON, GOOD.replace("-secret", "-wrong"), 401, "invalid_client"),
        ];
        for (name, media, body, status, error) in rows {
            let expected = (status, format!(r#"{{"error":"{error}"}}"#));
            assert_eq!(answer(media, &body), expected, "{name}");
        }
    }
}
