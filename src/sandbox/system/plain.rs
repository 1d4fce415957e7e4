//! A well-behaved server of RFC 6749: every client authentication, every body format, any scope.
//! Whatever a user configures can be tried on it, and the habits are this server with one thing
//! wrong.

use hyper::{Method, StatusCode};
use serde_json::json;

use super::{Endpoint, System};
use crate::sandbox::{
    occasion::Occasion,
    reply::{Reply, quoted},
    request::{BasicReading, Client, Parameters, Request},
};

pub(super) const SYSTEM: System = System {
    name: "plain",
    is: "a well-behaved server: every client authentication and body format, any scope",
    endpoints: &[Endpoint { path: PATH, client: &CLIENT, preset: None }],
    answer: |request, occasion| {
        if request.path != PATH {
            return Reply::error(StatusCode::NOT_FOUND, "not_found", "No such resource.");
        }
        match grant(request, occasion, BasicReading::Either) {
            Ok(granted) => granted.reply(),
            Err(refusal) => refusal,
        }
    },
    outage: |_| unavailable(),
};

const PATH: &str = "/plain/token";
/// Its secret has characters that form-encoding changes, so that the encoding of Basic
/// credentials makes a difference.
pub(in crate::sandbox) const CLIENT: Client =
    Client { id: "sandbox-client", secret: "sandbox+secret/100%" };
/// A client of `client_authentication: none`.
pub(in crate::sandbox) const PUBLIC_CLIENT: &str = "sandbox-public";
const LIFETIME: u64 = 3600;
/// A second value of any other parameter is an error (RFC 6749, section 3.2).
const REPEATABLE: [&str; 2] = ["audience", "resource"];

/// A request that has been granted, before it becomes a reply.
pub(in crate::sandbox) struct Granted<'a> {
    pub(in crate::sandbox) occasion: &'a Occasion<'a>,
    pub(in crate::sandbox) lifetime: u64,
    pub(in crate::sandbox) scope: Option<String>,
    client_id: String,
    audience: Vec<String>,
}

/// Reads and judges a request.
pub(in crate::sandbox) fn grant<'a>(
    request: &Request,
    occasion: &'a Occasion<'_>,
    reading: BasicReading,
) -> Result<Granted<'a>, Reply> {
    if request.method != Method::POST {
        let description = "A token request uses POST (RFC 6749, section 3.2).";
        let reply = Reply::error(StatusCode::METHOD_NOT_ALLOWED, "invalid_request", description);
        return Err(reply.header("allow", "POST"));
    }
    let parameters =
        request.query().or_else(|| request.form()).or_else(|| request.json()).ok_or_else(|| {
            refusal("invalid_request", "The body must be a form or a JSON object, as it says.")
        })?;
    let repeated = |name: &&str| !REPEATABLE.contains(name) && parameters.all(name).count() > 1;
    if let Some(name) = parameters.names().find(repeated) {
        let description = format!("The parameter {name} is repeated.");
        return Err(refusal("invalid_request", &description));
    }
    let client_id = authenticate(request, &parameters, reading)?;
    match parameters.one("grant_type") {
        Some("client_credentials") => {}
        Some(_) => {
            let description = "The sandbox knows client_credentials.";
            return Err(refusal("unsupported_grant_type", description));
        }
        None => return Err(refusal("invalid_request", "The grant_type parameter is missing.")),
    }
    let scope = parameters.one("scope").map(str::to_owned);
    if !scope.as_deref().is_none_or(is_scope) {
        let description = "A scope is words separated by one space (RFC 6749, section 3.3).";
        return Err(refusal("invalid_scope", description));
    }
    let audience = parameters.all("audience").chain(parameters.all("resource"));
    Ok(Granted {
        occasion,
        lifetime: occasion.lifetime(LIFETIME),
        scope,
        audience: audience.map(str::to_owned).collect(),
        client_id,
    })
}

