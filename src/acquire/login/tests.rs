mod dates;

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use url::Url;

use super::*;
use crate::{
    acquire::{
        RawResponse, TokenRequest,
        fixture::{self, Provider, literal, raw},
    },
    credential::{
        AuthorizationRequest, BasicEncoding, Client, ClientAuthentication, Credential, Endpoint,
        Grant, Parameters, TokenEndpoint,
    },
    error::Fault,
    secret::Secret,
};

const TOKEN: &[u8] =
    br#"{"access_token":"t","refresh_token":"r","expires_in":60,"refresh_expires_in":600}"#;
const DEVICE: &[u8] =
    br#"{"device_code":"d3v1ce","user_code":"AB-CD","verification_uri":"https://idp.example/go","expires_in":300,"interval":7}"#;
const CALLBACK: &str = "http://127.0.0.1:8765/callback";

fn with(grant: Grant) -> Credential {
    let parameters = Parameters { audience: fixture::words(&["api"]), ..fixture::parameters() };
    let client = Client {
        id: Some(literal("cli")),
        secrets: [literal("s3cret")].into(),
        authentication: ClientAuthentication::ClientSecretPost,
    };
    Credential {
        grant: Arc::new(grant),
        parameters: Arc::new(parameters),
        scope: "a b".into(),
        client: Arc::new(client),
        ..fixture::credential()
    }
}

fn request() -> AuthorizationRequest {
    AuthorizationRequest {
        endpoint: Some(Endpoint("https://idp.example/authorize?tenant=1".parse().unwrap())),
        redirect_uri: CALLBACK.parse().unwrap(),
        pkce: true,
        parameters: [("prompt".into(), "consent".into()), ("scope".into(), "other".into())].into(),
    }
}

/// The octets of RFC 7636, appendix B, as the verifier.
fn randomness() -> Randomness {
    let verifier = URL_SAFE_NO_PAD.decode("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk").unwrap();
    let mut octets = [7; 48];
    octets[16..].copy_from_slice(&verifier);
    Randomness(octets)
}

fn form(request: &TokenRequest) -> BTreeMap<String, String> {
    url::form_urlencoded::parse(request.body.expose().as_bytes()).into_owned().collect()
}

fn device_credential() -> Credential {
    with(Grant::DeviceCode { endpoint: None })
}

fn endpoint() -> Url {
    "https://idp.example/device".parse().unwrap()
}

async fn authorize_device(reply: RawResponse) -> Result<DeviceAuthorization, AcquireError> {
    let acquirer = fixture::acquirer(Provider::new(move |_| Ok(reply.clone())));
    let credential = device_credential();
    acquirer.authorize_device(&fixture::attempt(&credential), Some(&endpoint())).await
}

#[tokio::test]
async fn a_device_asks_for_a_code_and_then_for_the_token() {
    let provider = Provider::new(|request| {
        Ok(match request.url.path() {
            "/device" => raw(200, &[], DEVICE),
            _ => raw(200, &[], TOKEN),
        })
    });
    let acquirer = fixture::acquirer(provider.clone());
    let credential = device_credential();
    let attempt = fixture::attempt(&credential);
    let device = acquirer.authorize_device(&attempt, Some(&endpoint())).await.unwrap();
    assert_eq!(&*device.user_code, "AB-CD");
    assert_eq!(device.interval, Duration::from_secs(7));
    let Poll::Issued(token) = acquirer.poll(&attempt, &device).await.unwrap() else {
        panic!("no token")
    };
    let refresh_token = token.refresh_token.unwrap();
    assert_eq!((refresh_token.value.expose(), refresh_token.rotates), ("r", false));
    assert_eq!(refresh_token.expires_at, Some(fixture::SENT_AT.wall + Duration::from_secs(600)));
    assert_eq!(token.origin, Some(Fingerprint::of(b"d3v1ce").to_string().into()));

    let asked = provider.asked.lock().unwrap();
    let expected = [("audience", "api"), ("client_id", "cli"), ("client_secret", "s3cret")];
    let expected: BTreeMap<_, _> =
        expected.iter().map(|(name, value)| (name.to_string(), value.to_string())).collect();
    let mut first = form(&asked[0]);
    assert_eq!(first.remove("scope").as_deref(), Some("a b"));
    assert_eq!(first, expected);
    let mut second = form(&asked[1]);
    let grant_type = second.remove("grant_type");
    assert_eq!(grant_type.as_deref(), Some("urn:ietf:params:oauth:grant-type:device_code"));
    assert_eq!(second.remove("device_code").as_deref(), Some("d3v1ce"));
    assert_eq!(second, expected);
}

