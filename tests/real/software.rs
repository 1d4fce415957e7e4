//! Which authorization servers there are, and what each of them offers.

use std::{io::Write as _, sync::Once};

use crate::{matrix::Authentication, server::root};

/// An authorization server that `tests/real/setup` installs.
pub struct Software {
    pub name: &'static str,
    /// What `tests/real/setup` leaves when it is installed.
    stamp: &'static str,
    /// Runs the script `tests/real/servers/SCRIPT`.
    pub interpreter: &'static str,
    pub script: &'static str,
    pub token_path: &'static str,
    pub authorization_path: &'static str,
    pub device_authorization_path: &'static str,
    /// What a line of its log holds for each token that it issues, and for nothing else.
    pub issue_line: &'static [&'static str],
    /// Which way it wants id and secret written in a Basic header; it refuses the other.
    pub basic_encoding: BasicEncoding,
    /// Whether a client on loopback may come back to any port (RFC 8252, section 7.3).
    pub any_loopback_port: bool,
    /// What its refusals say.
    pub refusals: Refusals,
    /// The ways to authenticate that go with each grant. What is not here, it does not offer.
    pub offers: &'static [(&'static str, &'static [Authentication])],
    announced: Once,
}

/// How id and secret stand in a Basic header.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum BasicEncoding {
    Form,
    Raw,
}

/// The word by which a refusal is known: an error code of RFC 6749, section 5.2, or the HTTP
/// status of a reply without one.
pub struct Refusals {
    pub wrong_secret: &'static str,
    pub other_encoding: &'static str,
    pub spent_refresh_token: &'static str,
    /// `None` from a server that leaves unknown scopes out and grants the rest.
    pub unknown_scope: Option<&'static str>,
}

use Authentication::{
    ClientSecretBasic as Basic, ClientSecretJwt as SecretJwt, ClientSecretPost as Post,
    None as Nothing, PrivateKeyJwt as KeyJwt, SelfSignedTlsClientAuth as SelfSigned,
    TlsClientAuth as Tls,
};

const SECRETS: &[Authentication] = &[Basic, Post];
const SECRETS_OR_NONE: &[Authentication] = &[Nothing, Basic, Post];

/// Every way but `none`, which has no place where the client asks for itself.
const CONFIDENTIAL: &[Authentication] = &[
    Basic,
    Post,
    SecretJwt,
    KeyJwt("RS256"),
    KeyJwt("PS256"),
    KeyJwt("ES256"),
    KeyJwt("EdDSA"),
    Tls,
    SelfSigned,
];
const ALL: &[Authentication] = &[
    Nothing,
    Basic,
    Post,
    SecretJwt,
    KeyJwt("RS256"),
    KeyJwt("PS256"),
    KeyJwt("ES256"),
    KeyJwt("EdDSA"),
    Tls,
    SelfSigned,
];

/// Glewlwyd knows certificates too, but only where all of it speaks TLS.
const GLEWLWYD_CONFIDENTIAL: &[Authentication] =
    &[Basic, Post, SecretJwt, KeyJwt("RS256"), KeyJwt("PS256"), KeyJwt("ES256"), KeyJwt("EdDSA")];
const GLEWLWYD_ALL: &[Authentication] = &[
    Nothing,
    Basic,
    Post,
    SecretJwt,
    KeyJwt("RS256"),
    KeyJwt("PS256"),
    KeyJwt("ES256"),
    KeyJwt("EdDSA"),
];

pub static OIDC_PROVIDER: Software = Software {
    name: "oidc-provider",
    stamp: "node_servers",
    interpreter: "tests/real/.servers/node",
    script: "oidc_provider.mjs",
    token_path: "/token",
    authorization_path: "/auth",
    device_authorization_path: "/device/auth",
    issue_line: &["token request: 200"],
    basic_encoding: BasicEncoding::Form,
    any_loopback_port: true,
    refusals: Refusals {
        wrong_secret: "invalid_client",
        other_encoding: "invalid_request",
        spent_refresh_token: "invalid_grant",
        unknown_scope: None,
    },
    offers: &[
        ("client_credentials", CONFIDENTIAL),
        ("refresh_token", ALL),
        ("authorization_code", ALL),
        ("device_code", ALL),
        ("jwt_bearer", ALL),
        ("token_exchange", ALL),
    ],
    announced: Once::new(),
};

