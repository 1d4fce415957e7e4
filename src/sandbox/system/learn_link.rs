//! learn.link: `POST https://{public|user}.api.learn.link/oauth2/token/{tenantId}`.
//!
//! Documented: the tenant in the path, Basic or body credentials, the scopes of the two
//! audiences, the members of the reply and the shape of the errors: a status as a number, the
//! HTTP phrase as `error`, and a `message` that is a string or an object. The sentences inside
//! `message` are not documented. Two of its guides disagree on the user name (tenant or a client
//! of its own), so both are known here.

use hyper::{Method, StatusCode};
use percent_encoding::percent_decode_str;
use serde_json::{Value, json};

use super::{Answer, Endpoint, System, either};
use crate::sandbox::{
    occasion::Occasion,
    reply::{Reply, quoted},
    request::{BasicReading, Client, Parameters, Request},
};

pub(super) const SYSTEM: System = System {
    name: "learn-link",
    is: "learn.link: tenant in the path, Basic or body credentials, errors as NestJS writes them",
    endpoints: &[
        Endpoint {
            path: "/learn-link/public/oauth2/token/eu-west-2_SandboxAB",
            client: &TENANT_AS_CLIENT,
            preset: Some("learn-link"),
            keys: "",
        },
        Endpoint {
            path: "/learn-link/user/oauth2/token/eu-west-2_SandboxAB",
            client: &SEPARATE_CLIENT,
            preset: Some("learn-link"),
            keys: "",
        },
    ],
    answer: |request, occasion| either(token(request, occasion)),
    outage: |_| error(StatusCode::INTERNAL_SERVER_ERROR, &json!("Internal server error")),
};

const TENANT: &str = "eu-west-2_SandboxAB";
const TENANT_AS_CLIENT: Client = Client { id: TENANT, secret: "sandbox-learn-link-secret" };
const SEPARATE_CLIENT: Client =
    Client { id: "sandbox-learn-link-client", secret: "sandbox-learn-link-secret" };
const LIFETIME: u64 = 3600;

fn token(request: &Request, occasion: &Occasion<'_>) -> Answer {
    let path = request.path.strip_prefix("/learn-link").unwrap_or_default();
    let (default, others, tenant): (_, &[&str], _) =
        if let Some(tenant) = path.strip_prefix("/public/oauth2/token/") {
            ("api/all", &["api/read", "api/write"], tenant)
        } else if let Some(tenant) = path.strip_prefix("/user/oauth2/token/") {
            ("api/webhooks", &["api/all"], tenant)
        } else {
            return Err(no_route(&request.method, path));
        };
    if request.method != Method::POST {
        return Err(no_route(&request.method, path));
    }
    let Some(parameters) = request.form().or_else(|| request.json()) else {
        let message = json!({ "body": "must be a form or a JSON object" });
        return Err(error(StatusCode::BAD_REQUEST, &message));
    };
    let tenant = percent_decode_str(tenant).decode_utf8_lossy();
    if tenant != TENANT || !authentic(request, &parameters) {
        return Err(error(StatusCode::UNAUTHORIZED, &json!("Invalid client credentials")));
    }
    if parameters.one("grant_type") != Some("client_credentials") {
        let message = json!({ "grant_type": "must be one of: client_credentials" });
        return Err(error(StatusCode::BAD_REQUEST, &message));
    }
    let scope = parameters.one("scope").unwrap_or(default);
    let is_unknown = |value: &&str| *value != default && !others.contains(value);
    if let Some(unknown) = scope.split(' ').find(is_unknown) {
        let message = json!(format!("Unknown scope: {unknown}"));
        return Err(error(StatusCode::BAD_REQUEST, &message));
    }
    Ok(granted(scope, occasion))
}

fn granted(scope: &str, occasion: &Occasion<'_>) -> Reply {
    let lifetime = occasion.lifetime(LIFETIME);
    let token = occasion.jwt(&json!({
        "sub": TENANT,
        "scope": scope,
        "iat": occasion.now.seconds(),
        "exp": occasion.expiry(lifetime).seconds(),
        "jti": occasion.uuid(),
    }));
    respond(
        StatusCode::OK,
        format!(
            r#"{{"access_token":"{token}","token_type":"Bearer","expires_in":{lifetime},"scope":{}}}"#,
            quoted(scope),
        ),
    )
}

fn authentic(request: &Request, parameters: &Parameters) -> bool {
    [TENANT_AS_CLIENT, SEPARATE_CLIENT].iter().any(|client| match request.basic() {
        Some(sent) => sent.are_of(client, BasicReading::Either),
        None => parameters.credentials().is_some_and(|(id, secret)| client.is(id, secret)),
    })
}

fn no_route(method: &Method, path: &str) -> Reply {
    error(StatusCode::NOT_FOUND, &json!(format!("Cannot {method} {path}")))
}

fn error(status: StatusCode, message: &Value) -> Reply {
    respond(
        status,
        format!(
            r#"{{"status":{},"error":{},"message":{message}}}"#,
            status.as_u16(),
            quoted(status.canonical_reason().unwrap_or_default()),
        ),
    )
}

