//! How the token is asked for: the grant and what it needs.

use super::{BOOL, DURATION, PUBLIC, SECRET, TEXT, URL, assertion::ASSERTION};
use crate::config::shape::{Choice, Key, Kind, Names, PlainText, Section, Variant, Word};

pub(super) const GRANT_KEY: Key = Key::default(
    "grant",
    Kind::OneOf(&GRANTS),
    "client_credentials",
    "How the token is asked for.",
);

static GRANTS: [Word; 12] = [
    Word { name: "client_credentials", doc: "The client asks for itself (RFC 6749, section 4.4)." },
    Word {
        name: "refresh_token",
        doc: "With a refresh token that you have: `refresh_token` (RFC 6749, section 6).",
    },
    Word {
        name: "authorization_code",
        doc: "A person agrees once in a browser: `tokenward login` (RFC 6749, section 4.1).",
    },
    Word {
        name: "device_code",
        doc: "A person agrees once on another device: `tokenward login` (RFC 8628).",
    },
    Word { name: "jwt_bearer", doc: "With an `assertion` that we sign (RFC 7523)." },
    Word { name: "token_exchange", doc: "For another token, the `subject_token` (RFC 8693)." },
    Word {
        name: "password",
        doc: "With `username` and `password` (RFC 6749, section 4.3). Outdated: everybody who \
              sees the password can do everything.",
    },
    Word {
        name: "app_jwt",
        doc: "With an `assertion` in the `Authorization` header and without `grant_type`, as \
              GitHub Apps want it.",
    },
    Word {
        name: "signed_jwt",
        doc: "Nobody is asked: the `assertion` that we sign is the token, as Apple's App Store \
              Connect and others want it.",
    },
    Word {
        name: "oauth1",
        doc: "OAuth 1.0a, as `oauth1` says: a person agrees once, `tokenward login` (RFC 5849).",
    },
    Word {
        name: "none",
        doc: "Without `grant_type`: the request is what `parameters` and `headers` say.",
    },
    Word {
        name: "command",
        doc: "A program, `command`, prints the reply of a token endpoint as JSON.",
    },
];

pub(super) const GRANT_TYPE_KEY: Key =
    Key::optional("grant_type", TEXT, "The `grant_type` to send, in place of the grant's own.");
pub(super) const REFRESH_TOKEN_KEY: Key = Key::optional(
    "refresh_token",
    SECRET,
    "The first refresh token, for the grant `refresh_token`. Those that follow are kept in the \
     state directory; one that is changed here begins anew.",
);
pub(super) const REFRESH_REQUEST_KEY: Key = Key::optional(
    "refresh_request",
    Kind::Section(&REFRESH_REQUEST),
    "How a refresh token is handed in, where the provider has its own way.",
);
pub(super) const ROTATION_KEY: Key = Key::optional(
    "rotation",
    Kind::Section(&ROTATION),
    "What is known of a provider that replaces refresh tokens.",
);
pub(super) const ASSERTION_KEY: Key = Key::optional(
    "assertion",
    Kind::Section(&ASSERTION),
    "The JWT that we sign, for the grants `jwt_bearer`, `app_jwt` and `signed_jwt`.",
);
pub(super) const SUBJECT_TOKEN_KEY: Key = Key::optional(
    "subject_token",
    SECRET,
    "The token that we have, for the grant `token_exchange`; read again at each use.",
);
pub(super) const SUBJECT_TOKEN_TYPE_KEY: Key = Key::default(
    "subject_token_type",
    TEXT,
    "urn:ietf:params:oauth:token-type:jwt",
    "What kind of token that is (RFC 8693, section 3).",
);
pub(super) const ACTOR_TOKEN_KEY: Key =
    Key::optional("actor_token", SECRET, "The token of who acts for the subject (RFC 8693).");
