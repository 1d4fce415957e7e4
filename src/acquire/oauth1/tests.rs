//! The legs against a server in memory that checks every signature.

use std::sync::Arc;

use super::{laws::Received, *};
use crate::{
    acquire::{
        AcquireError, Acquirer, AnswerError, Attempt, RawResponse, TokenRequest,
        fixture::{self, Provider, attempt, credential, literal, raw},
    },
    credential::{
        Callback, Client, ClientAuthentication, Credential, Grant, Method, OAuth1, ParameterPlace,
        Parameters,
    },
    error::Fault,
    secret::Secret,
    token::{CLIENT_ID, CLIENT_SECRET, Expiry, IssuedToken, TOKEN_SECRET},
};

const ID: &str = "k%e&y+ ä";
const SECRET: &str = "s%e&c+ ü";
/// Temporary and token credentials, and how a form has them.
const TEMPORARY: &str =
    "oauth_token=t%25%26%2B+%C3%A4&oauth_token_secret=ts%26&oauth_callback_confirmed=TRUE\n";
const TOKEN: &str = "oauth_token=a%25%26%2B+%C3%A4&oauth_token_secret=as%2526&screen_name=me";

fn oauth1() -> OAuth1 {
    OAuth1 {
        initiate: "https://lrs.example/OAuth/initiate?tenant=a%20b".parse().unwrap(),
        authorize: "https://lrs.example/OAuth/authorize?lang=en".parse().unwrap(),
        realm: Some("ADL LRS".into()),
        ..fixture::oauth1()
    }
}

fn of(oauth1: &OAuth1, method: Method) -> Credential {
    let base = credential();
    Credential {
        grant: Arc::new(Grant::OAuth1(oauth1.clone())),
        client: Arc::new(Client {
            id: Some(literal(ID)),
            secrets: [literal(SECRET)].into(),
            authentication: ClientAuthentication::None,
        }),
        parameters: Arc::new(Parameters {
            method,
            extra: [("x".into(), literal("ä &"))].into(),
            query: [("key".into(), literal("q q"))].into(),
            headers: [("X-Own".into(), literal("1"))].into(),
            ..fixture::parameters()
        }),
        scope: "statements/write all".into(),
        ..base
    }
}

fn stamp(seconds: i64) -> Stamp {
    Stamp { timestamp: WallTime::from_seconds(seconds), nonce: Nonce([7; 16]) }
}

async fn begin(
    acquirer: &Acquirer,
    attempt: &Attempt<'_>,
    oauth1: &OAuth1,
) -> Result<OwnerAuthorization, AcquireError> {
    acquirer.temporary_credentials(attempt, oauth1, oauth1.callback.clone(), stamp(1)).await
}

async fn all_legs(acquirer: &Acquirer, credential: &Credential) -> IssuedToken {
    let Grant::OAuth1(oauth1) = &*credential.grant else { unreachable!() };
    let attempt = attempt(credential);
    let owner = begin(acquirer, &attempt, oauth1).await.unwrap();
    let verifier = Secret::from("v+1");
    acquirer.token_credentials(&attempt, oauth1, &owner, &verifier, stamp(2)).await.unwrap()
}

/// What the server finds is what was meant, and both secrets have signed it.
fn check(request: &TokenRequest, method: &str) -> RawResponse {
    let received = Received::of(request, method);
    let is_first = request.url.path() == "/OAuth/initiate";
    assert_eq!(received.value("oauth_consumer_key"), Some(ID));
    assert_eq!(received.value("key"), Some("q q"));
    assert!(request.headers.iter().any(|(name, _)| &**name == "X-Own"));
    if is_first {
        assert_eq!(received.value("tenant"), Some("a b"));
        assert_eq!(received.value("scope"), Some("statements/write all"));
        assert_eq!(received.value("x"), Some("ä &"));
        assert_eq!(received.value("oauth_callback"), Some("oob"));
        assert_eq!(received.value("oauth_token"), None);
    } else {
        assert_eq!(received.value("oauth_token"), Some("t%&+ ä"));
        assert_eq!(received.value("oauth_verifier"), Some("v+1"));
    }
    assert!(received.is_signed_with(SECRET, if is_first { "" } else { "ts&" }), "{request:?}");
    raw(200, &[("content-type", "text/html")], if is_first { TEMPORARY } else { TOKEN }.as_bytes())
}