fn respond(status: StatusCode, body: String) -> Reply {
    Reply::typed(status, "application/json; charset=utf-8", body)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sandbox::{
        occasion::tests::with_occasion,
        request::tests::{FORM, JSON, basic, request},
    };

    const PUBLIC: &str = "/learn-link/public/oauth2/token/eu-west-2_SandboxAB";
    const USER: &str = "/learn-link/user/oauth2/token/eu-west-2_SandboxAB";
    const GRANT: &str = "grant_type=client_credentials&scope=api%2Fread+api%2Fwrite";

    fn answer(path: &str, headers: &[(&str, &str)], body: &str) -> (u16, String) {
        let reply = with_occasion(|o| (SYSTEM.answer)(&request(path, headers, body), o));
        (reply.status.as_u16(), String::from_utf8_lossy(&reply.body).into_owned())
    }

    fn without_token(body: &str) -> String {
        let token = body.split('"').find(|part| part.starts_with("eyJ")).unwrap_or("?");
        body.replace(token, "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9...")
    }

    #[test]
    fn the_reply_is_the_documented_one_for_either_way_to_authenticate() {
        let documented = r#"{"access_token":"eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9...","token_type":"Bearer","expires_in":3600,"scope":"api/read api/write"}"#;
        let posted = format!("{GRANT}&client_id={TENANT}&client_secret=sandbox-learn-link-secret");
        let json = r#"{"grant_type":"client_credentials","client_id":"sandbox-learn-link-client","client_secret":"sandbox-learn-link-secret","scope":"api/read api/write"}"#;
        let header = basic(TENANT, "sandbox-learn-link-secret");
        for (name, headers, body) in [
            ("basic", &[FORM, ("authorization", &*header)][..], GRANT),
            ("body", &[FORM], &*posted),
            ("JSON, with a client of its own", &[JSON], json),
        ] {
            let (status, body) = answer(PUBLIC, headers, body);
            assert_eq!((status, &*without_token(&body)), (200, documented), "{name}");
        }
    }

    #[test]
    fn the_token_says_what_the_reply_says() {
        let header = basic(TENANT, "sandbox-learn-link-secret");
        let (_, body) = answer(PUBLIC, &[FORM, ("authorization", &header)], GRANT);
        assert!(body.contains("eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJleHAiOjE3OTAwMDM2MDAs"));
    }

    #[test]
    fn each_bad_request_is_refused_in_the_documented_shape() {
        let good = basic(TENANT, "sandbox-learn-link-secret");
        let bad = basic(TENANT, "wrong");
        let unauthorized =
            r#"{"status":401,"error":"Unauthorized","message":"Invalid client credentials"}"#;
        let other = PUBLIC.replace("Sandbox", "Another");
        let no_grant = r#"{"status":400,"error":"Bad Request","message":{"grant_type":"must be one of: client_credentials"}}"#;
        let no_body = r#"{"status":400,"error":"Bad Request","message":{"body":"must be a form or a JSON object"}}"#;
        let scope =
            r#"{"status":400,"error":"Bad Request","message":"Unknown scope: api/webhooks"}"#;
        let webhooks = "grant_type=client_credentials&scope=api/webhooks";
        for (name, path, authorization, media, body, status, expected) in [
            ("wrong secret", PUBLIC, &bad, FORM, GRANT, 401, unauthorized),
            ("another tenant", &other, &good, FORM, GRANT, 401, unauthorized),
            ("no grant", PUBLIC, &good, FORM, "scope=api/read", 400, no_grant),
            ("text", PUBLIC, &good, ("content-type", "text/plain"), GRANT, 400, no_body),
            ("a scope of the other audience", PUBLIC, &good, FORM, webhooks, 400, scope),
        ] {
            let headers = [media, ("authorization", authorization)];
            assert_eq!(answer(path, &headers, body), (status, expected.to_owned()), "{name}");
        }
        assert_eq!(answer(USER, &[FORM, ("authorization", &good)], webhooks).0, 200);
    }

    #[test]
    fn other_methods_and_paths_do_not_exist() {
        let mut get = request(PUBLIC, &[], "");
        get.method = Method::GET;
        let reply = with_occasion(|occasion| (SYSTEM.answer)(&get, occasion));
        let expected = r#"{"status":404,"error":"Not Found","message":"Cannot GET /public/oauth2/token/eu-west-2_SandboxAB"}"#;
        assert_eq!((reply.status.as_u16(), &*reply.body), (404, expected.as_bytes()));
        assert_eq!(answer("/learn-link/other", &[], "").0, 404);
    }

    #[test]
    fn an_outage_is_the_documented_server_error() {
        let expected =
            r#"{"status":500,"error":"Internal Server Error","message":"Internal server error"}"#;
        assert_eq!(with_occasion(|o| (SYSTEM.outage)(o)).body, expected.as_bytes());
    }
}
