use std::{
    path::Path,
    sync::atomic::{AtomicBool, Ordering},
};

use super::*;
use crate::{
    acquire::{
        Attempt, RawResponse,
        fixture::{self, Provider, raw},
    },
    credential::{ClientCertificate, Credential},
    error::{Fault, Pause, PauseScope},
};

const ISSUER: &str = "https://idp.example/realms/a";
const HOUR: Duration = Duration::from_secs(60 * 60);

fn issuer(url: &str) -> TokenEndpoint {
    TokenEndpoint { discover: true, ..fixture::endpoint(url) }
}

fn credential() -> Credential {
    Credential { endpoint: Arc::new(issuer(ISSUER)), ..fixture::credential() }
}

/// An issuer with everything in one document.
fn document() -> RawResponse {
    let text =
        r#"{"issuer":"https://idp.example/realms/a","token_endpoint":"https://t.example/t"}"#;
    raw(200, &[], text.as_bytes())
}

/// Metadata where they belong, and a token at the token endpoint.
fn answer(request: &TokenRequest) -> RawResponse {
    match request.url.path() {
        "/t" => raw(200, &[], br#"{"access_token":"t","expires_in":60}"#),
        _ => document(),
    }
}

fn later(credential: &Credential, span: Duration) -> Attempt<'_> {
    let mut attempt = fixture::attempt(credential);
    attempt.sent_at.boot = attempt.sent_at.boot + span;
    attempt
}

#[test]
fn the_document_stands_in_two_places() {
    for (issuer, openid, oauth) in [
        (
            "https://h",
            "/.well-known/openid-configuration",
            "/.well-known/oauth-authorization-server",
        ),
        (
            "https://h/",
            "/.well-known/openid-configuration",
            "/.well-known/oauth-authorization-server",
        ),
        (
            "https://h/a/b/",
            "/a/b/.well-known/openid-configuration",
            "/.well-known/oauth-authorization-server/a/b",
        ),
    ] {
        let issuer = issuer.parse().unwrap();
        assert_eq!(PLACES.map(|place| place(&issuer)), [openid, oauth], "{issuer}");
    }
}

