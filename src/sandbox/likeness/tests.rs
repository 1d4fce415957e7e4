use super::*;
use crate::sandbox::{
    occasion::tests::with_occasion,
    request::tests::{FORM, JSON, basic, request},
};

const TOKEN: &str = "30313233-3435-4637-b839-616263646566";

fn expected(name: &str, value: Option<&str>) -> Expected {
    Expected { name: name.into(), value: value.map(Into::into) }
}

fn likeness() -> Likeness {
    Likeness {
        name: "acme".into(),
        method: "POST".into(),
        media_type: Some("application/x-www-form-urlencoded".into()),
        authorization: Authorization::Basic { id: "id".into(), secret: "s+1".into() },
        signed: None,
        client: vec![],
        parameters: vec![
            expected("grant_type", Some("refresh_token")),
            expected("refresh_token", None),
        ],
        headers: vec![expected("x-version", Some("2"))],
        refresh_parameter: Some("refresh_token".into()),
        login: None,
        answer: Answer {
            status: 201,
            content_type: "text/json".into(),
            lifetime: Some(Duration::from_secs(60)),
            body: "${access_token} ${sent_refresh_token} ${expires_in} ${expires_at} \
                   ${expires_at_seconds}"
                .into(),
        },
    }
}

fn ask(likeness: &Likeness, headers: &[(&str, &str)], body: &str) -> (u16, String) {
    ask_at("/like/acme/token", likeness, headers, body)
}

fn ask_at(path: &str, likeness: &Likeness, headers: &[(&str, &str)], body: &str) -> (u16, String) {
    let reply = with_occasion(|o| likeness.answer(&request(path, headers, body), o)).unwrap();
    (reply.status.as_u16(), String::from_utf8_lossy(&reply.body).into_owned())
}

#[test]
fn a_good_request_gets_the_documented_answer_with_fresh_values() {
    let authorization = basic("id", "s%2B1");
    let headers = [FORM, ("authorization", &*authorization), ("x-version", "2")];
    let (status, body) = ask(&likeness(), &headers, "grant_type=refresh_token&refresh_token=r1");
    assert_eq!(status, 201);
    assert_eq!(body, format!("{TOKEN} r1 60 2026-09-21T14:14:20Z 1790000060"));
}

#[test]
fn each_difference_is_refused_and_named() {
    let good = basic("id", "s+1");
    let bad = basic("id", "other");
    let body = "grant_type=refresh_token&refresh_token=r";
    let version = ("x-version", "2");
    for (name, headers, body, status, words) in [
        ("media type", &[JSON, ("authorization", &*good), version][..], "{}", 400, "the body"),
        ("no client", &[FORM, version], body, 401, "the client"),
        ("wrong secret", &[FORM, ("authorization", &bad), version], body, 401, "the client"),
        ("no header", &[FORM, ("authorization", &good)], body, 400, "`x-version`"),
        ("other grant", &[FORM, ("authorization", &good), version], "grant_type=x", 400, "`grant"),
        (
            "empty refresh token",
            &[FORM, ("authorization", &good), version],
            "grant_type=refresh_token&refresh_token=",
            400,
            "`refresh_token` is missing",
        ),
    ] {
        let (got, text) = ask(&likeness(), headers, body);
        assert_eq!((got, text.contains(words)), (status, true), "{name}: {text}");
    }
}

#[test]
fn an_unwanted_authorization_header_and_a_missing_jwt_are_refused() {
    let body = "grant_type=refresh_token&refresh_token=r";
    let authorization = basic("id", "s+1");
    let headers = [FORM, ("authorization", &*authorization), ("x-version", "2")];
    for (wanted, status) in [(Authorization::Absent, 401), (Authorization::Jwt, 401)] {
        let likeness = Likeness { authorization: wanted, ..likeness() };
        assert_eq!(ask(&likeness, &headers, body).0, status);
    }
    let headers = [FORM, ("authorization", "Bearer a.b.c"), ("x-version", "2")];
    let likeness = Likeness { authorization: Authorization::Jwt, ..likeness() };
    assert_eq!(ask(&likeness, &headers, body).0, 201);
}

