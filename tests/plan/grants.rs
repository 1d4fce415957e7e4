//! Each grant with the keys that it needs, and with all that it may have.

use std::{path::Path, sync::Arc, time::Duration};

use tokenward::{
    credential::{
        AfterLostAnswer, Algorithm, Assertion, AuthorizationRequest, Callback,
        ClientAuthentication, CommandLine, Credential, Endpoint, FieldPath, Grant, OAuth1,
        ParameterPlace, Renewal, SignatureMethod, Signing, TokenExchange, ValueSource,
    },
    secret::Secret,
};
use url::Url;

use crate::plan;

/// A credential of these keys alone, in YAML's flow style.
fn credential(keys: &str) -> Arc<Credential> {
    let keys = keys.trim_end_matches([',', ' ']);
    let plan = plan(&format!(
        "version: 1\ncredentials:\n  one: {{ {keys}, outputs: [{{ token_file: t }}] }}\n"
    ));
    Arc::clone(plan.credential("one").expect("the credential"))
}

/// The endpoint and the client that most of them have.
fn with_client(keys: &str) -> Arc<Credential> {
    credential(&format!(
        "token_endpoint: https://h/t, client_id: x, client_secret: {{ env: A }}, {keys}"
    ))
}

fn file(path: &str) -> ValueSource {
    ValueSource::File(Path::new(path).into())
}

fn literal(text: &str) -> ValueSource {
    ValueSource::Literal(Secret::from(text))
}

fn url(text: &str) -> Url {
    text.parse().expect("a URL")
}

fn renewal() -> Renewal {
    Renewal {
        url: None,
        grant_type: "refresh_token".into(),
        parameter: "refresh_token".into(),
        extra: [].into(),
        after_lost_answer: None,
    }
}

fn assertion() -> Assertion {
    Assertion {
        signing: Signing {
            algorithm: Algorithm::RS256,
            key: file("/key.pem"),
            key_id: None,
            certificate: None,
        },
        issuer: None,
        subject: None,
        audience: None,
        lifetime: Duration::from_secs(60),
        claims: [].into(),
    }
}

#[test]
fn a_refresh_token_and_how_it_is_handed_in() {
    let keys = "grant: refresh_token, refresh_token: { file: /r }";
    let rows = [
        ("", renewal()),
        (
            "rotation: { after_lost_answer: stop }",
            Renewal { after_lost_answer: Some(AfterLostAnswer::Stop), ..renewal() },
        ),
        (
            "rotation: { after_lost_answer: retry }",
            Renewal { after_lost_answer: Some(AfterLostAnswer::Retry), ..renewal() },
        ),
        (
            "rotation: { after_lost_answer: { retry_once_within: 10s } }",
            Renewal {
                after_lost_answer: Some(AfterLostAnswer::RetryOnceWithin(Duration::from_secs(10))),
                ..renewal()
            },
        ),
        (
            "refresh_request: { url: 'https://h/r', grant_type: '', parameter: rt, \
             parameters: { a: b } }",
            Renewal {
                url: Some(Endpoint(url("https://h/r"))),
                grant_type: "".into(),
                parameter: "rt".into(),
                extra: [("a".into(), literal("b"))].into(),
                ..renewal()
            },
        ),
    ];
    for (more, expected) in rows {
        let one = with_client(&format!("{keys}, {more}"));
        assert_eq!(*one.grant, Grant::RefreshToken { seed: file("/r") }, "{more}");
        assert_eq!(one.renewal.as_deref(), Some(&expected), "{more}");
    }
}

#[test]
fn a_log_in_by_browser_or_by_device() {
    let minimal = with_client("grant: authorization_code, authorization_endpoint: https://h/a");
    let expected = AuthorizationRequest {
        endpoint: Some(Endpoint(url("https://h/a"))),
        redirect_uri: url("http://127.0.0.1:0/callback"),
        pkce: true,
        parameters: [].into(),
    };
    assert_eq!(*minimal.grant, Grant::AuthorizationCode(expected));
    assert_eq!(minimal.renewal.as_deref(), Some(&renewal()));
    let full = credential(
        "issuer: https://h, grant: authorization_code, client_authentication: none, client_id: x,
         redirect_uri: 'https://app/back', pkce: false, authorization_parameters: { a: '${v}' },
         variables: { v: w }",
    );
    let expected = AuthorizationRequest {
        endpoint: None,
        redirect_uri: url("https://app/back"),
        pkce: false,
        parameters: [("a".into(), "w".into())].into(),
    };
    assert_eq!(*full.grant, Grant::AuthorizationCode(expected));
    assert!(full.endpoint.discover);

    let device = "grant: device_code, client_authentication: none, client_id: x";
    let one = credential(&format!("issuer: https://h, {device}"));
    assert_eq!(*one.grant, Grant::DeviceCode { endpoint: None });
    let endpoint = "device_authorization_endpoint: https://h/d";
    let one = credential(&format!("token_endpoint: https://h/t, {endpoint}, {device}"));
    assert_eq!(*one.grant, Grant::DeviceCode { endpoint: Some(Endpoint(url("https://h/d"))) });
    assert!(one.renewal.is_some() && !one.endpoint.discover);
}

