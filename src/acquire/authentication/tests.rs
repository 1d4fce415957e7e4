//! Clients that prove who they are with an assertion, and with the one of several secrets.

use std::{collections::HashMap, sync::Arc, time::Duration};

use jsonwebtoken::{DecodingKey, Validation};
use serde_json::Value;

use super::*;
use crate::{
    acquire::{
        fixture::{self, SENT_AT, literal},
        request::compose,
    },
    credential::{Algorithm, Assertion, Client, ClientAuthentication, Credential, Grant, Signing},
};

fn assertion(key: &str) -> Assertion {
    let signing =
        Signing { algorithm: Algorithm::HS256, key: literal(key), key_id: None, certificate: None };
    let lifetime = Duration::from_secs(60);
    let [issuer, subject, audience] = [None, None, None];
    Assertion { signing, issuer, subject, audience, lifetime, claims: [].into() }
}

fn client(authentication: ClientAuthentication, secrets: &[&str]) -> Credential {
    let secrets = secrets.iter().map(|secret| literal(secret)).collect();
    let client = Client { id: Some(literal("client")), secrets, authentication };
    Credential { client: Arc::new(client), ..fixture::credential() }
}

/// The parameters and the `Authorization` header of an attempt with this secret.
async fn sent(
    credential: &Credential,
    client_secret: usize,
) -> (HashMap<String, String>, Option<String>) {
    let attempt = Attempt { client_secret, ..fixture::attempt(credential) };
    let request = compose(&attempt, SENT_AT.wall).await.unwrap().request;
    let body = url::form_urlencoded::parse(request.body.expose().as_bytes()).into_owned();
    let mut headers = request.headers.iter();
    let header = headers.find(|(name, _)| &**name == "Authorization");
    (body.collect(), header.map(|(_, value)| value.expose().to_owned()))
}

/// The claims, if this secret signed them.
fn claims(token: &str, secret: &str) -> Option<Value> {
    let mut validation = Validation::new(jsonwebtoken::Algorithm::HS256);
    (validation.validate_exp, validation.validate_aud) = (false, false);
    let key = DecodingKey::from_secret(secret.as_bytes());
    jsonwebtoken::decode::<Value>(token, &key, &validation).ok().map(|data| data.claims)
}

#[tokio::test]
async fn a_client_proves_itself_with_an_assertion_and_nothing_else() {
    // (case, the assertion's own key, the client's secrets, the one in turn, the one that signs)
    let cases: [(_, _, &[&str], _, _); 4] = [
        ("client_secret_jwt", "one", &["one"], 0, "one"),
        ("the second secret", "one", &["one", "two"], 1, "two"),
        ("after the last, the first", "one", &["one", "two"], 2, "one"),
        ("private_key_jwt", "private", &[], 3, "private"),
    ];
    for (case, key, secrets, in_turn, signer) in cases {
        let scope = [("scope".into(), literal("a b"))];
        let assertion = Assertion { claims: scope.into(), ..assertion(key) };
        let authentication = ClientAuthentication::Jwt(Box::new(assertion));
        let (body, authorization) = sent(&client(authentication, secrets), in_turn).await;
        assert_eq!(body["client_id"], "client", "{case}");
        assert_eq!(
            body["client_assertion_type"], "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
            "{case}"
        );
        let claims = claims(&body["client_assertion"], signer).expect(case);
        assert_eq!((&claims["iss"], &claims["sub"]), (&"client".into(), &"client".into()));
        assert_eq!(claims["aud"], "https://idp.example/token", "{case}");
        assert_eq!(claims["scope"], "a b", "{case}: as it is configured");
        assert!(authorization.is_none() && !body.contains_key("client_secret"), "{case}");
    }
}

#[tokio::test]
async fn each_attempt_uses_the_secret_that_is_in_turn() {
    let basic = ClientAuthentication::ClientSecretBasic(BasicEncoding::Raw);
    for (in_turn, expected) in [(0, "client:one"), (1, "client:two"), (2, "client:one")] {
        let (_, authorization) = sent(&client(basic.clone(), &["one", "two"]), in_turn).await;
        assert_eq!(authorization, Some(format!("Basic {}", STANDARD.encode(expected))));
        let post = client(ClientAuthentication::ClientSecretPost, &["one", "two"]);
        let (body, _) = sent(&post, in_turn).await;
        assert_eq!(format!("client:{}", body["client_secret"]), expected);
    }
}

#[tokio::test]
async fn a_client_with_a_certificate_names_itself_and_shows_no_secret() {
    let (body, authorization) = sent(&client(ClientAuthentication::TlsClientAuth, &[]), 0).await;
    assert_eq!(body["client_id"], "client");
    assert_eq!((body.len(), authorization), (2, None), "{body:?}");
}

#[tokio::test]
async fn an_assertion_is_the_grant_or_stands_in_the_header() {
    let assertion = assertion("key");
    let base = client(ClientAuthentication::None, &[]);
    let with = |grant| Credential { grant: Arc::new(grant), scope: "a".into(), ..base.clone() };
    let (body, authorization) = sent(&with(Grant::JwtBearer(assertion.clone())), 0).await;
    assert_eq!(body["grant_type"], "urn:ietf:params:oauth:grant-type:jwt-bearer");
    assert_eq!((&*body["scope"], authorization), ("a", None));
    let granted = claims(&body["assertion"], "key").expect("a signature that holds");
    assert_eq!((&granted["iss"], granted.get("sub")), (&"client".into(), None));

    let (body, authorization) = sent(&with(Grant::AppJwt(assertion)), 0).await;
    assert!(!body.contains_key("grant_type"), "{body:?}");
    let header = authorization.unwrap_or_default();
    let token = header.strip_prefix("Bearer ").unwrap_or_default();
    let claims = claims(token, "key").expect("a signature that holds");
    assert_eq!((&claims["iss"], claims.get("aud")), (&"client".into(), None));
}
