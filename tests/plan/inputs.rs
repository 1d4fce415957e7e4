//! What decides which token we get, and what does not: a difference asks for a new token.

use tokenward::credential::Fingerprint;

use crate::plan;

/// The digest of a credential of these keys, in YAML's flow style.
fn inputs(keys: &str) -> Fingerprint {
    let plan = plan(&format!("version: 1\ncredentials:\n  one: {{ {keys} }}\n"));
    plan.credential("one").expect("the credential").inputs
}

const CLIENT: &str = "token_endpoint: https://h/t, client_id: x, client_secret: { env: A }";

/// Keys of a grant, and what may be put in their place.
type Row = (&'static str, &'static [&'static str]);

/// What decides the token: each is another one.
const DECIDES: [Row; 12] = [
    (
        "",
        &[
            "scope: a",
            "scope: a b",
            "audience: a",
            "resource: a",
            "grant_type: g",
            "method: GET",
            "query: { a: b }",
            "parameters: { a: b }",
            "headers: { a: b }",
            "body: json",
            "body: query",
            "client_authentication: client_secret_post",
            "client_authentication: { client_secret_basic: { encoding: raw } }",
            "response: { expires_at: until }",
        ],
    ),
    (
        "client_secret: { env: A }",
        &[
            "client_secret: { env: B }",
            "client_secret: [{ env: A }, { env: B }]",
            "client_secret: [{ env: B }, { env: A }]",
            "client_secret: { json_file: { path: /a, field: b } }",
            "client_secret: { json_file: { path: /a, field: c } }",
        ],
    ),
    (
        "body: { template: { text: 'a${scope}' } }",
        &[
            "body: { template: { text: 'a${client_id}' } }",
            "body: { template: { text: 'a${scope}', content_type: text/xml } }",
        ],
    ),
    (
        "steps: [{ url: https://h/s }]",
        &[
            "steps: [{ url: https://h/r }]",
            "steps: [{ url: https://h/s }, { url: https://h/s }]",
            "steps: [{ url: https://h/s, method: GET }]",
            "steps: [{ url: https://h/s, body: json }]",
            "steps: [{ url: https://h/s, parameters: { a: b } }]",
            "steps: [{ url: https://h/s, headers: { a: b } }]",
            "steps: [{ url: https://h/s, take: { a: b } }]",
            "steps: [{ url: https://h/s, take: { a: { header: b } } }]",
            "steps: [{ url: https://h/s, take: { a: { cookie: b } } }]",
            "steps: [{ url: 'https://h/${a}', take: { a: b } }]",
        ],
    ),
    (
        "response: {}",
        &[
            "response: { access_token: { header: x-a } }",
            "response: { access_token: { cookie: x-a } }",
            "response: { access_token: x-a }",
            "response: { refresh_token: a }",
            "response: { token_characters: visible }",
            "response: { lifetime: 1m }",
            "response: { expires_in_unit: minutes }",
            "response: { fields: { a: b } }",
            "response: { fields: { a: { header: b } } }",
        ],
    ),
    (
        "grant: refresh_token, refresh_token: { env: R }",
        &[
            "grant: refresh_token, refresh_token: { env: S }",
            "grant: authorization_code, authorization_endpoint: https://h/a",
            "grant: device_code, device_authorization_endpoint: https://h/d",
        ],
    ),
    (
        "grant: password, username: u, password: { env: P }",
        &[
            "grant: password, username: v, password: { env: P }",
            "grant: password, username: u, password: { env: Q }",
        ],
    ),
    (
        "grant: jwt_bearer, assertion: { key: { file: /k } }",
        &[
            "grant: app_jwt, client_authentication: client_secret_post, assertion: { key: { file: /k } }",
            "grant: jwt_bearer, assertion: { key: { file: /l } }",
            "grant: jwt_bearer, assertion: { key: { file: /k }, algorithm: PS256 }",
            "grant: jwt_bearer, assertion: { key: { file: /k }, key_id: i }",
            "grant: jwt_bearer, assertion: { key: { file: /k }, certificate: i }",
            "grant: jwt_bearer, assertion: { key: { file: /k }, issuer: i }",
            "grant: jwt_bearer, assertion: { key: { file: /k }, subject: i }",
            "grant: jwt_bearer, assertion: { key: { file: /k }, audience: i }",
            "grant: jwt_bearer, assertion: { key: { file: /k }, claims: { a: b } }",
        ],
    ),
    (
        "grant: token_exchange, subject_token: { env: S }",
        &[
            "grant: token_exchange, subject_token: { env: T }",
            "grant: token_exchange, subject_token: { env: S }, subject_token_type: t",
            "grant: token_exchange, subject_token: { env: S }, actor_token: { env: A }",
            "grant: token_exchange, subject_token: { env: S }, requested_token_type: t",
        ],
    ),
    (
        "client_authentication: client_secret_jwt",
        &[
            "client_authentication: { client_secret_jwt: { algorithm: HS384 } }",
            "client_authentication: { client_secret_jwt: { audience: a } }",
            "client_authentication: { client_secret_jwt: { claims: { scope: a } } }",
        ],
    ),
    (
        "client_certificate: { certificate: /c, key: /k }",
        &["client_certificate: { certificate: /d, key: /k }"],
    ),
    ("variables: { v: a }, scope: '${v}'", &["variables: { v: b }, scope: '${v}'"]),
];

/// What does not: the token in hand stays.
const DOES_NOT: [Row; 6] = [
    (
        "",
        &[
            "on_remove: remove",
            "authorization_scheme: token",
            "overlap: none",
            "timeout: 5s",
            "mode: '0600'",
            "body: form",
            "notify: []",
            "refresh: { at: 0.5 }",
            "assume_lifetime: 5m",
            "refresh: { keep_alive: 1d }",
            "outputs: [{ template_file: { path: t, text: x } }]",
            "method: POST",
            "variables: { v: a }",
        ],
    ),
    (
        "grant: refresh_token, refresh_token: { env: R }",
        &[
            "grant: refresh_token, refresh_token: { env: R }, rotation: { after_lost_answer: stop }",
            "grant: refresh_token, refresh_token: { env: R }, refresh_request: { parameter: x }",
        ],
    ),
    (
        "grant: authorization_code, authorization_endpoint: https://h/a",
        &[
            "grant: authorization_code, authorization_endpoint: https://h/b",
            "grant: authorization_code, authorization_endpoint: https://h/a, redirect_uri: https://a/b",
            "grant: authorization_code, authorization_endpoint: https://h/a, pkce: false",
            "grant: authorization_code, authorization_endpoint: https://h/a, \
         authorization_parameters: { prompt: consent }",
        ],
    ),
    (
        "grant: device_code, device_authorization_endpoint: https://h/a",
        &["grant: device_code, device_authorization_endpoint: https://h/b"],
    ),
    (
        "grant: jwt_bearer, assertion: { key: { file: /k } }",
        &["grant: jwt_bearer, assertion: { key: { file: /k }, lifetime: 5m }"],
    ),
    (
        "client_authentication: { client_secret_jwt: { lifetime: 60s } }",
        &["client_authentication: { client_secret_jwt: { lifetime: 5m } }"],
    ),
];

/// The keys of a row beside those that every credential here has.
fn with_client(keys: &str) -> String {
    let client = if keys.contains("client_secret: ") {
        "token_endpoint: https://h/t, client_id: x"
    } else {
        CLIENT
    };
    format!("{client}, {keys}")
}

#[test]
fn what_decides_the_token_changes_the_inputs() {
    for (keys, others) in DECIDES {
        let mut seen = vec![inputs(&with_client(keys))];
        for other in others {
            let inputs = inputs(&with_client(other));
            assert!(!seen.contains(&inputs), "{other}");
            seen.push(inputs);
        }
    }
}

#[test]
fn what_does_not_changes_nothing() {
    for (keys, others) in DOES_NOT {
        let before = inputs(&with_client(keys));
        for other in others {
            assert_eq!(inputs(&with_client(other)), before, "{other}");
        }
    }
}

#[test]
fn each_value_of_a_for_each_has_inputs_of_its_own_where_it_decides() {
    let keys = "for_each: { v: { list: [a, b] } }, outputs: [{ token_file: '${v}' }]";
    let two = |more: &str| {
        let plan =
            plan(&format!("version: 1\ncredentials:\n  one: {{ {CLIENT}, {keys}{more} }}\n"));
        ["one@a", "one@b"].map(|name| plan.credential(name).expect("a credential").inputs)
    };
    let [a, b] = two("");
    assert_eq!(a, b, "only their outputs differ");
    let [a, b] = two(", scope: '${v}'");
    assert_ne!(a, b);
}