#[test]
fn only_a_document_of_this_issuer_is_good() {
    let token_endpoint = |url: &str| format!(r#"{{"issuer":"{ISSUER}","token_endpoint":"{url}"}}"#);
    let said = |issuer: &str| format!(r#"{{"issuer":"{issuer}"}}"#);
    let loopback = "http://localhost:1/a";
    // (case, issuer, status, body, the beginning of the error after the issuer, fault)
    let cases = [
        ("good", ISSUER, 200, said(ISSUER), None),
        ("a slash", "https://h", 200, said("https://h"), None),
        ("a slash there", "https://h", 200, said("https://h/"), None),
        ("loopback", loopback, 200, said(loopback), None),
        ("longer", ISSUER, 200, said("https://idp.example/realms/ab"), Some("are those of")),
        ("slash of a path", ISSUER, 200, said(&format!("{ISSUER}/")), Some("are those of")),
        ("host", ISSUER, 200, said("https://evil.example/realms/a"), Some("are those of")),
        ("no issuer", ISSUER, 200, "{}".into(), Some("have no `issuer`")),
        ("plain http", ISSUER, 200, token_endpoint("http://t.example/t"), Some("not https")),
        ("less than asked", ISSUER, 200, token_endpoint("http://127.0.0.1/t"), Some("not https")),
        ("no URL", ISSUER, 200, token_endpoint("/t"), Some("not https")),
        ("a page", ISSUER, 200, "<html>".into(), Some("no JSON object")),
        ("busy", ISSUER, 503, String::new(), Some("answered 503")),
        ("redirect", ISSUER, 302, String::new(), Some("answered 302")),
    ];
    for (case, url, status, body, expected) in cases {
        let read =
            document::read(&issuer(url), &raw(status, &[], body.as_bytes()), fixture::SENT_AT);
        match (read, expected) {
            (Ok(_), None) => {}
            (Err(error), Some(text)) => {
                assert!(error.to_string().contains(text), "{case}: {error}");
                assert!(error.to_string().ends_with(error.advice()), "{case}: {error}");
                let passes = matches!(case, "busy" | "a page");
                assert_eq!(error.fault() == Fault::Transient, passes, "{case}");
            }
            (read, _) => panic!("{case}: {read:?}"),
        }
    }
}

/// RFC 8705, section 5.
#[test]
fn whoever_shows_a_certificate_asks_at_the_aliases() {
    let certificate =
        ClientCertificate { certificate: Path::new("/c").into(), key: Path::new("/k").into() };
    let shown = TokenEndpoint { certificate: Some(certificate.into()), ..issuer(ISSUER) };
    let page = "https://idp.example/a";
    let document = |aliases: &str| {
        format!(
            r#"{{"issuer":"{ISSUER}","token_endpoint":"https://t.example/t",
                "authorization_endpoint":"{page}",
                "device_authorization_endpoint":"https://t.example/d"{aliases}}}"#
        )
    };
    let token = r#","mtls_endpoint_aliases":{"token_endpoint":"https://m.example/t""#;
    let both = format!(
        r#"{token},"device_authorization_endpoint":"https://m.example/d",
            "authorization_endpoint":"https://m.example/a"}}"#
    );
    let token = format!("{token}}}");
    // (case, who asks, what the document adds, where tokens are asked for, and device codes)
    let cases = [
        ("both", &shown, &*both, "https://m.example/t", "https://m.example/d"),
        ("one", &shown, &*token, "https://m.example/t", "https://t.example/d"),
        ("none", &shown, "", "https://t.example/t", "https://t.example/d"),
        ("no certificate", &issuer(ISSUER), &*both, "https://t.example/t", "https://t.example/d"),
    ];
    for (case, issuer, aliases, token, device) in cases {
        let raw = raw(200, &[], document(aliases).as_bytes());
        let metadata = document::read(issuer, &raw, fixture::SENT_AT).expect(case);
        let at = |url: Option<Url>| url.map(String::from);
        assert_eq!(at(metadata.token_endpoint).as_deref(), Some(token), "{case}");
        assert_eq!(at(metadata.device_authorization_endpoint).as_deref(), Some(device), "{case}");
        assert_eq!(at(metadata.authorization_endpoint).as_deref(), Some(page), "{case}");
    }
    let plain = document(r#","mtls_endpoint_aliases":{"token_endpoint":"http://m.example/t"}"#);
    let read = document::read(&shown, &raw(200, &[], plain.as_bytes()), fixture::SENT_AT);
    assert!(read.is_err_and(|error| error.to_string().contains("not https")));
}

#[test]
fn a_wait_that_the_issuer_asks_for_is_kept() {
    let busy = raw(429, &[("Retry-After", "7")], b"");
    let error = document::read(&issuer(ISSUER), &busy, fixture::SENT_AT).unwrap_err();
    let error = AcquireError::Discovery(Arc::new(error));
    let expected = Pause { span: Duration::from_secs(7), scope: PauseScope::Endpoint };
    assert_eq!(error.pause(), Some(expected));
    assert_eq!((error.reason(), error.fault()), ("discovery", Fault::Transient));
}

#[tokio::test]
async fn a_thousand_credentials_ask_their_issuer_once() {
    let provider = Provider::new(|request| Ok(answer(request)));
    let acquirer = fixture::acquirer(provider.clone());
    let credentials = vec![credential(); 1000];
    let mut attempts = tokio::task::JoinSet::new();
    let acquirer = Arc::new(acquirer);
    for credential in credentials {
        let acquirer = acquirer.clone();
        attempts.spawn(async move { acquirer.acquire(&fixture::attempt(&credential)).await });
    }
    assert!(attempts.join_all().await.iter().all(Result::is_ok));
    let paths = provider.paths();
    assert_eq!((paths.len(), paths.iter().filter(|path| *path == "/t").count()), (1001, 1000));
}