pub(super) const ACTOR_TOKEN_TYPE_KEY: Key = Key::default(
    "actor_token_type",
    TEXT,
    "urn:ietf:params:oauth:token-type:jwt",
    "What kind of token that is.",
);
pub(super) const REQUESTED_TOKEN_TYPE_KEY: Key = Key::optional(
    "requested_token_type",
    TEXT,
    "What kind of token is wanted (RFC 8693, section 2.1).",
);
pub(super) const USERNAME_KEY: Key =
    Key::optional("username", PUBLIC, "The user, for the grant `password`.");
pub(super) const PASSWORD_KEY: Key =
    Key::optional("password", SECRET, "The user's password, for the grant `password`.");
pub(super) const COMMAND_KEY: Key = Key::optional(
    "command",
    Kind::List(&TEXT),
    "The program and its arguments, for the grant `command`; no shell.",
);
pub(super) const AUTHORIZATION_ENDPOINT_KEY: Key = Key::optional(
    "authorization_endpoint",
    URL,
    "Where the browser is sent, for the grant `authorization_code` (RFC 6749, section 3.1).",
);
pub(super) const DEVICE_ENDPOINT_KEY: Key = Key::optional(
    "device_authorization_endpoint",
    URL,
    "Where codes for another device are had, for the grant `device_code` (RFC 8628).",
);
pub(super) const REDIRECT_URI_KEY: Key = Key::default(
    "redirect_uri",
    URL,
    "http://127.0.0.1:0/callback",
    "Where the browser comes back to. On loopback, `tokenward login` listens there, at any free \
     port if it is 0; elsewhere, the address it ends at is pasted.",
);
pub(super) const PKCE_KEY: Key = Key::default(
    "pkce",
    BOOL,
    "true",
    "Whether the authorization request carries a code challenge (RFC 7636).",
);
pub(super) const AUTHORIZATION_PARAMETERS_KEY: Key = Key::optional(
    "authorization_parameters",
    Kind::Map(Names::Parameter, &TEXT),
    "Further parameters of the authorization request, such as `access_type: offline`.",
);

static REFRESH_REQUEST: Section = Section {
    title: "refresh_request",
    doc: "How a refresh token is handed in, where the provider has its own way.",
    keys: &[
        Key::optional("url", URL, "Where, in place of the token endpoint."),
        Key::default(
            "grant_type",
            TEXT,
            "refresh_token",
            "The `grant_type` to send; an empty text for none.",
        ),
        Key::default(
            "parameter",
            TEXT,
            "refresh_token",
            "The parameter that holds the refresh token.",
        ),
        Key::optional(
            "parameters",
            Kind::Map(Names::Parameter, &SECRET),
            "Further parameters, beside or in place of the credential's `parameters`.",
        ),
    ],
};

static ROTATION: Section = Section {
    title: "rotation",
    doc: "What is known of a provider that replaces refresh tokens.",
    keys: &[Key::optional(
        "after_lost_answer",
        Kind::Choice(&AFTER_LOST_ANSWER),
        "What to do when a refresh token was sent and no answer came: it may have been replaced. \
         Without it, `retry` until the provider has replaced one, and then \
         `retry_once_within: 60s`.",
    )],
};

static AFTER_LOST_ANSWER: Choice = Choice {
    title: "after_lost_answer",
    doc: "Some providers take a refresh token that comes twice for theft and end the new tokens \
          too; others forgive it, and then it is the way back.",
    text: PlainText::Variant,
    secret: false,
    variants: &[
        Variant {
            name: "stop",
            doc: "Do not send it again while the token in hand is good.",
            short: None,
            long: None,
        },
        Variant {
            name: "retry_once_within",
            doc: "Send it once more, as soon as `min_interval` allows, if that is within this time \
                  of the loss; then as `stop`.",
            short: Some(DURATION),
            long: None,
        },
        Variant {
            name: "retry",
            doc: "Go on as after any other failure.",
            short: None,
            long: None,
        },
    ],
};
