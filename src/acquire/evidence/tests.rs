use std::{sync::Arc, time::Duration};

use Evidence::{Failing, Unknown, Working};

use super::*;
use crate::{
    acquire::{
        AssertionFlaw, DiscoveryError, Leg, OAuth1Error, Rescued, TransportError,
        fixture::{self, credential, raw},
    },
    credential::Name,
    source::{Place, SourceError},
    token::RefreshToken,
};

#[test]
fn a_reply_without_a_token_says_whether_its_server_works() {
    let locked = r#"{"error":"invalid_grant","error_description":"try again in 65 seconds"}"#;
    let thrive = r#"{"status":404,"error":"Not Found","message":"x"}"#;
    // (case, status, body, what it says)
    let cases = [
        ("a named error", 400, r#"{"error":"invalid_client"}"#, Working),
        ("a named error in a form", 400, "error=invalid_scope", Working),
        (
            "a named error that every failure's 500 has",
            500,
            r#"{"error":"invalid_client"}"#,
            Working,
        ),
        ("its own failure", 500, r#"{"error":"server_error"}"#, Failing),
        ("the same with another status", 400, r#"{"error":"temporarily_unavailable"}"#, Failing),
        ("a wrong secret, says glewlwyd", 403, "", Working),
        ("a refusal without a body", 401, "", Working),
        ("a refusal in fields", 400, r#"{"message":"no such user"}"#, Working),
        ("a refusal in XML", 401, "<response><control>failure</control></response>", Working),
        ("a refusal in words", 401, "Access denied", Unknown),
        ("a page of a gateway", 403, "<html>", Failing),
        ("half a refusal", 400, r#"{"err"#, Failing),
        ("a locked account", 400, locked, Working),
        ("a rate limit", 429, "Too Many Requests", Unknown),
        ("a rate limit in fields", 429, r#"{"errorCode":"E0000047"}"#, Unknown),
        ("a rate limit with another status", 400, r#"{"error":"Access Denied"}"#, Unknown),
        ("a rate limit with a name", 429, r#"{"error":"slow_down"}"#, Working),
        ("a denial, says Slack", 200, r#"{"ok":false,"error":"bad_client_secret"}"#, Working),
        ("an unnamed denial", 200, r#"{"ok":false,"error":"team_gone"}"#, Working),
        ("a rate limit, says Slack", 200, r#"{"ok":false,"error":"ratelimited"}"#, Unknown),
        ("nothing of use", 200, "{}", Failing),
        ("nothing", 200, "", Failing),
        ("a page in place of a token", 200, "<html>", Failing),
        ("a gateway", 502, "<html>", Failing),
        ("an overload", 503, "try again in 65 seconds", Failing),
        ("a failure in fields", 500, r#"{"message":"oops"}"#, Failing),
        ("a request time-out", 408, "", Failing),
        ("misdirected", 421, "{}", Failing),
        ("too early", 425, "", Failing),
        ("a wrong path", 404, "<html>", Unknown),
        ("a wrong path in fields", 404, thrive, Working),
        ("a wrong method", 405, "", Unknown),
        ("a moved path", 410, "gone", Unknown),
        ("a wrong body format", 415, "", Unknown),
        ("no content of use", 422, r#"{"detail":"x"}"#, Working),
        ("an odd status", 409, "", Unknown),
        ("a redirect", 302, "", Unknown),
        ("a token of no use", 200, r#"{"access_token":"a b"}"#, Working),
    ];
    for (case, status, body, expected) in cases {
        let error = fixture::read(&raw(status, &[], body.as_bytes())).expect_err(case);
        assert_eq!(error.evidence(), expected, "{case}: {error}");
    }
}

fn name() -> Name {
    credential().name
}

fn refused(status: u16, body: &[u8]) -> AcquireError {
    fixture::read(&raw(status, &[], body)).expect_err("no token")
}

fn dns() -> TransportError {
    TransportError::Dns { origin: "https://idp.example".into(), cause: "none".into() }
}

fn discovery(cause: DiscoveryError) -> AcquireError {
    AcquireError::Discovery(Arc::new(cause))
}

fn issuer_answers(status: u16) -> AcquireError {
    discovery(DiscoveryError::Status { issuer: "i".into(), status, pause: None })
}

fn leg(status: u16) -> AcquireError {
    OAuth1Error::Refused { leg: Leg::Renewal, status, pause: None }.into()
}

fn rescued(cause: AcquireError) -> AcquireError {
    let rescued = Rescued { refresh_token: RefreshToken::first("rt".into()), origin: None };
    AcquireError::Rescued { cause: Box::new(cause), rescued: Box::new(rescued) }
}

#[test]
fn a_refusal_of_a_grant_or_of_dates_comes_from_a_server_that_works() {
    let of_grant = |body: &[u8]| refused(400, body).of_grant(&credential());
    let dated = refused(401, b"").of_dates(60);
    // (case, the error, its reason, what it says)
    let cases = [
        ("the end", of_grant(br#"{"error":"invalid_grant"}"#), "invalid_grant", Working),
        ("perhaps the end", of_grant(b""), "http_status", Working),
        ("other dates", dated, "clock_skew", Working),
    ];
    for (case, error, reason, expected) in cases {
        assert_eq!((error.reason(), error.evidence()), (reason, expected), "{case}: {error}");
    }
}

#[test]
fn what_was_never_sent_says_nothing_and_what_was_not_answered_says_all() {
    let unset = || SourceError::Empty(Place::Configuration);
    let after = Duration::from_secs(1);
    let origin = || "https://idp.example".into();
    let missing = DiscoveryError::Missing { issuer: "i".into(), what: "token_endpoint" };
    // (case, the error, what it says)
    let cases: Vec<(&str, AcquireError, Evidence)> = vec![
        ("a value", AcquireError::Source { what: "x".into(), cause: unset() }, Unknown),
        (
            "a key",
            AcquireError::Assertion { what: "x".into(), flaw: AssertionFlaw::NoPrivateKey },
            Unknown,
        ),
        ("no log-in", AcquireError::LoginNeeded { name: name(), outdated: false }, Unknown),
        ("an answer lost", AcquireError::LostAnswer { name: name(), login: false }, Unknown),
        ("a step's value", AcquireError::NotTaken { name: "x".into() }, Unknown),
        ("a header", TransportError::Header { name: "x".into() }.into(), Unknown),
        ("plain http", TransportError::Insecure { origin: origin() }.into(), Unknown),
        ("no address", dns().into(), Failing),
        ("too late", TransportError::Timeout { origin: origin(), after }.into(), Failing),
        ("too long", TransportError::TooLarge { origin: origin() }.into(), Failing),
        ("an issuer without an address", discovery(dns().into()), Failing),
        ("an issuer's failure", issuer_answers(503), Failing),
        ("an issuer's rate limit", issuer_answers(429), Unknown),
        ("no issuer there", issuer_answers(404), Unknown),
        ("metadata that lack it", discovery(missing), Unknown),
        ("a leg refused", leg(401), Working),
        ("a leg at a wrong path", leg(404), Unknown),
        ("a leg limited", leg(429), Unknown),
        ("a leg's failure", leg(500), Failing),
        ("a leg too early", leg(425), Failing),
        (
            "a leg answered by a page",
            OAuth1Error::Unusable { leg: Leg::Renewal, what: "oauth_token" }.into(),
            Failing,
        ),
        ("another clock", OAuth1Error::Misdated { leg: Leg::Renewal, status: 401 }.into(), Working),
        ("OAuth 1.0", OAuth1Error::NotConfirmed.into(), Working),
        ("no RSA key", OAuth1Error::PrivateKey.into(), Unknown),
        ("a step without an answer", AcquireError::from(dns()).in_step(2), Failing),
        ("a step refused", refused(403, b"").in_step(2), Working),
        ("a token rescued from a page", rescued(refused(502, b"<html>")), Failing),
        ("one rescued from a refusal", rescued(refused(403, b"")).in_step(1), Working),
    ];
    for (case, error, expected) in cases {
        assert_eq!(error.evidence(), expected, "{case}: {error}");
    }
    let printed = AcquireError::Printed {
        program: "p".into(),
        refusal: match refused(200, br#"{"error":"invalid_grant"}"#) {
            AcquireError::Refused(refusal) => refusal,
            other => panic!("{other:?}"),
        },
    };
    assert_eq!(printed.evidence(), Unknown, "a program");
}
