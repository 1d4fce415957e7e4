//! What is sent, and what the answer means.

use std::sync::Arc;

use super::*;
use crate::{
    acquire::fixture::{Provider, SENT_AT, acquirer, credential, oauth1, raw},
    credential::{Calendar, Template, TemplatePart, TokenField, Zone},
    token::{CLIENT_ID, CLIENT_SECRET, TOKEN_SECRET},
};

fn probe(headers: &[(&str, Template)]) -> Probe {
    let headers = headers.iter().map(|(name, text)| ((*name).into(), text.clone()));
    Probe {
        url: "https://lrs.example/about?a=b".parse().expect("a URL"),
        headers: headers.collect(),
        calendar: Calendar::parse("0 */15 * * * *", Zone::default()).expect("a schedule"),
    }
}

fn token() -> IssuedToken {
    let field = |name: &str, value: &str| (name.into(), value.into());
    let fields =
        [field(CLIENT_ID, "key"), field(CLIENT_SECRET, "s"), field(TOKEN_SECRET, "ts")].into();
    IssuedToken { fields, ..IssuedToken::bearer("t-1".into(), SENT_AT, Duration::ZERO) }
}

/// The headers that a probe is sent with.
async fn sent(credential: &Credential, probe: &Probe) -> Vec<(Box<str>, Secret)> {
    let provider = Provider::new(|_| Ok(raw(200, &[], b"")));
    let asked = acquirer(provider.clone()).probe(credential, probe, &token(), Nonce([7; 16])).await;
    assert_eq!(asked.expect("an answer"), Verdict::Accepted);
    let mut asked = provider.asked.lock().expect("the lock");
    let request = asked.pop().expect("a request");
    assert_eq!(
        (request.method, &request.url, request.body.expose()),
        (Method::Get, &probe.url, "")
    );
    request.headers
}

#[tokio::test]
async fn it_is_a_get_with_the_header_of_the_token_and_what_the_user_adds() {
    let text = |text: &str| Template([TemplatePart::Text(text.into())].into());
    let access_token = Template([TemplatePart::Field(TokenField::AccessToken)].into());
    let pair = |name: &str, value: &str| (Box::from(name), Secret::from(value));
    let own_scheme = Credential { authorization_scheme: Some("token".into()), ..credential() };
    let version = ("X-Version", text("1.0.3"));
    // (case, credential, headers, what is sent)
    let cases = [
        ("plain", credential(), vec![], vec![pair("Authorization", "Bearer t-1")]),
        ("its scheme", own_scheme, vec![], vec![pair("Authorization", "token t-1")]),
        (
            "more",
            credential(),
            vec![version],
            vec![pair("Authorization", "Bearer t-1"), pair("X-Version", "1.0.3")],
        ),
        (
            "in place of ours",
            credential(),
            vec![("authorization", access_token)],
            vec![pair("authorization", "t-1")],
        ),
    ];
    for (case, credential, headers, expected) in cases {
        assert_eq!(sent(&credential, &probe(&headers)).await, expected, "{case}");
    }
}

#[tokio::test]
async fn with_oauth1_it_is_signed() {
    let credential = Credential { grant: Arc::new(Grant::OAuth1(oauth1())), ..credential() };
    let headers = sent(&credential, &probe(&[])).await;
    let [(name, value)] = &headers[..] else { panic!("one header: {}", headers.len()) };
    assert_eq!(&**name, "Authorization");
    for part in ["OAuth ", r#"oauth_token="t-1""#, "oauth_signature=", r#"="1636121911""#] {
        assert!(value.expose().contains(part), "{part}");
    }
}

#[tokio::test]
async fn a_signature_by_a_wrong_clock_says_nothing_of_the_token() {
    let oauth1 = Credential { grant: Arc::new(Grant::OAuth1(oauth1())), ..credential() };
    // (case, credential, status, the server's clock, what each of two probes means)
    let late = "Fri, 05 Nov 2021 15:18:31 GMT";
    let cases = [
        ("signed", &oauth1, 401, late, ["clock_skew", "revoked"]),
        ("forbidden", &oauth1, 403, late, ["clock_skew", "revoked"]),
        ("of our time", &oauth1, 401, "Fri, 05 Nov 2021 14:18:31 GMT", ["revoked"; 2]),
        ("about something else", &oauth1, 404, late, ["probe_unclear"; 2]),
        ("not signed", &credential(), 401, late, ["revoked"; 2]),
    ];
    for (case, credential, status, date, expected) in cases {
        let provider = Provider::new(move |_| Ok(raw(status, &[("Date", date)], b"")));
        let acquirer = acquirer(provider);
        for expected in expected {
            let result = acquirer.probe(credential, &probe(&[]), &token(), Nonce([7; 16])).await;
            match result {
                Ok(verdict) => {
                    assert_eq!(
                        (verdict, expected),
                        (Verdict::Revoked(status), "revoked"),
                        "{case}"
                    );
                }
                Err(error) => {
                    assert_eq!((error.reason(), error.fault()), (expected, Fault::Transient));
                    assert!(error.to_string().contains(&status.to_string()), "{case}: {error}");
                }
            }
        }
    }
}

#[tokio::test]
async fn only_401_and_403_say_that_a_token_was_revoked() {
    let wait = |seconds| Some(Duration::from_secs(seconds));
    // (status, `Retry-After`, what it means, the wait)
    let cases = [
        (200, None, Some(Verdict::Accepted), None),
        (204, None, Some(Verdict::Accepted), None),
        (401, None, Some(Verdict::Revoked(401)), None),
        (403, Some("60"), Some(Verdict::Revoked(403)), None),
        (302, None, None, None),
        (400, None, None, None),
        (404, None, None, None),
        (429, Some("60"), None, wait(60)),
        (503, Some("7"), None, wait(7)),
    ];
    for (status, retry_after, expected, asked_wait) in cases {
        let provider = Provider::new(move |_| {
            let header = retry_after.map(|value| ("Retry-After", value));
            Ok(raw(status, header.as_slice(), b"the secret is s"))
        });
        let result =
            acquirer(provider).probe(&credential(), &probe(&[]), &token(), Nonce([7; 16])).await;
        match (&result, expected) {
            (Ok(verdict), Some(expected)) => assert_eq!(*verdict, expected, "{status}"),
            (Err(error), None) => {
                assert_eq!(error.retry_after(), asked_wait, "{status}");
                assert_eq!((error.reason(), error.fault()), ("probe_unclear", Fault::Transient));
                let text = error.to_string();
                assert!(text.contains(&status.to_string()) && !text.contains("secret"), "{text}");
            }
            other => panic!("{status}: {other:?}"),
        }
    }
}
