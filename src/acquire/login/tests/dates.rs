//! Log-ins of clients that prove who they are with an assertion: by whose clock it is dated.

use jsonwebtoken::dangerous::insecure_decode;

use super::*;
use crate::{
    clock::WallTime,
    credential::{Algorithm, Assertion, Signing},
};

/// A credential whose issuer names a token endpoint elsewhere, where an assertion is wanted.
fn of_an_issuer() -> Credential {
    let (algorithm, key) = (Algorithm::HS256, literal("s3cret"));
    let signing = Signing { algorithm, key, key_id: None, certificate: None };
    let (lifetime, claims) = (Duration::from_secs(60), [].into());
    let (issuer, subject, audience) = (None, None, None);
    let assertion = Assertion { signing, issuer, subject, audience, lifetime, claims };
    let mut credential = device_credential();
    let authentication = ClientAuthentication::Jwt(Box::new(assertion));
    credential.client = Arc::new(Client { authentication, ..(*credential.client).clone() });
    let endpoint = fixture::endpoint("https://idp.example");
    credential.endpoint = Arc::new(TokenEndpoint { discover: true, ..endpoint });
    credential
}

/// When the assertion in a request says that it was made.
fn made_at(request: &TokenRequest) -> WallTime {
    let assertion = &form(request)["client_assertion"];
    let claims = insecure_decode::<serde_json::Value>(assertion.as_bytes()).unwrap().claims;
    WallTime::from_seconds(claims["iat"].as_i64().unwrap())
}

#[tokio::test]
async fn an_assertion_is_dated_by_whom_the_issuer_names() {
    let document = br#"{"issuer":"https://idp.example","token_endpoint":"https://token.example/t","device_authorization_endpoint":"https://idp.example/device"}"#;
    let credential = of_an_issuer();
    let attempt = fixture::attempt(&credential);
    for is_device in [true, false] {
        let provider = Provider::new(|request| {
            let is_issuer = request.url.host_str() == Some("idp.example");
            let ours = [("Date", "Fri, 05 Nov 2021 14:18:31 GMT")];
            let late = [("Date", "Fri, 05 Nov 2021 15:18:31 GMT")];
            Ok(match request.url.path() {
                "/device" => raw(200, &ours, DEVICE),
                _ if is_issuer => raw(200, &ours, document),
                _ => raw(401, &late, b"{}"),
            })
        });
        let acquirer = fixture::acquirer(provider.clone());
        let (request, callback) = (request(), CALLBACK.parse().unwrap());
        let randomness = randomness();
        let page = acquirer.authorization(&attempt, &request, callback, &randomness);
        let page = page.await.unwrap();
        let device = acquirer.authorize_device(&attempt, None).await.unwrap();
        provider.paths();
        for _ in 0..2 {
            if is_device {
                acquirer.poll(&attempt, &device).await.unwrap_err();
            } else {
                acquirer.redeem_code(&attempt, &page, &"c0de".into()).await.unwrap_err();
            }
        }
        let asked = provider.asked.lock().unwrap();
        let [first, second] = &asked[..] else { panic!("two requests: {}", asked.len()) };
        // The first answer shows that the clock there is an hour ahead.
        let between = made_at(second).since(made_at(first));
        assert_eq!(between, Duration::from_secs(3600), "device: {is_device}");
    }
}
