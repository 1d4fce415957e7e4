//! Several requests over a transport in memory, which answers from a list.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use super::*;
use crate::{
    acquire::{
        Exchange,
        fixture::{self, literal, path, raw},
    },
    credential::{BodyFormat, Credential, Grant, Location, Method, TokenEndpoint},
    error::Fault::{self, Permanent, Transient},
    token::IssuedToken,
};

/// Answers with one reply after the other, each after the same delay, and keeps the requests.
struct Script {
    replies: Mutex<Vec<RawResponse>>,
    requests: Mutex<Vec<TokenRequest>>,
    delay: Duration,
}

impl Script {
    fn of(replies: &[RawResponse]) -> Arc<Self> {
        let replies = Mutex::new(replies.iter().rev().cloned().collect());
        Arc::new(Self { replies, requests: Mutex::default(), delay: Duration::ZERO })
    }

    fn sent(&self) -> Vec<TokenRequest> {
        self.requests.lock().unwrap().clone()
    }
}

impl HttpTransport for Script {
    fn send<'a>(&'a self, _: &'a TokenEndpoint, sent: TokenRequest, _: Duration) -> Exchange<'a> {
        self.requests.lock().unwrap().push(sent);
        let reply = self.replies.lock().unwrap().pop().expect("one request more than expected");
        Box::pin(async move {
            tokio::time::sleep(self.delay).await;
            Ok(reply)
        })
    }
}

fn json(body: &str) -> RawResponse {
    raw(200, &[], body.as_bytes())
}

/// A text as the configuration writes it.
fn text(written: &str) -> StepText {
    let parts = written.split("${").enumerate().flat_map(|(index, piece)| {
        let (name, rest) = if index == 0 { ("", piece) } else { piece.split_once('}').unwrap() };
        let name = (!name.is_empty()).then(|| StepPart::Taken(name.into()));
        name.into_iter().chain((!rest.is_empty()).then(|| StepPart::Text(rest.into())))
    });
    StepText(parts.collect())
}

fn field(written: &str) -> Location {
    Location::Field(path(written))
}

fn step(take: &[(&str, Location)], url: &str) -> FollowUp {
    FollowUp {
        take: take.iter().map(|(name, place)| ((*name).into(), place.clone())).collect(),
        url: text(url),
        method: Method::Get,
        body: BodyFormat::Form,
        parameters: [].into(),
        headers: [].into(),
    }
}

fn with(steps: Vec<FollowUp>) -> Credential {
    Credential { steps: steps.into(), ..fixture::credential() }
}

async fn ask(credential: &Credential, script: &Arc<Script>) -> Result<IssuedToken, AcquireError> {
    fixture::acquirer(script.clone()).acquire(&fixture::attempt(credential)).await
}

