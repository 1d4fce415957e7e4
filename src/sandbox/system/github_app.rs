//! GitHub's API for the installations of an app: `POST
//! https://api.github.com/app/installations/ID/access_tokens`.
//!
//! Documented: a JWT signed with RS256 in the `Authorization` header, whose `iss` is the client id
//! or the id of the app and whose `exp` is at most ten minutes away; the status 201; a token that
//! begins with `ghs_` and lives for an hour; `expires_at` as a date; errors with `message`,
//! `documentation_url` and `status`. The permissions are an example.

use std::time::Duration;

use hyper::{Method, StatusCode, header};

use super::{Answer, Endpoint, System, either};
use crate::sandbox::{
    assertion::Expected,
    occasion::Occasion,
    reply::{Reply, quoted},
    request::{Client, Request},
};

pub(super) const SYSTEM: System = System {
    name: "github-app",
    is: "GitHub's installation tokens: a JWT as Bearer token, 201, expires_at as a date",
    endpoints: &[Endpoint { path: PATH, client: &CLIENT, preset: None, keys: KEYS }],
    answer: |request, occasion| either(token(request, occasion)),
    outage: |_| error(StatusCode::SERVICE_UNAVAILABLE, "Service unavailable"),
};

const PATH: &str = "/github-app/app/installations/1/access_tokens";
/// An app has a key in place of a secret.
const CLIENT: Client = Client { id: "Iv23liSandboxSandbox", secret: "" };
const KEYS: &str = "grant: app_jwt, client_authentication: none, \
                    assertion: { key: { file: \"@KEYS@/rsa.pem\" }, lifetime: 9m }, \
                    response: { access_token: token, expires_at: expires_at }";
const LIFETIME: u64 = 3600;
/// From now to `exp`, in seconds.
const LONGEST: i64 = 600;

fn token(request: &Request, occasion: &Occasion<'_>) -> Answer {
    if request.path != PATH || request.method != Method::POST {
        return Err(error(StatusCode::NOT_FOUND, "Not Found"));
    }
    let value = request.headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let Some(("Bearer" | "bearer", jwt)) = value.and_then(|value| value.split_once(' ')) else {
        return Err(error(StatusCode::UNAUTHORIZED, "A JSON web token could not be decoded"));
    };
    let expected = Expected {
        audience: None,
        secret: None,
        longest: LONGEST,
        with_id: false,
        memory: occasion.memory,
        now: occasion.now,
    };
    let claims = expected.verify(jwt).map_err(|what| error(StatusCode::UNAUTHORIZED, what))?;
    if claims.text("iss") != Some(CLIENT.id) {
        return Err(error(StatusCode::UNAUTHORIZED, "Integration not found"));
    }
    Ok(granted(occasion))
}

fn granted(occasion: &Occasion<'_>) -> Reply {
    let lifetime = Duration::from_secs(occasion.lifetime(LIFETIME));
    let (token, until) = (occasion.uuid().replace('-', ""), occasion.now + lifetime);
    let body = format!(
        r#"{{"token":"ghs_{token}","expires_at":"{until}","permissions":{{"contents":"read","metadata":"read"}},"repository_selection":"all"}}"#
    );
    respond(StatusCode::CREATED, body)
}

fn error(status: StatusCode, message: &str) -> Reply {
    let number = status.as_u16();
    let body = format!(
        r#"{{"message":{},"documentation_url":"https://docs.github.com/rest","status":"{number}"}}"#,
        quoted(message)
    );
    respond(status, body)
}

fn respond(status: StatusCode, body: String) -> Reply {
    Reply::typed(status, "application/json; charset=utf-8", body)
}

#[cfg(test)]
mod tests {
    use jsonwebtoken::Algorithm;
    use serde_json::json;

    use super::*;
    use crate::sandbox::{
        assertion::tests::signed,
        occasion::tests::{NOW, with_occasion},
        request::tests::request,
    };

    fn answer(authorization: &str) -> (u16, String) {
        let request = request(PATH, &[("authorization", authorization)], "");
        let reply = with_occasion(|occasion| (SYSTEM.answer)(&request, occasion));
        (reply.status.as_u16(), String::from_utf8_lossy(&reply.body).into_owned())
    }

    fn bearer(issuer: &str, expiry: i64) -> String {
        let claims = json!({ "iss": issuer, "iat": NOW.seconds() - 5, "exp": expiry });
        format!("Bearer {}", signed(Algorithm::RS256, &claims))
    }

    #[test]
    fn an_app_gets_the_token_of_its_installation() {
        let (status, body) = answer(&bearer(CLIENT.id, NOW.seconds() + 600));
        let expected = r#"{"token":"ghs_3031323334354637b839616263646566","expires_at":"2026-09-21T15:13:20Z","permissions":{"contents":"read","metadata":"read"},"repository_selection":"all"}"#;
        assert_eq!((status, &*body), (201, expected));
    }

    #[test]
    fn anybody_else_is_refused_in_githubs_words() {
        let soon = NOW.seconds() + 60;
        for (name, authorization, message) in [
            ("no JWT", "Bearer x".to_owned(), "no signed JWT"),
            ("Basic", "Basic x".to_owned(), "could not be decoded"),
            ("another app", bearer("other", soon), "Integration not found"),
            ("too long", bearer(CLIENT.id, NOW.seconds() + 611), "too far in the future"),
        ] {
            let (status, body) = answer(&authorization);
            assert_eq!(status, 401, "{name}: {body}");
            assert!(body.contains(message) && body.contains("documentation_url"), "{name}: {body}");
        }
    }
}