#[tokio::test]
async fn each_leg_is_signed_wherever_its_parameters_stand() {
    use ParameterPlace::{Body, Header, Query};
    for (method, name) in [(Method::Post, "POST"), (Method::Get, "GET")] {
        for place in [Header, Body, Query] {
            let provider = Provider::new(move |request| Ok(check(request, name)));
            let oauth1 = OAuth1 { parameters_in: place, ..oauth1() };
            let credential = of(&oauth1, method);
            let token = all_legs(&fixture::acquirer(provider.clone()), &credential).await;
            assert_eq!(token.access_token.expose(), "a%&+ ä", "{name} {place:?}");
            assert_eq!(token.field(TOKEN_SECRET), Some("as%26"), "{name} {place:?}");
            assert_eq!(
                (token.field(CLIENT_ID), token.field(CLIENT_SECRET)),
                (Some(ID), Some(SECRET))
            );
            assert_eq!(token.expiry(), Expiry::Never);
            for request in provider.asked.lock().unwrap().iter() {
                let body_is_empty = request.body.is_empty();
                assert!(method == Method::Post || body_is_empty, "a GET has no body");
                let form = request.headers.iter().find(|(name, _)| &**name == "Content-Type");
                let form = form.map(|(_, value)| value.expose());
                let expected = (!body_is_empty).then_some("application/x-www-form-urlencoded");
                assert_eq!(form, expected, "{name} {place:?}");
            }
        }
    }
}

#[tokio::test]
async fn fields_of_the_reply_are_kept_and_a_session_has_an_end() {
    let body = "oauth_token=a&oauth_token_secret=&oauth_expires_in=3600&screen_name=me";
    let provider = Provider::new(move |request| {
        let first = request.url.path() == "/OAuth/initiate";
        Ok(raw(200, &[], if first { TEMPORARY } else { body }.as_bytes()))
    });
    let mut credential = of(&oauth1(), Method::Post);
    let mut shape = fixture::shape();
    shape.fields =
        [("user".into(), crate::credential::Location::Field(fixture::path("screen_name")))].into();
    credential.reply = Arc::new(shape);
    let token = all_legs(&fixture::acquirer(provider), &credential).await;
    assert_eq!(token.field("user"), Some("me"));
    assert_eq!(token.field(TOKEN_SECRET), Some(""));
    let end = fixture::SENT_AT.wall + std::time::Duration::from_secs(3600);
    assert_eq!(token.expiry(), Expiry::At(end));
}

#[tokio::test]
async fn nothing_of_a_refusal_is_shown() {
    let leak = format!("Signature mismatch, expected: b'{SECRET}&'");
    // (case, status, body, the reason, its fault)
    let cases = [
        ("the secret in prose", 400, leak.as_str(), "leg_refused", Fault::Permanent),
        ("unknown client", 401, "Invalid consumer.", "leg_refused", Fault::Permanent),
        ("a bad scope", 500, "<html>Traceback", "leg_refused", Fault::Transient),
        ("too many", 429, leak.as_str(), "leg_refused", Fault::Transient),
        ("a redirect", 302, leak.as_str(), "leg_refused", Fault::Permanent),
        ("prose with 200", 200, leak.as_str(), "leg_reply", Fault::Permanent),
        ("nothing", 200, "", "leg_reply", Fault::Permanent),
        ("no secret", 200, "oauth_token=t", "leg_reply", Fault::Permanent),
        ("no token", 200, "oauth_token=&oauth_token_secret=s", "leg_reply", Fault::Permanent),
        (
            "a line break",
            200,
            "oauth_token=t%0AEVIL=1&oauth_token_secret=s&oauth_callback_confirmed=true",
            "leg_reply",
            Fault::Permanent,
        ),
        (
            "OAuth 1.0",
            200,
            "oauth_token=t&oauth_token_secret=s",
            "callback_not_confirmed",
            Fault::Permanent,
        ),
        (
            "refused after all",
            200,
            "oauth_token=t&oauth_token_secret=s&oauth_callback_confirmed=false",
            "callback_not_confirmed",
            Fault::Permanent,
        ),
    ];
    for (case, status, body, reason, fault) in cases {
        let body = body.to_owned();
        let provider = Provider::new(move |_| Ok(raw(status, &[], body.as_bytes())));
        let oauth1 = oauth1();
        let credential = of(&oauth1, Method::Post);
        let acquirer = fixture::acquirer(provider);
        let error = begin(&acquirer, &attempt(&credential), &oauth1).await.expect_err(case);
        assert_eq!((error.reason(), error.fault()), (reason, fault), "{case}");
        let text = format!("{error} {error:?}");
        for word in [SECRET, "mismatch", "consumer.", "Traceback", "EVIL"] {
            assert!(!text.contains(word), "{case}: {text}");
        }
    }
}

