//! From a credential to a token, over a transport in memory.

use std::{future, sync::Arc, time::Duration};

use super::*;
use crate::{
    credential::{
        BasicEncoding, BodyFormat, ClientAuthentication, Credential, Parameters, TokenEndpoint,
    },
    error::Fault,
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
    Acquirer::new(Arc::new(Canned(answer))).acquire(&fixture::attempt(credential)).await
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
    assert_eq!(issued.expires_at(), fixture::SENT_AT.wall + MINUTE);
    assert!(!format!("{issued:?}").contains("\"t\""));
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
    ] {
        for body in [BodyFormat::Form, BodyFormat::Json, BodyFormat::Query] {
            let mut credential = fixture::credential();
            credential.client = Arc::new(fixture::client(authentication.clone()));
            credential.parameters =
                Arc::new(Parameters { body: body.clone(), ..parameters.clone() });
            for part in 0..6 {
                let error =
                    ask(&credential, move |request| Ok(echo(request, part))).await.unwrap_err();
                for text in [error.to_string(), format!("{error:?}")] {
                    for secret in ["s:e%c", "s%3Ae", "s%3ae", "czpl", "d2U", "p4ss", "k3y/"] {
                        assert!(!text.contains(secret), "{authentication:?} {body:?}: {text}");
                    }
                }
            }
        }
    }
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
