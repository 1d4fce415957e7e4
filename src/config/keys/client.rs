//! Who asks, and how the client proves it.

use super::{
    PATH,
    assertion::{CLIENT_SECRET_JWT, PRIVATE_KEY_JWT},
};
use crate::config::shape::{Choice, Key, Kind, PlainText, Section, Variant, Word};

pub(super) static CLIENT_AUTHENTICATION: Choice = Choice {
    title: "client_authentication",
    doc: "How the client proves who it is; the names are those of RFC 7591, section 2.",
    text: PlainText::Variant,
    secret: false,
    variants: &[
        Variant {
            name: "client_secret_basic",
            doc: "In the `Authorization` header.",
            short: None,
            long: Some(&BASIC),
        },
        Variant {
            name: "client_secret_post",
            doc: "Among the parameters of the request.",
            short: None,
            long: None,
        },
        Variant {
            name: "client_secret_jwt",
            doc: "With a JWT that the secret signs (RFC 7523, section 2.2).",
            short: None,
            long: Some(&CLIENT_SECRET_JWT),
        },
        Variant {
            name: "private_key_jwt",
            doc: "With a JWT that a private key signs (RFC 7523, section 2.2).",
            short: None,
            long: Some(&PRIVATE_KEY_JWT),
        },
        Variant {
            name: "tls_client_auth",
            doc: "With `client_certificate`, which an authority has signed (RFC 8705, section 2.1).",
            short: None,
            long: None,
        },
        Variant {
            name: "self_signed_tls_client_auth",
            doc: "With `client_certificate`, which the provider has on record (RFC 8705, section \
                  2.2).",
            short: None,
            long: None,
        },
        Variant {
            name: "none",
            doc: "Not at all; `client_id`, if given, is a parameter of the request.",
            short: None,
            long: None,
        },
    ],
};

static BASIC: Section = Section {
    title: "client_secret_basic",
    doc: "HTTP Basic authentication (RFC 6749, section 2.3.1).",
    keys: &[Key::default(
        "encoding",
        Kind::OneOf(&ENCODINGS),
        "form",
        "How id and secret are written into the header.",
    )],
};

pub(super) const CERTIFICATE_KEY: Key = Key::optional(
    "client_certificate",
    Kind::Section(&CLIENT_CERTIFICATE),
    "The certificate that we show when we connect; read again when its files change.",
);

static CLIENT_CERTIFICATE: Section = Section {
    title: "client_certificate",
    doc: "The certificate that we show when we connect (RFC 8705).",
    keys: &[
        Key::required(
            "certificate",
            PATH,
            "PEM file with the certificate and those that lead to its authority.",
        ),
        Key::required("key", PATH, "PEM file with its private key."),
    ],
};

static ENCODINGS: [Word; 2] = [
    Word { name: "form", doc: "Form-encoded first, as RFC 6749 asks." },
    Word { name: "raw", doc: "As they are, which some servers want." },
];