/// RFC 8628, section 3.1: `client_id` is one of the parameters of that request. The token request
/// has it once, in the header.
#[tokio::test]
async fn a_device_names_its_client_however_that_proves_itself() {
    use ClientAuthentication::{ClientSecretBasic, ClientSecretPost, None as Nothing};
    let basic = || ClientSecretBasic(BasicEncoding::Form);
    for authentication in [Nothing, ClientSecretPost, basic()] {
        let provider = Provider::new(|_| Ok(raw(200, &[], DEVICE)));
        let acquirer = fixture::acquirer(provider.clone());
        let mut credential = device_credential();
        let client = Client { authentication, ..(*credential.client).clone() };
        credential.client = Arc::new(client.clone());
        let attempt = fixture::attempt(&credential);
        let device = acquirer.authorize_device(&attempt, Some(&endpoint())).await.unwrap();
        acquirer.poll(&attempt, &device).await.unwrap_err();
        let asked = provider.asked.lock().unwrap();
        let named = asked.iter().map(|request| form(request).remove("client_id"));
        let in_header = client.authentication == basic();
        let expected = [Some("cli".to_owned()), (!in_header).then(|| "cli".to_owned())];
        assert_eq!(named.collect::<Vec<_>>(), expected, "{:?}", client.authentication);
        let proves = |request: &TokenRequest| {
            request.headers.iter().any(|(name, _)| &**name == "Authorization")
        };
        assert_eq!(asked.iter().all(proves), in_header, "{:?}", client.authentication);
    }
}