#[test]
fn the_browser_says_what_came_of_it() {
    let page = "http://127.0.0.1:5/cb".parse().unwrap();
    let authorize = oauth1().authorize;
    let owner = OwnerAuthorization::new(&authorize, Callback::Page(page), "t&".into(), "s".into());
    assert_eq!(owner.url.as_str(), "https://lrs.example/OAuth/authorize?lang=en&oauth_token=t%26");
    // (case, the query it comes back with, the verifier or the reason)
    for (case, query, expected) in [
        ("agreed", "oauth_token=t%26&oauth_verifier=v%2B1", Ok("v+1")),
        ("another log-in's", "oauth_token=u&oauth_verifier=v", Err("login_state")),
        ("nobody's", "oauth_verifier=v", Err("login_state")),
        ("no verifier", "oauth_token=t%26", Err("login_no_code")),
        ("an empty one", "oauth_token=t%26&oauth_verifier=", Err("login_no_code")),
        ("ADL's no", "error=Access+not+granted+by+user.", Err("login_refused")),
        ("a reported no", "oauth_problem=user_refused&oauth_token=t%26", Err("login_refused")),
        ("without the token", "oauth_problem=permission_denied", Err("login_refused")),
        ("a no to another", "oauth_problem=user_refused&oauth_token=u", Err("login_state")),
        ("Twitter's no", "denied=t%26", Err("login_refused")),
        ("somebody else's no", "denied=u", Err("login_state")),
    ] {
        let address = format!("http://127.0.0.1:5/cb?{query}").parse().unwrap();
        let answer = owner.answer(&address);
        let found = answer.as_ref().map(Secret::expose).map_err(AnswerError::reason);
        assert_eq!(found, expected, "{case}");
        assert_eq!(owner.is_answer(&address), expected != Err("login_state"), "{case}");
    }
    assert!(!format!("{owner:?}").contains("t&"));
}

#[tokio::test]
async fn a_request_of_a_consumer_is_signed_with_the_token_in_hand() {
    let provider = Provider::new(|request| Ok(check(request, "POST")));
    let credential = of(&oauth1(), Method::Post);
    let acquirer = fixture::acquirer(provider);
    let mut token = all_legs(&acquirer, &credential).await;
    let form = vec![("a b".into(), Secret::from("ä&")), ("c".into(), Secret::from(""))];
    let url: url::Url = "https://lrs.example/xAPI/statements?limit=1&limit=2".parse().unwrap();
    for (body, hash) in [
        (RequestBody::Form(form.clone()), None),
        (RequestBody::Form(Vec::new()), None),
        // The digest of nothing, as OAuth Request Body Hash 1.0 has it, section 5.1.
        (RequestBody::Bytes(Vec::new()), Some("2jmj7l5rSw0yVb/vlWAYkK/YBwk=")),
        (RequestBody::Bytes(b"Hello World!".into()), Some("Lve95gjOVATpfV8EL5X4nxwjKHE=")),
    ] {
        let sent = match &body {
            RequestBody::Form(form) => super::message::form(form).into(),
            RequestBody::Bytes(_) => Secret::default(),
        };
        let request = SignedRequest { method: "put".into(), url: url.clone(), body };
        let signed = acquirer.sign(&oauth1(), &token, &request, stamp(3)).await.unwrap();
        let headers = vec![("Authorization".into(), signed.clone())];
        let request = TokenRequest { method: Method::Post, url: url.clone(), headers, body: sent };
        let received = Received::of(&request, "PUT");
        assert!(received.is_signed_with(SECRET, "as%26"), "{hash:?}");
        assert_eq!(received.value("oauth_body_hash"), hash);
        assert_eq!(received.value("oauth_timestamp"), Some("3"));
        assert!(signed.expose().starts_with("OAuth realm=\"ADL LRS\", oauth_consumer_key="));
    }
    token.fields = [].into();
    let body = RequestBody::Form(Vec::new());
    let request = SignedRequest { method: "GET".into(), url, body };
    let error = acquirer.sign(&oauth1(), &token, &request, stamp(3)).await.unwrap_err();
    assert_eq!(error.reason(), "other_token");
}
