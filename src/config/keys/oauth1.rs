//! How a token of OAuth 1.0a is had (RFC 5849).

use super::{SECRET, TEXT, URL};
use crate::config::shape::{Key, Kind, Section, Word};

pub(super) const OAUTH1_KEY: Key = Key::optional(
    "oauth1",
    Kind::Section(&OAUTH1),
    "How a person agrees and how requests are signed, for the grant `oauth1`.",
);

static OAUTH1: Section = Section {
    title: "oauth1",
    doc: "The legs of OAuth 1.0a (RFC 5849). The URL of the third is `token_endpoint`; the \
          consumer key and its secret are `client_id` and `client_secret`.",
    keys: &[
        Key::required(
            "initiate",
            URL,
            "Where temporary credentials are had (section 2.1), often called request token. \
             `scope` and `parameters` are sent there.",
        ),
        Key::required("authorize", URL, "The page where a person agrees (section 2.2)."),
        Key::default(
            "callback",
            TEXT,
            "http://127.0.0.1:0/callback",
            "Where the browser comes back to, as with `redirect_uri`; or `oob`: the page shows a \
             verifier, which is typed in.",
        ),
        Key::default(
            "signature_method",
            Kind::OneOf(&SIGNATURE_METHODS),
            "HMAC-SHA1",
            "How requests are signed (section 3.4).",
        ),
        Key::optional(
            "private_key",
            SECRET,
            "The RSA key in PEM, for the methods that begin with RSA; then there is no \
             `client_secret`.",
        ),
        Key::optional("realm", TEXT, "The `realm` of the `Authorization` header."),
        Key::default(
            "parameters_in",
            Kind::OneOf(&PLACES),
            "header",
            "Where the `oauth_` parameters of the log-in stand (section 3.5).",
        ),
    ],
};

static SIGNATURE_METHODS: [Word; 5] = [
    Word { name: "HMAC-SHA1", doc: "With both secrets; what most servers know." },
    Word { name: "HMAC-SHA256", doc: "With both secrets, and a digest that is not outdated." },
    Word { name: "RSA-SHA1", doc: "With `private_key`." },
    Word { name: "RSA-SHA256", doc: "With `private_key`, and a digest that is not outdated." },
    Word {
        name: "PLAINTEXT",
        doc: "The secrets themselves: over https, or on this machine, only.",
    },
];

static PLACES: [Word; 3] = [
    Word { name: "header", doc: "In the `Authorization` header." },
    Word { name: "body", doc: "In the form body." },
    Word { name: "query", doc: "In the query of the URL, which proxies write into their logs." },
];
