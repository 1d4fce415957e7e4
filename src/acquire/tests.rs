//! From a credential to a token, over a transport in memory.

use std::{fmt::Debug, future, sync::Arc, time::Duration};

use super::{attempt::HandedIn, redaction::Redaction, *};
use crate::{
    clock::ManualClock,
    credential::{
        Algorithm, Assertion, BasicEncoding, BodyFormat, BodyPart, BodyTemplate,
        ClientAuthentication, Credential, Location, Parameters, ReplyShape, Signing, TokenEndpoint,
    },
    error::Fault,
    token::{Expiry, RefreshToken},
};

const MINUTE: Duration = Duration::from_secs(60);

/// Answers at once with what it makes of the request.
struct Canned<Answer>(Answer);

impl<Answer> HttpTransport for Canned<Answer>
where
    Answer: Fn(&TokenRequest) -> Result<RawResponse, TransportError> + Send + Sync,
{
    fn send<'a>(&'a self, _: &'a TokenEndpoint, sent: TokenRequest, _: Duration) -> Exchange<'a> {
        Box::pin(future::ready((self.0)(&sent)))
    }
}

async fn ask<Answer>(credential: &Credential, answer: Answer) -> Result<IssuedToken, AcquireError>
where
    Answer: Fn(&TokenRequest) -> Result<RawResponse, TransportError> + Send + Sync + 'static,
{
    fixture::acquirer(Arc::new(Canned(answer))).acquire(&fixture::attempt(credential)).await
}

#[tokio::test]
async fn a_credential_becomes_a_token() {
    let reply = |_: &TokenRequest| {
        Ok(fixture::raw(200, &[], br#"{"access_token":"t","expires_in":60,"scope":"a"}"#))
    };
    // On a task of its own, as the refresher does it.
    let attempt = async move { ask(&fixture::credential(), reply).await };
    let issued = tokio::spawn(attempt).await.unwrap().unwrap();
    assert_eq!(issued.access_token.expose(), "t");
    assert_eq!(issued.expiry(), Expiry::At(fixture::SENT_AT.wall + MINUTE));
}

#[test]
fn debug_shows_no_token() {
    const SECRET: &str = "s3cret";
    let refresh_token = RefreshToken::first(SECRET.into());
    let reply = format!(
        r#"{{"access_token":"{SECRET}","device_code":"{SECRET}","user_code":"AB-CD",
            "verification_uri":"https://idp.example/go","field":"{SECRET}"}}"#
    );
    let raw = fixture::raw(200, &[("Set-Cookie", "id=s3cret")], reply.as_bytes());
    let credential = fixture::credential();
    let field = ("field".into(), Location::Field(fixture::path("field")));
    let shape = ReplyShape { fields: [field].into(), ..fixture::shape() };
    let issued = fixture::read_as(shape, &raw).unwrap();
    let attempt = Attempt { previous: Some(&issued), ..fixture::attempt(&credential) };
    let device = reply::device(&attempt, &raw, Redaction::default()).unwrap();
    let handed_in = HandedIn { token: Some(refresh_token.clone()), origin: None, is_new: true };
    let rescued = Rescued { refresh_token, origin: None };
    let mut redaction = Redaction::default();
    redaction.hide(&SECRET.into());
    let values: [(&str, &dyn Debug); 7] = [
        ("reply", &raw),
        ("token", &issued),
        ("attempt", &attempt),
        ("device code", &device),
        ("handed in", &handed_in),
        ("rescued", &rescued),
        ("redaction", &redaction),
    ];
    for (case, value) in values {
        let shown = format!("{value:?}");
        assert!(shown.len() > 2 && !shown.contains(SECRET), "{case}: {shown}");
    }
}

#[tokio::test]
async fn a_failed_exchange_keeps_its_fault() {
    let error = ask(&fixture::credential(), |_| {
        Err(TransportError::Timeout { origin: "https://idp.example".into(), after: MINUTE })
    })
    .await
    .unwrap_err();
    assert_eq!((error.reason(), error.fault()), ("timeout", Fault::Transient));
    assert!(error.to_string().ends_with(error.advice()), "{error}");
}