#[tokio::test]
async fn one_answer_feeds_the_next_request() {
    let read =
        step(&[("base", field("data.url")), ("id", field("id"))], "${base}/u/${id}?v=1&i=${id}");
    let headers = [("Authorization".into(), StepValue::Text(text("Bearer ${base}")))];
    let read = FollowUp { headers: headers.into(), ..read };
    let cookie = Location::Cookie("SID".into());
    let log_in = FollowUp {
        method: Method::Post,
        body: BodyFormat::Json,
        parameters: [
            ("who".into(), StepValue::Text(text("${id}-${sid}"))),
            ("pass".into(), StepValue::Source(literal("p4ss"))),
        ]
        .into(),
        headers: [("Accept".into(), StepValue::Text(text("text/xml")))].into(),
        ..step(&[("sid", cookie)], "https://api.example/${sid}")
    };
    let script = Script::of(&[
        json(r#"{"id":7,"data":{"url":"https://eu.example/api"}}"#),
        raw(200, &[("Set-Cookie", "SID=a/b c; Path=/")], b""),
        json(r#"{"access_token":"t","expires_in":60}"#),
    ]);
    let issued = ask(&with(vec![read, log_in]), &script).await.unwrap();
    assert_eq!(issued.access_token.expose(), "t");
    let sent = script.sent();
    let urls: Vec<_> = sent.iter().map(|request| request.url.as_str()).collect();
    let expected = [
        "https://idp.example/token",
        "https://eu.example/api/u/7?v=1&i=7",
        "https://api.example/a%2Fb%20c",
    ];
    assert_eq!(urls, expected);
    assert_eq!(sent.iter().map(|it| it.method).collect::<Vec<_>>(), {
        [Method::Post, Method::Get, Method::Post]
    });
    let header = |request: usize, name: &str| {
        let mut named = sent[request].headers.iter().filter(|(key, _)| &**key == name);
        named.next().map(|(_, value)| value.expose())
    };
    assert_eq!(header(1, "Authorization"), Some("Bearer https://eu.example/api"));
    assert_eq!(header(1, "Content-Type"), None);
    assert_eq!(header(2, "Accept"), Some("text/xml"));
    assert_eq!(header(2, "Authorization"), None, "the client's secret is for the token endpoint");
    assert_eq!(sent[2].body.expose(), r#"{"pass":"p4ss","who":"7-a/b c"}"#);
}

/// Two steps; the first takes `id`, the second asks `${next}`.
fn two_steps() -> Credential {
    let first = step(&[("id", field("id"))], "https://api.example/${id}");
    let second = step(&[("next", field("next"))], "${next}");
    with(vec![first, second])
}

const FIRST: (u16, &str) = (200, r#"{"id":"i-1234"}"#);
const SECOND: (u16, &str) = (200, r#"{"next":"https://b.example/x"}"#);

/// Name, replies, fault, reason, and how the message begins.
type Row = (&'static str, &'static [(u16, &'static str)], Fault, &'static str, &'static str);

#[rustfmt::skip]
const FAILURES: [Row; 14] = [
    ("first refused", &[(401, "")], Permanent, "http_status", "the token endpoint"),
    ("no value", &[(200, "{}")], Permanent, "step_value", "in step 1, the reply before it has no value for `id`"),
    ("a list for a value", &[(200, r#"{"id":[]}"#)], Permanent, "step_value", "in step 1,"),
    ("a line in a value", &[(200, r#"{"id":"a\nb"}"#)], Permanent, "step_value", "in step 1,"),
    ("a page", &[(200, "<html>")], Transient, "html_reply", "in step 1, the token endpoint answered 200 with an HTML page"),
    ("an error beside it", &[(200, r#"{"id":"x","error":"invalid_scope"}"#)], Permanent, "invalid_scope", "the token"),
    ("second refused", &[FIRST, (503, "")], Transient, "http_status", "in step 1, the token endpoint answered 503"),
    ("redirect", &[FIRST, (302, "/i-1234")], Permanent, "redirect", "in step 1, the token endpoint answered 302 and points to https://idp.example/[redacted]"),
    ("no URL", &[FIRST, (200, r#"{"next":"x"}"#)], Permanent, "step_url", "in step 2, its `url`"),
    ("another scheme", &[FIRST, (200, r#"{"next":"file:///etc/passwd"}"#)], Permanent, "step_url", "in step 2,"),
    ("a user in it", &[FIRST, (200, r#"{"next":"https://u:p@b.example/"}"#)], Permanent, "step_url", "in step 2,"),
    ("no token", &[FIRST, SECOND, (200, "{}")], Transient, "no_token", "in step 2, the token endpoint answered 200 without"),
    ("an echo", &[FIRST, SECOND, (200, r#"{"error":"no i-1234 at https://b.example/x"}"#)], Transient, "error_reply", r#"in step 2, the token endpoint answered 200: "no [redacted] at [redacted]""#),
    ("a flawed token", &[FIRST, SECOND, (200, r#"{"access_token":"a b"}"#)], Permanent, "token_characters", "in step 2, the access token"),
];

#[tokio::test]
async fn an_error_says_in_which_step_it_happened() {
    for (name, replies, fault, reason, start) in FAILURES {
        let replies = replies.iter().map(|&(status, body)| match status {
            302 => raw(status, &[("Location", body)], b""),
            _ => raw(status, &[], body.as_bytes()),
        });
        let replies: Vec<_> = replies.collect();
        let script = Script::of(&replies);
        let error = ask(&two_steps(), &script).await.unwrap_err();
        let said = error.to_string();
        assert_eq!((error.fault(), error.reason()), (fault, reason), "{name}: {said}");
        assert!(said.starts_with(start), "{name}: {said}");
        assert!(said.ends_with(error.advice()) && !said.contains("i-1234"), "{name}: {said}");
        assert_eq!(script.sent().len(), replies.len(), "{name}");
    }
}

#[tokio::test]
async fn a_wait_that_a_step_is_asked_for_is_heard() {
    let busy = raw(429, &[("Retry-After", "30")], b"");
    let script = Script::of(&[json(r#"{"id":"i"}"#), busy]);
    let error = ask(&two_steps(), &script).await.unwrap_err();
    let pause = error.pause().map(|pause| pause.span);
    assert_eq!((error.reason(), pause), ("throttled", Some(Duration::from_secs(30))));
}

#[tokio::test(start_paused = true)]
async fn all_requests_share_one_deadline() {
    let replies = [r#"{"id":"i"}"#, r#"{"next":"https://b.example/"}"#, r#"{"access_token":"t"}"#];
    for (delay, expected) in [
        (19, None),
        (25, Some("in step 2, https://b.example did not answer within 60 s")),
        (40, Some("in step 1, https://api.example did not answer within 60 s")),
        (61, Some("https://idp.example did not answer within 60 s")),
    ] {
        let script = Script::of(&replies.map(json));
        let script = Arc::into_inner(script).unwrap();
        let script = Arc::new(Script { delay: Duration::from_secs(delay), ..script });
        let said = ask(&two_steps(), &script).await.err().map(|error| error.to_string());
        match (said, expected) {
            (None, None) => {}
            (Some(said), Some(expected)) => assert!(said.starts_with(expected), "{said}"),
            (said, expected) => panic!("{delay}: {said:?} is not {expected:?}"),
        }
    }
}

#[tokio::test]
async fn a_value_is_what_was_taken_last() {
    let credential = with(vec![
        step(&[("id", field("id"))], "https://a.example/${id}"),
        step(&[("id", field("id"))], "https://b.example/${id}"),
    ]);
    let token = json(r#"{"access_token":"t"}"#);
    let script = Script::of(&[json(r#"{"id":"one"}"#), json(r#"{"id":"two"}"#), token]);
    ask(&credential, &script).await.unwrap();
    assert_eq!(script.sent()[2].url.path(), "/two");
}

#[tokio::test]
async fn a_refresh_token_of_the_first_reply_is_kept_to_the_end() {
    let grant = Arc::new(Grant::RefreshToken { seed: literal("r-1") });
    let steps = [step(&[("id", field("id"))], "https://a.example/${id}")].into();
    let credential = Credential { grant, steps, ..fixture::credential() };
    for (last, expected) in [
        (r#"{"access_token":"t"}"#, "r-2"),
        (r#"{"access_token":"t","refresh_token":"r-3"}"#, "r-3"),
    ] {
        let script = Script::of(&[json(r#"{"id":"i","refresh_token":"r-2"}"#), json(last)]);
        let refresh = ask(&credential, &script).await.unwrap().refresh_token.unwrap();
        assert_eq!((refresh.value.expose(), refresh.rotates), (expected, true));
    }
}
