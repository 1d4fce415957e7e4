use std::sync::Arc;

use super::*;
use crate::{
    acquire::fixture::{self, SECRET, literal, words},
    credential::{
        BasicEncoding, BodyFormat, BodyPart, BodyTemplate, ClientAuthentication, Credential,
        Method, Parameters, TokenEndpoint,
    },
};

async fn composed(credential: &Credential) -> TokenRequest {
    compose(&fixture::attempt(credential), fixture::SENT_AT.wall).await.unwrap().request
}

fn with(parameters: Parameters) -> Credential {
    Credential { parameters: Arc::new(parameters), ..fixture::credential() }
}

fn header<'a>(request: &'a TokenRequest, name: &str) -> Vec<&'a str> {
    let named = request.headers.iter().filter(|(key, _)| key.eq_ignore_ascii_case(name));
    named.map(|(_, value)| value.expose()).collect()
}

#[tokio::test]
async fn credentials_go_into_one_place() {
    let posted = "grant_type=client_credentials&client_id=we%3Aird%25%2B+id";
    let secret = "&client_secret=s%3Ae%25c%2Br%2Fe%3Dt+%26";
    for (authentication, authorization, body) in [
        (
            ClientAuthentication::ClientSecretBasic(BasicEncoding::Form),
            // we%3Aird%25%2B+id:s%3Ae%25c%2Br%2Fe%3Dt+%26
            vec!["Basic d2UlM0FpcmQlMjUlMkIraWQ6cyUzQWUlMjVjJTJCciUyRmUlM0R0KyUyNg=="],
            "grant_type=client_credentials".to_owned(),
        ),
        (
            ClientAuthentication::ClientSecretBasic(BasicEncoding::Raw),
            // we:ird%+ id:s:e%c+r/e=t &
            vec!["Basic d2U6aXJkJSsgaWQ6czplJWMrci9lPXQgJg=="],
            "grant_type=client_credentials".to_owned(),
        ),
        (ClientAuthentication::ClientSecretPost, vec![], format!("{posted}{secret}")),
        (ClientAuthentication::None, vec![], posted.to_owned()),
    ] {
        let mut credential = fixture::credential();
        credential.client = Arc::new(fixture::client(authentication.clone()));
        let request = composed(&credential).await;
        assert_eq!(header(&request, "authorization"), authorization, "{authentication:?}");
        assert_eq!(request.body.expose(), body, "{authentication:?}");
        assert_eq!(header(&request, "content-type"), ["application/x-www-form-urlencoded"]);
    }
}

#[tokio::test]
async fn an_api_key_may_be_the_user_of_basic() {
    let mut credential = fixture::credential();
    let client = Arc::make_mut(&mut credential.client);
    (client.id, client.secrets) = (Some(literal("sk_test_1")), [].into());
    let composed = compose(&fixture::attempt(&credential), fixture::SENT_AT.wall).await.unwrap();
    let (request, redaction) = (composed.request, composed.redaction);
    assert_eq!(header(&request, "authorization"), ["Basic c2tfdGVzdF8xOg=="]);
    assert_eq!(&*redaction.show("no key sk_test_1"), "no key [redacted]");
}

#[tokio::test]
async fn what_is_asked_is_encoded_as_the_provider_wants() {
    let asked = Parameters {
        audience: words(&["https://api.example"]),
        resource: words(&["urn:a", "urn:b"]),
        extra: [("company".into(), literal("ä&b")), ("Grant_Type".into(), literal("own"))].into(),
        ..fixture::parameters()
    };
    let form = "scope=studies%3Aread+feedback_session_uuid%3A4f%3ARW\
        &audience=https%3A%2F%2Fapi.example&resource=urn%3Aa&resource=urn%3Ab\
        &company=%C3%A4%26b&Grant_Type=own";
    let json = r#"{"Grant_Type":"own","audience":"https://api.example","company":"ä&b","resource":["urn:a","urn:b"],"scope":"studies:read feedback_session_uuid:4f:RW"}"#;
    for (body, content_type, url, expected) in [
        (BodyFormat::Form, vec!["application/x-www-form-urlencoded"], "?key=1".to_owned(), form),
        (BodyFormat::Json, vec!["application/json"], "?key=1".to_owned(), json),
        (BodyFormat::Query, vec![], format!("?key=1&{form}"), ""),
    ] {
        let endpoint = fixture::endpoint("https://idp.example/t/token?key=1");
        let credential = Credential {
            endpoint: Arc::new(endpoint),
            scope: "studies:read feedback_session_uuid:4f:RW".into(),
            ..with(Parameters { body: body.clone(), ..asked.clone() })
        };
        let request = composed(&credential).await;
        assert_eq!(request.body.expose(), expected, "{body:?}");
        assert_eq!(request.url.as_str(), format!("https://idp.example/t/token{url}"), "{body:?}");
        assert_eq!(header(&request, "content-type"), content_type, "{body:?}");
    }
}

fn document() -> BodyFormat {
    let text = |text: &str| BodyPart::Text(text.into());
    let named = |name: &str| BodyPart::Parameter(name.into());
    let parts = [
        text("<login id=\""),
        named("client_id"),
        text("\"><key>"),
        named("client_secret"),
        text("</key><for>"),
        named("company"),
        text("</for></login>"),
    ];
    let content_type = "text/xml; charset=utf-8".into();
    BodyFormat::Template(Box::new(BodyTemplate { content_type, parts: parts.into() }))
}