#[test]
fn a_body_of_another_kind_must_hold_the_values() {
    let likeness = Likeness {
        media_type: Some("application/xml".into()),
        authorization: Authorization::Absent,
        parameters: vec![expected("user", Some("ada"))],
        headers: vec![],
        ..likeness()
    };
    let xml = ("content-type", "application/xml");
    assert_eq!(ask(&likeness, &[xml], "<user>ada</user>").0, 201);
    let (status, text) = ask(&likeness, &[xml], "<user>eve</user>");
    assert_eq!((status, text.contains("`user`")), (400, true), "{text}");
}

#[test]
fn a_log_in_brings_a_refresh_token_and_needs_no_other() {
    let likeness = Likeness {
        authorization: Authorization::Absent,
        client: vec![expected("client_id", Some("id"))],
        headers: vec![],
        login: Some(Login::Device),
        answer: Answer {
            body: r#"{"access_token":"${access_token}"}"#.into(),
            ..likeness().answer
        },
        ..likeness()
    };
    let (_, codes) =
        ask_at("/like/acme/device", &likeness, &[FORM, ("host", "h:1")], "client_id=id");
    assert!(codes.contains(r#""verification_uri":"http://h:1/like/acme/device""#), "{codes}");
    let grant = "grant_type=urn:ietf:params:oauth:grant-type:device_code&device_code=d";
    let (status, body) = ask(&likeness, &[FORM], &format!("{grant}&client_id=id"));
    assert_eq!((status, body.contains(r#""refresh_token":""#)), (201, true), "{body}");
    assert_eq!(ask(&likeness, &[FORM], grant).0, 400, "the client is still needed");
}

#[test]
fn the_browser_is_sent_back_with_a_code_and_the_state() {
    let likeness = Likeness { login: Some(Login::Browser), ..likeness() };
    let path = "/like/acme/authorize?redirect_uri=http%3A%2F%2F127.0.0.1%3A9%2Fback&state=s";
    let reply = with_occasion(|o| likeness.answer(&request(path, &[], ""), o)).unwrap();
    let location = ("location", format!("http://127.0.0.1:9/back?code={TOKEN}&state=s"));
    assert_eq!((reply.status.as_u16(), reply.headers.contains(&location)), (302, true));
    let path = "/like/acme/authorize?redirect_uri=back";
    let reply = with_occasion(|o| likeness.answer(&request(path, &[], ""), o)).unwrap();
    assert_eq!(reply.status.as_u16(), 400);
}

#[test]
fn nothing_else_stands_below_its_name() {
    for path in ["/like/acme/authorize", "/like/acme/device", "/like/acme/x", "/like/other/token"] {
        let reply = with_occasion(|o| likeness().answer(&request(path, &[], ""), o));
        assert!(reply.is_none(), "{path}");
    }
}

#[test]
fn what_the_client_signs_is_looked_at() {
    let signed = SignedClaims {
        parameter: Some("assertion".into()),
        claims: vec![expected("aud", Some("https://a")), expected("n", Some("5"))],
    };
    let likeness = Likeness {
        authorization: Authorization::Absent,
        signed: Some(signed),
        parameters: vec![],
        headers: vec![],
        ..likeness()
    };
    let jwt = |claims: serde_json::Value| with_occasion(|occasion| occasion.jwt(&claims));
    let alive = 1_790_000_001;
    let good = jwt(serde_json::json!({ "aud": "https://a", "n": 5, "exp": alive }));
    let cut = good.rsplit_once('.').expect("a signature").0.to_owned();
    let rows = [
        ("good", good, 201, ""),
        ("no signature", cut, 400, "no JWT"),
        ("no JWT", String::new(), 400, "no JWT"),
        (
            "expired",
            jwt(serde_json::json!({ "aud": "https://a", "n": 5, "exp": 1 })),
            400,
            "expired",
        ),
        ("audience", jwt(serde_json::json!({ "aud": "b", "n": 5, "exp": alive })), 400, "`aud`"),
        ("no claim", jwt(serde_json::json!({ "aud": "https://a", "exp": alive })), 400, "`n`"),
    ];
    for (name, jwt, status, words) in rows {
        let (got, text) = ask(&likeness, &[FORM], &format!("assertion={jwt}"));
        assert_eq!((got, text.contains(words)), (status, true), "{name}: {text}");
    }
}