pub static DJANGO_OAUTH_TOOLKIT: Software = Software {
    name: "django-oauth-toolkit",
    stamp: "django_oauth_toolkit",
    interpreter: "tests/real/.servers/python/bin/python",
    script: "django_oauth_toolkit.py",
    token_path: "/o/token/",
    authorization_path: "/o/authorize/",
    device_authorization_path: "/o/device-authorization/",
    issue_line: &["\"POST /o/token/ HTTP/1.1\" 200 "],
    basic_encoding: BasicEncoding::Form,
    any_loopback_port: true,
    refusals: Refusals {
        wrong_secret: "invalid_client",
        other_encoding: "invalid_client",
        spent_refresh_token: "invalid_grant",
        unknown_scope: Some("invalid_scope"),
    },
    offers: &[
        ("client_credentials", SECRETS),
        ("refresh_token", SECRETS_OR_NONE),
        ("password", SECRETS_OR_NONE),
        ("authorization_code", SECRETS_OR_NONE),
        ("device_code", SECRETS_OR_NONE),
    ],
    announced: Once::new(),
};

pub static GLEWLWYD: Software = Software {
    name: "glewlwyd",
    stamp: "glewlwyd",
    interpreter: "python3",
    script: "glewlwyd.py",
    token_path: "/api/oidc/token",
    authorization_path: "/api/oidc/auth",
    device_authorization_path: "/api/oidc/device_authorization",
    issue_line: &["Access token generated", "with scope list 'read', origin: 127.0.0.1"],
    basic_encoding: BasicEncoding::Raw,
    any_loopback_port: false,
    refusals: Refusals {
        wrong_secret: "403",
        other_encoding: "403",
        spent_refresh_token: "400",
        unknown_scope: Some("scope_invalid"),
    },
    offers: &[
        ("client_credentials", GLEWLWYD_CONFIDENTIAL),
        ("refresh_token", GLEWLWYD_ALL),
        // Beside a password it does not look at assertions: a token would prove nothing. A client
        // that has nothing to prove gets 403.
        ("password", SECRETS),
        ("authorization_code", GLEWLWYD_ALL),
        // Its device endpoint wants assertions made out to itself, its token endpoint to the other;
        // RFC 7523, section 3, lets a client name the token endpoint to both.
        ("device_code", SECRETS_OR_NONE),
    ],
    announced: Once::new(),
};

pub static NODE_OAUTH2_SERVER: Software = Software {
    name: "@node-oauth/oauth2-server",
    stamp: "node_servers",
    interpreter: "tests/real/.servers/node",
    script: "node_oauth2_server.mjs",
    token_path: "/token",
    authorization_path: "/authorize",
    device_authorization_path: "",
    issue_line: &["token request: 200"],
    basic_encoding: BasicEncoding::Raw,
    any_loopback_port: true,
    refusals: Refusals {
        wrong_secret: "invalid_client",
        other_encoding: "invalid_client",
        spent_refresh_token: "invalid_grant",
        unknown_scope: Some("invalid_scope"),
    },
    offers: &[
        ("client_credentials", SECRETS),
        ("refresh_token", SECRETS_OR_NONE),
        ("password", SECRETS_OR_NONE),
        ("authorization_code", SECRETS_OR_NONE),
    ],
    announced: Once::new(),
};

/// It speaks OAuth 1.0a: what the others are asked of OAuth 2.0 does not fit it.
pub static AUTHLIB: Software = Software {
    name: "Authlib",
    stamp: "authlib",
    interpreter: "tests/real/.servers/python/bin/python",
    script: "authlib_oauth1.py",
    token_path: "/token",
    authorization_path: "/authorize",
    device_authorization_path: "",
    issue_line: &["\"POST /token HTTP/1.1\" 200 "],
    basic_encoding: BasicEncoding::Raw,
    any_loopback_port: true,
    refusals: Refusals {
        wrong_secret: "invalid_signature",
        other_encoding: "invalid_signature",
        spent_refresh_token: "",
        unknown_scope: None,
    },
    offers: &[],
    announced: Once::new(),
};

/// All that speak OAuth 2.0.
pub const SERVERS: [&Software; 4] =
    [&OIDC_PROVIDER, &DJANGO_OAUTH_TOOLKIT, &GLEWLWYD, &NODE_OAUTH2_SERVER];

impl Software {
    /// Whether it can be started. If not, says so once; in CI that is a failure.
    pub fn is_installed(&self) -> bool {
        if root().join(format!("tests/real/.servers/{}.stamp", self.stamp)).exists() {
            return true;
        }
        let left_out =
            format!("left out: {} is not installed (tests/real/setup installs it)", self.name);
        assert!(std::env::var_os("CI").is_none_or(|ci| ci != "true"), "{left_out}");
        // Not `eprintln!`: of a test that passes, the test runner keeps that to itself.
        let mut stderr = std::io::stderr();
        self.announced.call_once(|| writeln!(stderr, "{left_out}").unwrap());
        false
    }
}