#[tokio::test]
async fn a_template_takes_the_place_of_all_parameters() {
    let extra = [("company".into(), literal("A&B"))].into();
    let mut credential = with(Parameters { body: document(), extra, ..fixture::parameters() });
    credential.client = Arc::new(fixture::client(ClientAuthentication::ClientSecretPost));
    let request = composed(&credential).await;
    let expected =
        "<login id=\"we:ird%+ id\"><key>s:e%c+r/e=t &amp;</key><for>A&amp;B</for></login>";
    assert_eq!(request.body.expose(), expected);
    assert_eq!(request.url.query(), None);
    assert_eq!(header(&request, "content-type"), ["text/xml; charset=utf-8"]);
}

#[tokio::test]
async fn what_belongs_into_the_query_goes_there_and_a_get_has_nothing_else() {
    let query = [("api-version".into(), literal("2 beta")), ("key".into(), literal("k3y&k3y"))];
    let extra = [("company".into(), literal("c"))];
    let asked = Parameters { query: query.into(), extra: extra.into(), ..fixture::parameters() };
    let own = "own=1&api-version=2+beta&key=k3y%26k3y";
    let form = "grant_type=client_credentials&company=c";
    for (method, body, in_query, in_body) in [
        (Method::Post, BodyFormat::Form, own.to_owned(), form),
        (Method::Post, BodyFormat::Query, format!("{own}&{form}"), ""),
        (Method::Get, BodyFormat::Query, format!("{own}&{form}"), ""),
        (Method::Get, BodyFormat::Form, format!("{own}&{form}"), ""),
        (Method::Get, document(), format!("{own}&{form}"), ""),
    ] {
        let case = format!("{method:?} {body:?}");
        let mut credential = with(Parameters { method, body, ..asked.clone() });
        credential.endpoint = Arc::new(fixture::endpoint("https://idp.example/token?own=1"));
        let composed =
            compose(&fixture::attempt(&credential), fixture::SENT_AT.wall).await.unwrap();
        let (request, redaction) = (composed.request, composed.redaction);
        assert_eq!(request.method, method);
        assert_eq!(request.url.query(), Some(&*in_query), "{case}");
        assert_eq!(request.body.expose(), in_body, "{case}");
        assert_eq!(header(&request, "content-type").is_empty(), in_body.is_empty(), "{case}");
        assert_eq!(&*redaction.show("?key=k3y%26k3y"), "?key=[redacted]", "{case}");
    }
}

#[tokio::test]
async fn a_request_without_parameters_has_no_query() {
    let mut credential = with(Parameters { method: Method::Get, ..fixture::parameters() });
    credential.grant = Arc::new(crate::credential::Grant::None);
    assert_eq!(composed(&credential).await.url.as_str(), "https://idp.example/token");
}

#[tokio::test]
async fn the_users_headers_replace_ours() {
    let request = composed(&fixture::credential()).await;
    assert_eq!(header(&request, "accept"), ["application/json"]);
    assert_eq!(header(&request, "user-agent"), [concat!("tokenward/", env!("CARGO_PKG_VERSION"))]);

    let headers = [("accept", "*/*"), ("x-api-key", "k3y-k3y")];
    let headers = headers.iter().map(|(name, value)| ((*name).into(), literal(value))).collect();
    let credential = with(Parameters { headers, ..fixture::parameters() });
    let composed = compose(&fixture::attempt(&credential), fixture::SENT_AT.wall).await.unwrap();
    let (request, redaction) = (composed.request, composed.redaction);
    assert_eq!(header(&request, "accept"), ["*/*"]);
    assert_eq!(header(&request, "x-api-key"), ["k3y-k3y"]);
    assert_eq!(&*redaction.show("bad key k3y-k3y"), "bad key [redacted]");
}

#[tokio::test]
async fn a_value_that_cannot_be_read_is_named() {
    let absent = ValueSource::Env("TOKENWARD_NO_SUCH".into());
    let mut unreadable_secret = fixture::credential();
    Arc::make_mut(&mut unreadable_secret.client).secrets = [absent.clone()].into();
    let extra = [("tenant".into(), absent)].into();
    let unreadable_extra = with(Parameters { extra, ..fixture::parameters() });
    for (credential, what) in [(unreadable_secret, "client_secret"), (unreadable_extra, "tenant")] {
        let error =
            compose(&fixture::attempt(&credential), fixture::SENT_AT.wall).await.err().unwrap();
        assert!(error.to_string().starts_with(&format!("{what}: the environment variable")));
        assert_eq!((error.fault(), error.reason()), (crate::error::Fault::Local, "source"));
    }
}

#[tokio::test]
async fn debug_shows_no_secret() {
    let parameters = Parameters { body: BodyFormat::Query, ..fixture::parameters() };
    let mut credential = with(parameters);
    credential.client = Arc::new(fixture::client(ClientAuthentication::ClientSecretPost));
    let url = "https://user:pass@idp.example/token?secret=hunter2".parse().unwrap();
    credential.endpoint =
        Arc::new(TokenEndpoint { url, ..fixture::endpoint("https://idp.example") });
    let request = composed(&credential).await;
    assert!(request.url.query().unwrap().contains("client_secret=s%3Ae%25c%2Br"));
    let shown = format!("{request:?}");
    assert!(shown.contains("https://idp.example/token"), "{shown}");
    for secret in ["hunter2", "pass@", SECRET, "s%3Ae"] {
        assert!(!shown.contains(secret), "{shown}");
    }
}
