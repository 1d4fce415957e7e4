//! Renewals against a server in memory.

use std::{sync::Arc, time::Duration};

use super::super::laws::Received;
use crate::{
    acquire::{
        AcquireError, Attempt, RawResponse, TransportError,
        fixture::{self, Provider, SENT_AT, attempt, credential, literal, raw},
    },
    clock::WallTime,
    credential::{Client, ClientAuthentication, Credential, Grant},
    error::{Fault, Pause, PauseScope},
    token::{CLIENT_SECRET, Expiry, IssuedToken, Lifetime, RefreshToken, TOKEN_SECRET},
};

const HOUR: Duration = Duration::from_secs(3600);
const SECRET: &str = "s%e&c+ ü";

fn of_a_session() -> Credential {
    Credential {
        grant: Arc::new(Grant::OAuth1(fixture::oauth1())),
        client: Arc::new(Client {
            id: Some(literal("key")),
            secrets: [literal(SECRET)].into(),
            authentication: ClientAuthentication::None,
        }),
        ..credential()
    }
}

fn before() -> IssuedToken {
    let handle = RefreshToken { expires_at: Some(at(9)), ..RefreshToken::first("h&1".into()) };
    IssuedToken {
        refresh_token: Some(handle),
        origin: Some("log-in".into()),
        fields: [(TOKEN_SECRET.into(), "ts&".into())].into(),
        ..IssuedToken::bearer("old+".into(), SENT_AT, HOUR)
    }
}

/// So many seconds after the request.
fn at(seconds: u64) -> WallTime {
    SENT_AT.wall + Duration::from_secs(seconds)
}

async fn renew(
    before: &IssuedToken,
    answer: impl Fn() -> Result<RawResponse, TransportError> + Send + Sync + 'static,
) -> (Result<IssuedToken, AcquireError>, Arc<Provider>) {
    let provider = Provider::new(move |_| answer());
    let credential = of_a_session();
    let attempt = Attempt { previous: Some(before), ..attempt(&credential) };
    (fixture::acquirer(provider.clone()).acquire(&attempt).await, provider)
}

#[tokio::test]
async fn the_old_token_signs_and_the_answer_replaces_what_it_names() {
    let kept = RefreshToken { expires_at: Some(at(9)), ..RefreshToken::first("h&1".into()) };
    let next = |expires_at| Some(RefreshToken { value: "h2".into(), expires_at, rotates: true });
    // (case, what the answer has besides token and secret, the lifetime, the handle)
    let cases = [
        ("nothing", "", 3600, Some(kept.clone())),
        ("zeros", "&oauth_expires_in=0&oauth_authorization_expires_in=0", 3600, Some(kept.clone())),
        ("a lifetime", "&oauth_expires_in=60", 60, Some(kept.clone())),
        ("the same handle", "&oauth_session_handle=h%261", 3600, Some(kept.clone())),
        ("no handle", "&oauth_session_handle=", 3600, Some(kept)),
        ("another handle", "&oauth_session_handle=h2", 3600, next(None)),
        (
            "and its end",
            "&oauth_session_handle=h2&oauth_authorization_expires_in=70",
            3600,
            next(Some(at(70))),
        ),
    ];
    for (case, further, seconds, handle) in cases {
        let body = format!("oauth_token=new&oauth_token_secret=ns{further}");
        let (token, provider) = renew(&before(), move || Ok(raw(200, &[], body.as_bytes()))).await;
        let token = token.expect(case);
        assert_eq!(token.access_token.expose(), "new", "{case}");
        assert_eq!(token.field(TOKEN_SECRET), Some("ns"), "{case}");
        assert_eq!(token.field(CLIENT_SECRET), Some(SECRET), "{case}");
        assert_eq!(token.expiry(), Expiry::At(at(seconds)), "{case}");
        assert_eq!(token.refresh_token, handle, "{case}");
        assert_eq!(token.origin.as_deref(), Some("log-in"), "{case}");
        let asked = provider.asked.lock().expect("the lock");
        let received = Received::of(&asked[0], "POST");
        assert!(received.is_signed_with(SECRET, "ts&"), "{case}");
        let sent = ["oauth_token", "oauth_session_handle", "oauth_verifier"]
            .map(|name| received.value(name));
        assert_eq!(sent, [Some("old+"), Some("h&1"), None], "{case}");
    }
}