#[tokio::test]
async fn a_thousand_credentials_fail_together() {
    let provider = Provider::new(|_| Ok(raw(503, &[], b"")));
    let acquirer = fixture::acquirer(provider.clone());
    let credential = credential();
    let attempt = fixture::attempt(&credential);
    let (one, other) = tokio::join!(acquirer.acquire(&attempt), acquirer.acquire(&attempt));
    assert_eq!(
        (one.unwrap_err().reason(), other.unwrap_err().reason()),
        ("discovery", "discovery")
    );
    assert_eq!(provider.paths().len(), 1);
    assert!(acquirer.acquire(&attempt).await.is_err());
    assert_eq!(provider.paths().len(), 1, "a failure is not kept");
}

#[tokio::test]
async fn what_is_known_is_kept_for_a_day() {
    let down = Arc::new(AtomicBool::new(false));
    let seen = down.clone();
    let provider = Provider::new(move |request| match request.url.path() {
        "/t" => Ok(answer(request)),
        _ if seen.load(Ordering::Relaxed) => Ok(raw(503, &[], b"")),
        _ => Ok(document()),
    });
    let acquirer = fixture::acquirer(provider.clone());
    let credential = credential();
    let openid = "/realms/a/.well-known/openid-configuration";
    for (case, age, is_down, expected) in [
        ("at first", Duration::ZERO, false, vec![openid, "/t"]),
        ("within the day", 23 * HOUR, false, vec!["/t"]),
        ("after it", 24 * HOUR, false, vec![openid, "/t"]),
        ("the issuer is down", 48 * HOUR, true, vec![openid, "/t"]),
    ] {
        down.store(is_down, Ordering::Relaxed);
        acquirer.acquire(&later(&credential, age)).await.unwrap();
        assert_eq!(provider.paths(), expected, "{case}");
    }
}

#[tokio::test]
async fn an_endpoint_that_has_moved_is_looked_for_again() {
    // (case, the token endpoint's answer, whether the issuer is asked again)
    type Case = (&'static str, fn() -> Result<RawResponse, TransportError>, bool);
    const ORIGIN: &str = "https://t.example";
    let cases: [Case; 6] = [
        ("404", || Ok(raw(404, &[], b"")), true),
        ("405", || Ok(raw(405, &[], b"")), true),
        ("moved", || Ok(raw(301, &[("Location", "https://t.example/2")], b"")), true),
        (
            "refused",
            || Err(TransportError::Connect { origin: ORIGIN.into(), cause: "refused".into() }),
            true,
        ),
        ("busy", || Ok(raw(503, &[], b"")), false),
        ("unknown client", || Ok(raw(401, &[], br#"{"error":"invalid_client"}"#)), false),
    ];
    for (case, failing, again) in cases {
        let provider = Provider::new(move |request| match request.url.path() {
            "/t" => failing(),
            _ => Ok(document()),
        });
        let acquirer = fixture::acquirer(provider.clone());
        let credential = credential();
        let attempt = fixture::attempt(&credential);
        assert!(acquirer.acquire(&attempt).await.is_err(), "{case}");
        assert!(acquirer.acquire(&attempt).await.is_err(), "{case}");
        assert_eq!(provider.paths().len(), if again { 4 } else { 3 }, "{case}");
    }
}

#[tokio::test]
async fn the_second_place_is_asked_where_the_first_has_nothing() {
    let provider = Provider::new(|request| match request.url.path() {
        "/realms/a/.well-known/openid-configuration" => Ok(raw(404, &[], b"")),
        _ => Ok(answer(request)),
    });
    let acquirer = fixture::acquirer(provider.clone());
    acquirer.acquire(&fixture::attempt(&credential())).await.unwrap();
    let oauth = "/.well-known/oauth-authorization-server/realms/a";
    assert_eq!(provider.paths(), ["/realms/a/.well-known/openid-configuration", oauth, "/t"]);
}

#[tokio::test]
async fn the_question_carries_no_secret() {
    let provider = Provider::new(|request| Ok(answer(request)));
    let acquirer = fixture::acquirer(provider.clone());
    acquirer.acquire(&fixture::attempt(&credential())).await.unwrap();
    let asked = provider.asked.lock().unwrap();
    assert!(asked[0].headers.iter().all(|(name, _)| !name.eq_ignore_ascii_case("authorization")));
    assert!(asked[0].body.is_empty() && asked[0].method == Method::Get);
    assert!(asked[1].headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("authorization")));
}
