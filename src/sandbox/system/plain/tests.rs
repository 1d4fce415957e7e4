//! The token endpoint and its client authentication; each grant is tested in its file.

use hyper::Method;
use jsonwebtoken::Algorithm;
use serde_json::{Value, json};

use super::*;
use crate::sandbox::{
    assertion::tests::signed,
    memory::Memory,
    occasion::tests::{NOW, with_memory},
    request::{
        Request,
        tests::{FORM, JSON, basic, request},
    },
};

const PATH: &str = "/plain/token";
const ISSUER: &str = "http://sandbox/plain";
const TYPE: &str = "urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3Ajwt-bearer";

/// Asks a server again and again, that remembers.
pub(in crate::sandbox) struct Server(pub(in crate::sandbox) Memory, u8);

impl Server {
    pub(in crate::sandbox) fn new() -> Self {
        Self(Memory::default(), 0)
    }

    pub(in crate::sandbox) fn answer(&mut self, request: &Request) -> Reply {
        self.1 += 1;
        with_memory(&self.0, |occasion| {
            occasion.random[0] = self.1;
            (SYSTEM.answer)(request, occasion)
        })
    }

    /// A form of the usual client; the status, and what the reply says.
    pub(in crate::sandbox) fn post(&mut self, endpoint: &str, form: &str) -> (u16, Value) {
        let form =
            format!("client_id=sandbox-client&client_secret=sandbox%2Bsecret%2F100%25&{form}");
        let reply = self.answer(&request(&format!("/plain{endpoint}"), &[FORM], &form));
        (reply.status.as_u16(), serde_json::from_slice(&reply.body).unwrap_or_default())
    }

    /// Whether an access token is good.
    pub(in crate::sandbox) fn takes(&mut self, token: &Value) -> bool {
        let bearer = format!("Bearer {}", token.as_str().unwrap_or_default());
        let check = request("/plain/check", &[("authorization", &bearer)], "");
        self.answer(&check).status == 200
    }
}

fn answer(request: &Request) -> (u16, String) {
    let reply = Server::new().answer(request);
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
    let claims: Value = serde_json::from_slice(&claims.expect("base64url")).expect("JSON");
    assert_eq!(claims["aud"], json!(["x", "y", "https://z"]));
    assert_eq!((&claims["iat"], &claims["exp"]), (&json!(1_790_000_000), &json!(1_790_003_600)));
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

/// A form with a client assertion of these claims.
fn asserted(algorithm: Algorithm, claims: &Value) -> String {
    let assertion = signed(algorithm, claims);
    format!("{GRANT}&client_assertion_type={TYPE}&client_assertion={assertion}")
}

#[test]
fn clients_authenticate_with_assertions_once_each() {
    use Algorithm::{ES256, EdDSA, HS256, PS256, RS256};
    for algorithm in [HS256, RS256, PS256, ES256, EdDSA] {
        for audience in [ISSUER, "http://sandbox/plain/token"] {
            let claims = json!({
                "iss": CLIENT.id, "sub": CLIENT.id, "aud": audience, "jti": "1",
                "exp": NOW.seconds() + 60,
            });
            let form = asserted(algorithm, &claims);
            let mut server = Server::new();
            let statuses = [&form, &form]
                .map(|form| server.answer(&request(PATH, &[FORM], form)).status.as_u16());
            assert_eq!(statuses, [200, 401], "{algorithm:?} for {audience}");
        }
    }
}

#[test]
fn an_assertion_of_somebody_else_is_refused() {
    let good = json!({
        "iss": CLIENT.id, "sub": CLIENT.id, "aud": ISSUER, "jti": "1", "exp": NOW.seconds() + 60,
    });
    for (name, claim, value) in
        [("iss", "iss", "x"), ("sub", "sub", "x"), ("aud", "aud", "http://sandbox/other")]
    {
        let mut claims = good.clone();
        claims[claim] = json!(value);
        let (status, body) = answer(&request(PATH, &[FORM], &asserted(Algorithm::HS256, &claims)));
        assert_eq!(status, 401, "{name}: {body}");
    }
    let form = asserted(Algorithm::HS256, &good);
    for (name, form) in [
        ("another id", format!("{form}&client_id=x")),
        ("another type", form.replace(TYPE, "x")),
        ("two ways", format!("{form}&client_secret=x")),
    ] {
        let (status, body) = answer(&request(PATH, &[FORM], &form));
        assert!(status == 401 || status == 400, "{name}: {body}");
    }
}

#[test]
fn a_grant_type_of_a_providers_own_wants_its_parameter() {
    let mut server = Server::new();
    let form = "grant_type=account_credentials";
    assert_eq!(server.post("/token", form).0, 400);
    assert_eq!(server.post("/token", &format!("{form}&account_id=1")).0, 200);
}

#[test]
fn a_token_is_good_until_it_expires() {
    let mut server = Server::new();
    let (_, granted) = server.post("/token", "grant_type=client_credentials");
    assert!(server.takes(&granted["access_token"]));
    assert!(!server.takes(&json!("another")));
    let bearer = format!("Bearer {}", granted["access_token"].as_str().unwrap_or_default());
    let check = request("/plain/check", &[("authorization", &bearer)], "");
    let late = with_memory(&server.0, |occasion| {
        occasion.now = occasion.expiry(3600);
        (SYSTEM.answer)(&check, occasion)
    });
    assert_eq!(late.status, 401);
}

#[test]
fn the_metadata_name_the_endpoints() {
    for path in
        ["/plain/.well-known/openid-configuration", "/plain/.well-known/oauth-authorization-server"]
    {
        let mut asked = request(path, &[], "");
        asked.method = Method::GET;
        let (status, body) = answer(&asked);
        let said: Value = serde_json::from_str(&body).expect("JSON");
        assert_eq!((status, &said["issuer"]), (200, &json!(ISSUER)), "{path}");
        for endpoint in ["token", "authorization", "device_authorization"] {
            let url = said[format!("{endpoint}_endpoint")].as_str().unwrap_or_default();
            assert!(url.starts_with(ISSUER), "{path}: {endpoint} at {url}");
        }
    }
}