#[tokio::test]
async fn every_answer_to_a_device_is_told_apart() {
    // (case, status, body, the page and the code, or the reason and the fault)
    let cases = [
        (
            "as in the RFC",
            200,
            r#"{"device_code":"d","user_code":"u","verification_uri":"https://h/","interval":0}"#,
            Ok(("https://h/", "u")),
        ),
        (
            "the draft's name",
            200,
            r#"{"device_code":"d","user_code":"u","verification_url":"https://h/"}"#,
            Ok(("https://h/", "u")),
        ),
        (
            "colours for the terminal",
            200,
            r#"{"device_code":"d","user_code":"\u001b[31mu","verification_uri":"https://h/\u001bx"}"#,
            Ok(("https://h/%1Bx", "\\u{1b}[31mu")),
        ),
        ("no code", 200, r#"{"user_code":"u"}"#, Err(("device_reply", Fault::Permanent))),
        (
            "a page that is none",
            200,
            r#"{"device_code":"d","user_code":"u","verification_uri":"javascript:1"}"#,
            Err(("device_reply", Fault::Permanent)),
        ),
        (
            "unknown client",
            401,
            r#"{"error":"invalid_client"}"#,
            Err(("invalid_client", Fault::Permanent)),
        ),
        ("busy", 503, "", Err(("http_status", Fault::Transient))),
        ("moved", 302, "", Err(("redirect", Fault::Permanent))),
    ];
    for (case, status, body, expected) in cases {
        match (authorize_device(raw(status, &[], body.as_bytes())).await, expected) {
            (Ok(device), Ok((page, code))) => {
                assert_eq!((device.verification_uri.as_str(), &*device.user_code), (page, code));
                assert_eq!(device.interval, Duration::from_secs(5), "{case}");
            }
            (Err(error), Err(expected)) => {
                assert_eq!((error.reason(), error.fault()), expected, "{case}");
                assert!(error.to_string().ends_with(error.advice()), "{case}: {error}");
            }
            (device, _) => panic!("{case}: {device:?}"),
        }
    }
}

#[tokio::test]
async fn a_device_waits_as_it_is_told() {
    // (case, status, error, what it comes to)
    let cases = [
        ("pending", 400, "authorization_pending", Ok("Pending")),
        ("pending at GitHub", 200, "authorization_pending", Ok("Pending")),
        ("slow down", 400, "slow_down", Ok("SlowDown")),
        ("denied", 400, "access_denied", Err(("access_denied", Fault::Permanent))),
        ("too late", 400, "expired_token", Err(("expired_token", Fault::Permanent))),
        ("busy", 503, "server_error", Err(("server_error", Fault::Transient))),
    ];
    for (case, status, error, expected) in cases {
        let body = format!(r#"{{"error":"{error}"}}"#);
        let acquirer =
            fixture::acquirer(Provider::new(move |_| Ok(raw(status, &[], body.as_bytes()))));
        let credential = device_credential();
        let device = authorize_device(raw(
            200,
            &[],
            br#"{"device_code":"d","user_code":"u","verification_uri":"https://h/"}"#,
        ));
        let device = device.await.unwrap();
        let poll = acquirer.poll(&fixture::attempt(&credential), &device).await;
        let came_to = match &poll {
            Ok(poll) => Ok(format!("{poll:?}")),
            Err(error) => Err((error.reason(), error.fault())),
        };
        assert_eq!(came_to, expected.map(str::to_owned), "{case}");
    }
}

#[tokio::test]
async fn a_page_is_made_as_in_the_rfcs() {
    let provider = Provider::new(|_| Ok(raw(200, &[], TOKEN)));
    let acquirer = fixture::acquirer(provider.clone());
    let credential = with(Grant::AuthorizationCode(request()));
    let attempt = fixture::attempt(&credential);
    let callback: Url = CALLBACK.parse().unwrap();
    let request = request();
    let page = acquirer.authorization(&attempt, &request, callback, &randomness()).await.unwrap();
    // `state` and verifier stand in for the person until the browser is back.
    assert_eq!(format!("{page:?} {:?}", randomness()), "Authorization [redacted]");
    let state = "BwcHBwcHBwcHBwcHBwcHBw";
    let expected = [
        ("tenant", "1"),
        ("response_type", "code"),
        ("client_id", "cli"),
        ("redirect_uri", CALLBACK),
        ("state", state),
        ("code_challenge", "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"),
        ("code_challenge_method", "S256"),
        ("audience", "api"),
        ("prompt", "consent"),
        ("scope", "other"),
    ];
    let query: Vec<_> = page.url.query_pairs().into_owned().collect();
    let expected: Vec<_> =
        expected.iter().map(|(name, value)| (name.to_string(), value.to_string())).collect();
    assert_eq!(query, expected);

    let address = format!("{CALLBACK}?code=c0de&state={state}").parse().unwrap();
    let code = page.answer(&address).unwrap();
    let token = acquirer.redeem_code(&attempt, &page, &code).await.unwrap();
    assert_eq!(token.refresh_token.unwrap().value.expose(), "r");
    let asked = provider.asked.lock().unwrap();
    let form = form(&asked[0]);
    for (name, value) in [
        ("grant_type", "authorization_code"),
        ("code", "c0de"),
        ("redirect_uri", CALLBACK),
        ("code_verifier", "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"),
        ("client_secret", "s3cret"),
    ] {
        assert_eq!(form.get(name).map(String::as_str), Some(value), "{name}");
    }
    assert!(!form.contains_key("scope"), "RFC 6749, section 4.1.3 has none");
}

#[tokio::test]
async fn an_answer_is_taken_only_for_what_it_is() {
    let document = br#"{"issuer":"https://idp.example","token_endpoint":"https://idp.example/t","authorization_endpoint":"https://idp.example/a","authorization_response_iss_parameter_supported":true}"#;
    let acquirer = fixture::acquirer(Provider::new(|_| Ok(raw(200, &[], document))));
    let request = AuthorizationRequest { endpoint: None, ..request() };
    let mut credential = with(Grant::AuthorizationCode(request.clone()));
    let issuer = fixture::endpoint("https://idp.example");
    credential.endpoint = Arc::new(TokenEndpoint { discover: true, ..issuer });
    let attempt = fixture::attempt(&credential);
    let callback: Url = CALLBACK.parse().unwrap();
    let page = acquirer.authorization(&attempt, &request, callback, &randomness()).await.unwrap();
    assert!(page.url.as_str().starts_with("https://idp.example/a?"), "{}", page.url);
    let state = "state=BwcHBwcHBwcHBwcHBwcHBw";
    let ours = "iss=https://idp.example";
    // (case, query, the code or the reason)
    let cases = [
        ("good", format!("code=c&{state}&{ours}"), Ok("c")),
        ("no state", format!("code=c&{ours}"), Err("login_state")),
        ("another state", format!("code=c&state=x&{ours}&{state}"), Err("login_state")),
        ("no issuer", format!("code=c&{state}"), Err("login_issuer")),
        ("another issuer", format!("code=c&{state}&iss=https://evil"), Err("login_issuer")),
        ("denied", format!("error=access_denied&{state}&{ours}"), Err("access_denied")),
        ("in other words", format!("error=%1B&code=c&{state}&{ours}"), Err("login_refused")),
        ("no code", format!("code=&{state}&{ours}"), Err("login_no_code")),
    ];
    for (case, query, expected) in cases {
        let address = format!("{CALLBACK}?{query}").parse().unwrap();
        let answer = page.answer(&address);
        if let Err(error) = &answer {
            let text = error.to_string();
            assert!(text.ends_with(error.advice()) && !text.contains('\u{1b}'), "{case}: {text}");
        }
        let answer = answer.as_ref().map(Secret::expose).map_err(AnswerError::reason);
        assert_eq!(answer, expected, "{case}");
    }
}

#[tokio::test]
async fn a_code_that_comes_back_in_an_error_is_not_shown() {
    let provider = Provider::new(|request| {
        let said =
            serde_json::json!({"error":"invalid_grant","error_description":request.body.expose()});
        Ok(raw(400, &[], said.to_string().as_bytes()))
    });
    let acquirer = fixture::acquirer(provider);
    let credential = with(Grant::AuthorizationCode(request()));
    let attempt = fixture::attempt(&credential);
    let callback: Url = CALLBACK.parse().unwrap();
    let request = request();
    let page = acquirer.authorization(&attempt, &request, callback, &randomness()).await.unwrap();
    let code = Secret::from("c0de-c0de");
    let error = acquirer.redeem_code(&attempt, &page, &code).await.unwrap_err();
    let text = format!("{error} {error:?} {page:?}");
    for secret in ["c0de", "dBjf", "s3cret"] {
        assert!(!text.contains(secret), "{text}");
    }
}