#[tokio::test]
async fn a_new_handle_outlives_an_unusable_token() {
    let first = "oauth_token=&oauth_token_secret=ns";
    let end = "&oauth_authorization_expires_in=70";
    // (case, what the answer has besides, the handle that is rescued and its end)
    let cases = [
        ("another", "&oauth_session_handle=h2", Some(("h2", None))),
        ("and its end", &*format!("&oauth_session_handle=h2{end}"), Some(("h2", Some(at(70))))),
        ("the same", "&oauth_session_handle=h%261", None),
        ("none", "", None),
        ("no usable one", "&oauth_session_handle=%0A", None),
    ];
    for (case, further, expected) in cases {
        let body = format!("{first}{further}");
        let (result, _) = renew(&before(), move || Ok(raw(200, &[], body.as_bytes()))).await;
        let error = result.expect_err(case);
        assert_eq!((error.reason(), error.fault()), ("leg_reply", Fault::Transient), "{case}");
        let rescued = error.rescued();
        let handle = rescued.map(|rescued| &rescued.refresh_token);
        let handle = handle.map(|handle| (handle.value.expose(), handle.expires_at));
        assert_eq!(handle, expected, "{case}");
        let origin = rescued.map(|rescued| rescued.origin.as_deref());
        assert_eq!(origin, expected.map(|_| Some("log-in")), "{case}");
        // With a handle that is newer than the one handed in, nothing is open any more.
        assert_eq!(error.leaves_open(), expected.is_none(), "{case}");
    }
}

#[tokio::test]
async fn without_a_session_only_a_person_can_go_on() {
    let cases = [
        ("no handle", IssuedToken { refresh_token: None, ..before() }),
        ("of another grant", IssuedToken { fields: [].into(), ..before() }),
        ("it never ends", IssuedToken { lifetime: Lifetime::UNLIMITED, ..before() }),
    ];
    for (case, before) in cases {
        let (token, provider) = renew(&before, || Ok(raw(200, &[], b""))).await;
        let error = token.expect_err(case);
        assert_eq!((error.reason(), error.fault()), ("login_needed", Fault::Permanent), "{case}");
        assert!(provider.paths().is_empty(), "{case}: nobody is asked");
    }
}

#[tokio::test]
async fn a_renewal_that_fails_says_whether_it_is_worth_another() {
    let late = ("Date", "Fri, 05 Nov 2021 15:18:31 GMT");
    // (case, status, header, the reason, its fault, whether the outcome is open, the pause)
    let cases = [
        ("the end", 401, None, "leg_refused", Fault::Permanent, false, None),
        ("another end", 403, None, "leg_refused", Fault::Permanent, false, None),
        ("a wrong clock", 401, Some(late), "clock_skew", Fault::Transient, false, None),
        ("a wrong path", 404, Some(late), "leg_refused", Fault::Permanent, false, None),
        ("busy", 503, Some(("Retry-After", "7")), "leg_refused", Fault::Transient, false, Some(7)),
        ("a gateway", 502, None, "leg_refused", Fault::Transient, true, None),
        ("a page", 200, None, "leg_reply", Fault::Transient, true, None),
    ];
    for (case, status, header, reason, fault, open, pause) in cases {
        let answer = move || Ok(raw(status, header.as_slice(), SECRET.as_bytes()));
        let error = renew(&before(), answer).await.0.expect_err(case);
        assert_eq!((error.reason(), error.fault()), (reason, fault), "{case}");
        assert_eq!(error.leaves_open(), open, "{case}");
        let pause =
            pause.map(Duration::from_secs).map(|span| Pause { span, scope: PauseScope::Client });
        assert_eq!(error.pause(), pause, "{case}");
        let text = format!("{error} {error:?}");
        assert!(!text.contains(SECRET) && !text.contains("h&1"), "{case}: {text}");
    }
}