#[test]
fn an_assertion_of_ours() {
    let full = Assertion {
        signing: Signing {
            algorithm: Algorithm::ES256,
            key: ValueSource::JsonFile {
                path: Path::new("/key.json").into(),
                field: Box::new(FieldPath(["a".into(), "b".into()].into())),
            },
            key_id: Some(literal("k")),
            certificate: Some(file("/c.pem")),
        },
        issuer: Some(literal("i")),
        subject: Some(literal("s")),
        audience: Some(literal("a")),
        lifetime: Duration::from_secs(600),
        claims: [("c".into(), literal("true"))].into(),
    };
    for (keys, expected) in [
        ("key: { file: /key.pem }", assertion()),
        (
            "algorithm: ES256, key: { json_file: { path: /key.json, field: a.b } }, key_id: k,
             certificate: { file: /c.pem }, issuer: i, subject: s, audience: a, lifetime: 10m,
             claims: { c: true }",
            full,
        ),
    ] {
        let one = |grant| {
            credential(&format!(
                "token_endpoint: https://h/t, grant: {grant}, assertion: {{ {keys} }}"
            ))
        };
        assert_eq!(*one("jwt_bearer").grant, Grant::JwtBearer(expected.clone()), "{keys}");
        assert_eq!(*one("app_jwt").grant, Grant::AppJwt(expected.clone()), "{keys}");
        assert_eq!(*one("signed_jwt").grant, Grant::SignedJwt(expected), "{keys}");
        assert_eq!(one("jwt_bearer").renewal, None, "{keys}");
    }
}

#[test]
fn another_token_for_one_that_we_have() {
    let jwt = "urn:ietf:params:oauth:token-type:jwt";
    let minimal = TokenExchange {
        subject_token: file("/token"),
        subject_token_type: jwt.into(),
        actor_token: None,
        actor_token_type: jwt.into(),
        requested_token_type: None,
    };
    let full = TokenExchange {
        subject_token_type: "t".into(),
        actor_token: Some(file("/actor")),
        actor_token_type: "u".into(),
        requested_token_type: Some("v".into()),
        ..minimal.clone()
    };
    for (more, expected) in [
        ("", minimal),
        (
            "subject_token_type: t, actor_token: { file: /actor }, actor_token_type: u, \
             requested_token_type: v",
            full,
        ),
    ] {
        let keys = format!("grant: token_exchange, subject_token: {{ file: /token }}, {more}");
        let one = credential(&format!("token_endpoint: https://h/t, {keys}"));
        assert_eq!(*one.grant, Grant::TokenExchange(expected), "{more}");
    }
}

#[test]
fn a_password_a_program_or_no_grant_at_all() {
    let one = with_client("grant: password, username: u, password: { file: /p }");
    let expected = Grant::Password { username: literal("u"), password: file("/p") };
    assert_eq!(*one.grant, expected);
    let one = credential("grant: command, command: [/bin/token, a]");
    assert_eq!(*one.grant, Grant::Command(CommandLine(["/bin/token".into(), "a".into()].into())));
    assert_eq!(one.endpoint.url.scheme(), "exec");
    let one = credential("token_endpoint: https://h/t, grant: none");
    assert_eq!(*one.grant, Grant::None);
    let one = with_client("grant_type: account_credentials");
    assert_eq!(*one.grant, Grant::ClientCredentials);
    assert_eq!(one.parameters.grant_type.as_deref(), Some("account_credentials"));
}

#[test]
fn three_legs_of_oauth_1_0a() {
    let minimal = OAuth1 {
        initiate: url("https://h/i"),
        authorize: url("https://h/a"),
        callback: Callback::Page(url("http://127.0.0.1:0/callback")),
        signature_method: SignatureMethod::HmacSha1,
        realm: None,
        parameters_in: ParameterPlace::Header,
    };
    let full = OAuth1 {
        callback: Callback::OutOfBand,
        signature_method: SignatureMethod::HmacSha256,
        realm: Some("r w".into()),
        parameters_in: ParameterPlace::Body,
        ..minimal.clone()
    };
    let rows = [
        ("", minimal.clone()),
        (
            "callback: oob, signature_method: HMAC-SHA256, realm: 'r ${v}', parameters_in: body",
            full,
        ),
        (
            "callback: 'https://app/back', signature_method: PLAINTEXT, parameters_in: query",
            OAuth1 {
                callback: Callback::Page(url("https://app/back")),
                signature_method: SignatureMethod::Plaintext,
                parameters_in: ParameterPlace::Query,
                ..minimal.clone()
            },
        ),
    ];
    let legs = "initiate: https://h/i, authorize: https://h/a";
    for (keys, expected) in rows {
        let one = with_client(&format!(
            "grant: oauth1, variables: {{ v: w }}, oauth1: {{ {legs}, {keys} }}"
        ));
        assert_eq!(*one.grant, Grant::OAuth1(expected), "{keys}");
        assert_eq!(one.client.authentication, ClientAuthentication::None, "{keys}");
        assert!(one.renewal.is_none() && one.client.secrets.len() == 1, "{keys}");
    }
    let key = "private_key: { file: /k.pem }";
    let private_key = file("/k.pem");
    for (name, signature_method) in [
        ("RSA-SHA1", SignatureMethod::RsaSha1 { private_key: private_key.clone() }),
        ("RSA-SHA256", SignatureMethod::RsaSha256 { private_key }),
    ] {
        let one = credential(&format!(
            "token_endpoint: https://h/t, client_id: x, grant: oauth1, \
             oauth1: {{ {legs}, signature_method: {name}, {key} }}"
        ));
        let expected = OAuth1 { signature_method, ..minimal.clone() };
        assert_eq!(*one.grant, Grant::OAuth1(expected), "{name}");
        assert!(one.client.secrets.is_empty(), "{name}");
    }
}