/// A machine whose clock is wrong is refused once: the refusal says what time it is.
#[tokio::test]
async fn an_assertion_is_dated_by_the_servers_clock() {
    for minutes in [-10, 10] {
        let server_time = fixture::SENT_AT.wall.shifted(minutes * 60_000);
        let date = jiff::Timestamp::from_second(server_time.seconds()).unwrap();
        let date = date.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string();
        let server = move |request: &TokenRequest| {
            let good = issued_within_a_minute_of(request, server_time.seconds());
            let (status, body) = if good {
                (200, r#"{"access_token":"t","expires_in":60}"#)
            } else {
                (401, r#"{"error":"invalid_client"}"#)
            };
            Ok(fixture::raw(status, &[("Date", &date)], body.as_bytes()))
        };
        let mut credential = fixture::credential();
        let authentication = ClientAuthentication::Jwt(Box::new(mac_assertion()));
        credential.client = Arc::new(fixture::client(authentication));
        let clock = Arc::new(ManualClock::new(fixture::SENT_AT));
        let acquirer = Acquirer::new(Arc::new(Canned(server)), clock);
        let attempt = fixture::attempt(&credential);
        let error = acquirer.acquire(&attempt).await.unwrap_err();
        let seen = (error.reason(), error.fault(), error.rejects_client());
        assert_eq!(seen, ("clock_skew", Fault::Transient, false), "{minutes}: {error}");
        let issued = acquirer.acquire(&attempt).await;
        let issued = issued.unwrap_or_else(|error| panic!("{minutes}: {error}"));
        assert_eq!(issued.requested_at, fixture::SENT_AT, "lifetimes stay on our clock");
    }
}

/// Whether a server whose clock shows `now` takes the assertion in the request.
fn issued_within_a_minute_of(request: &TokenRequest, now: i64) -> bool {
    let mut pairs = url::form_urlencoded::parse(request.body.expose().as_bytes());
    let (_, token) = pairs.find(|(name, _)| name == "client_assertion").expect("an assertion");
    let claims = jsonwebtoken::dangerous::insecure_decode::<serde_json::Value>(token.as_bytes());
    let claims = claims.expect("a JWT").claims;
    let number = |name: &str| claims[name].as_i64().expect("a date");
    number("nbf") <= now && now < number("exp")
}

fn mac_assertion() -> Assertion {
    let key = fixture::literal(fixture::SECRET);
    let signing = Signing { algorithm: Algorithm::HS256, key, key_id: None, certificate: None };
    let (issuer, subject, audience) = (None, None, None);
    Assertion { signing, issuer, subject, audience, lifetime: MINUTE, claims: [].into() }
}

#[test]
fn it_is_told_apart_who_is_refused() {
    // (case, status, body, whether the client is)
    for (case, status, body, expected) in [
        ("by its name", 400, r#"{"error":"invalid_client"}"#, true),
        ("by the status", 401, "", true),
        ("by another status", 403, "", true),
        ("a gateway", 403, "<html>Forbidden</html>", false),
        ("another name", 401, r#"{"error":"invalid_grant"}"#, false),
        ("too many", 429, r#"{"error":"invalid_client"}"#, false),
        ("anything else", 400, "", false),
    ] {
        let error = fixture::read(&fixture::raw(status, &[], body.as_bytes())).unwrap_err();
        assert_eq!(error.rejects_client(), expected, "{case}: {error}");
    }
}

/// glewlwyd answers a spent refresh token with 400 and an empty body.
#[tokio::test]
async fn a_refused_refresh_token_may_be_spent_even_if_nobody_says_so() {
    let seed = fixture::literal("r3fresh");
    let hands_in = Grant::RefreshToken { seed };
    // (case, grant, status, body, reason, what the text says)
    let cases = [
        ("no name", &hands_in, 400, "", "http_status", "put a new one where `refresh_token` is"),
        ("no name, but words", &hands_in, 400, r#"{"message":"No"}"#, "http_status", "put a new"),
        ("another status", &hands_in, 403, "", "http_status", "body; check client_id"),
        ("a name", &hands_in, 400, r#"{"error":"invalid_scope"}"#, "invalid_scope", "scope"),
        ("none handed in", &Grant::ClientCredentials, 400, "", "http_status", "body; check"),
    ];
    for (case, grant, status, body, reason, says) in cases {
        let mut credential = fixture::credential();
        credential.grant = Arc::new(grant.clone());
        let raw = fixture::raw(status, &[], body.as_bytes());
        let error = ask(&credential, move |_| Ok(raw.clone())).await.unwrap_err();
        assert_eq!((error.reason(), error.fault()), (reason, Fault::Permanent), "{case}: {error}");
        let text = error.to_string();
        assert!(text.contains(says) && text.ends_with(error.advice()), "{case}: {text}");
        assert_eq!(text.contains("put a new one"), says.starts_with("put a new"), "{case}: {text}");
    }
}

/// The worst server: it repeats the whole request in its error.
#[tokio::test]
async fn a_request_that_comes_back_shows_no_secret() {
    let extra = [("password".into(), fixture::literal("p4ss w0rd"))].into();
    let headers = [("x-api-key".into(), fixture::literal("k3y/k3y"))].into();
    let parameters = Parameters { extra, headers, ..fixture::parameters() };
    let basic = ClientAuthentication::ClientSecretBasic;
    for authentication in [
        basic(BasicEncoding::Form),
        basic(BasicEncoding::Raw),
        ClientAuthentication::ClientSecretPost,
        ClientAuthentication::Jwt(Box::new(mac_assertion())),
    ] {
        for body in [BodyFormat::Form, BodyFormat::Json, BodyFormat::Query, document()] {
            let mut credential = fixture::credential();
            credential.client = Arc::new(fixture::client(authentication.clone()));
            credential.parameters =
                Arc::new(Parameters { body: body.clone(), ..parameters.clone() });
            for part in 0..6 {
                let error =
                    ask(&credential, move |request| Ok(echo(request, part))).await.unwrap_err();
                for text in [error.to_string(), format!("{error:?}")] {
                    for secret in ["s:e%c", "s%3Ae", "s%3ae", "czpl", "d2U", "p4ss", "k3y/", "eyJ"]
                    {
                        assert!(!text.contains(secret), "{authentication:?} {body:?}: {text}");
                    }
                }
            }
        }
    }
}

/// An XML document with all that is secret in it.
fn document() -> BodyFormat {
    let names = ["client_id", "client_secret", "password"];
    let parts = names.map(|name| BodyPart::Parameter(name.into())).into();
    BodyFormat::Template(Box::new(BodyTemplate { content_type: "text/xml".into(), parts }))
}

/// One part of the request as the description of an error: the URL's query, the body, a header.
fn echo(request: &TokenRequest, part: usize) -> RawResponse {
    let said = match part {
        0 => request.url.query().unwrap_or_default(),
        1 => request.body.expose(),
        _ => request.headers.get(part - 2).map_or("", |(_, value)| value.expose()),
    };
    let body = serde_json::json!({ "error": "invalid_client", "error_description": said });
    fixture::raw(400, &[], body.to_string().as_bytes())
}