/// Who asks: one way to authenticate, and no more than one (RFC 6749, section 2.3).
fn authenticate(
    request: &Request,
    parameters: &Parameters,
    reading: BasicReading,
) -> Result<String, Reply> {
    if request.headers.contains_key(hyper::header::AUTHORIZATION) {
        if parameters.one("client_secret").is_some() {
            let description = "The client authenticates in more than one way.";
            return Err(refusal("invalid_request", description));
        }
        return match request.basic() {
            Some(sent) if sent.are_of(&CLIENT, reading) => Ok(CLIENT.id.to_owned()),
            _ => Err(unauthorized().header("www-authenticate", r#"Basic realm="sandbox""#)),
        };
    }
    match (parameters.one("client_id"), parameters.one("client_secret")) {
        (Some(id), Some(secret)) if CLIENT.is(id, secret) => Ok(id.to_owned()),
        (Some(PUBLIC_CLIENT), None) => Ok(PUBLIC_CLIENT.to_owned()),
        _ => Err(unauthorized()),
    }
}

fn is_scope(scope: &str) -> bool {
    let plain = |byte| matches!(byte, 0x21 | 0x23..=0x5b | 0x5d..=0x7e);
    scope.split(' ').all(|word| !word.is_empty() && word.bytes().all(plain))
}

fn unauthorized() -> Reply {
    let description = "The client is unknown or its secret is wrong.";
    Reply::error(StatusCode::UNAUTHORIZED, "invalid_client", description)
}

fn refusal(code: &str, description: &str) -> Reply {
    Reply::error(StatusCode::BAD_REQUEST, code, description)
}

/// The server is down.
pub(in crate::sandbox) fn unavailable() -> Reply {
    Reply::typed(StatusCode::SERVICE_UNAVAILABLE, "text/plain", "Service Unavailable")
}

impl Granted<'_> {
    /// A JWT of this lifetime.
    pub(in crate::sandbox) fn jwt(&self, lifetime: u64) -> String {
        self.occasion.jwt(&json!({
            "iss": "sandbox",
            "sub": self.client_id,
            "client_id": self.client_id,
            "aud": self.audience,
            "scope": self.scope,
            "iat": self.occasion.now.seconds(),
            "exp": self.occasion.expiry(lifetime).seconds(),
            "jti": self.occasion.uuid(),
        }))
    }

    /// `,"scope":"..."`, if a scope was asked for.
    pub(in crate::sandbox) fn scope_member(&self) -> String {
        self.scope
            .as_deref()
            .map(|scope| format!(r#","scope":{}"#, quoted(scope)))
            .unwrap_or_default()
    }

    fn reply(&self) -> Reply {
        Reply::json(
            StatusCode::OK,
            format!(
                r#"{{"access_token":"{}","token_type":"Bearer","expires_in":{}{}}}"#,
                self.jwt(self.lifetime),
                self.lifetime,
                self.scope_member(),
            ),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sandbox::{
        occasion::tests::with_occasion,
        request::tests::{FORM, JSON, basic, request},
    };

    fn answer(request: &Request) -> (u16, String) {
        let reply = with_occasion(|occasion| (SYSTEM.answer)(request, occasion));
        (reply.status.as_u16(), String::from_utf8_lossy(&reply.body).into_owned())
    }

    const GRANT: &str = "grant_type=client_credentials&scope=a+b";
    const POSTED: &str = "grant_type=client_credentials&scope=a+b&client_id=sandbox-client&\
                          client_secret=sandbox%2Bsecret%2F100%25";

    #[test]
    fn every_client_authentication_and_body_format_gets_a_token() {
        let raw = basic(CLIENT.id, CLIENT.secret);
        let encoded = basic(CLIENT.id, "sandbox%2Bsecret%2F100%25");
        let query = format!("{PATH}?{POSTED}");
        let json = r#"{"grant_type":"client_credentials","scope":"a b","client_id":"sandbox-client","client_secret":"sandbox+secret/100%"}"#;
        let public = format!("{GRANT}&client_id=sandbox-public");
        for (name, request) in [
            ("client_secret_basic, raw", request(PATH, &[FORM, ("authorization", &raw)], GRANT)),
            ("client_secret_basic", request(PATH, &[FORM, ("authorization", &encoded)], GRANT)),
            ("client_secret_post", request(PATH, &[FORM], POSTED)),
            ("JSON", request(PATH, &[JSON], json)),
            ("query", request(&query, &[], "")),
            ("none", request(PATH, &[FORM], &public)),
        ] {
            let (status, body) = answer(&request);
            let token = body.split('"').find(|part| part.starts_with("eyJ")).unwrap_or("?");
            let body = body.replace(token, "TOKEN");
            let expected =
                r#"{"access_token":"TOKEN","token_type":"Bearer","expires_in":3600,"scope":"a b"}"#;
            assert_eq!((status, &*body), (200, expected), "{name}");
        }
    }

    #[test]
    fn audience_and_resource_stand_in_the_token() {
        let body = format!("{POSTED}&audience=x&audience=y&resource=https%3A%2F%2Fz");
        let (_, body) = answer(&request(PATH, &[FORM], &body));
        let payload = body.split('.').nth(1).expect("three parts");
        let claims = base64::Engine::decode(&base64::prelude::BASE64_URL_SAFE_NO_PAD, payload);
        let claims: serde_json::Value =
            serde_json::from_slice(&claims.expect("base64url")).expect("JSON");
        assert_eq!(claims["aud"], json!(["x", "y", "https://z"]));
        assert_eq!(
            (&claims["iat"], &claims["exp"]),
            (&json!(1_790_000_000), &json!(1_790_003_600))
        );
    }

    #[test]
    fn each_bad_request_is_refused_as_the_standard_says() {
        let header = basic(CLIENT.id, CLIENT.secret);
        let bad = basic(CLIENT.id, "wrong");
        let mut get = request(PATH, &[], "");
        get.method = Method::GET;
        let text = ("content-type", "text/plain");
        for (name, request, status, code) in [
            ("GET", get, 405, "invalid_request"),
            ("an untyped body", request(PATH, &[text], POSTED), 400, "invalid_request"),
            ("twice", request(PATH, &[FORM], &format!("{POSTED}&scope=c")), 400, "invalid_request"),
            (
                "two ways",
                request(PATH, &[FORM, ("authorization", &header)], POSTED),
                400,
                "invalid_request",
            ),
            (
                "a wrong secret",
                request(PATH, &[FORM, ("authorization", &bad)], GRANT),
                401,
                "invalid_client",
            ),
            (
                "another scheme",
                request(PATH, &[FORM, ("authorization", "Bearer x")], GRANT),
                401,
                "invalid_client",
            ),
            ("no client", request(PATH, &[FORM], GRANT), 401, "invalid_client"),
            (
                "no grant",
                request(PATH, &[FORM, ("authorization", &header)], "scope=a"),
                400,
                "invalid_request",
            ),
            (
                "another grant",
                request(PATH, &[FORM], &POSTED.replace("=client_credentials", "=x")),
                400,
                "unsupported_grant_type",
            ),
            (
                "an odd scope",
                request(PATH, &[FORM], &POSTED.replace("a+b", "a++b")),
                400,
                "invalid_scope",
            ),
            ("another path", request("/plain/other", &[FORM], POSTED), 404, "not_found"),
        ] {
            let (found, body) = answer(&request);
            assert_eq!(found, status, "{name}: {body}");
            assert!(body.starts_with(&format!(r#"{{"error":"{code}","#)), "{name}: {body}");
        }
    }
}
