//! Who asks, how the client proves it, and where values are kept.

use super::{PATH, TEXT};
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

static ENCODINGS: [Word; 2] = [
    Word { name: "form", doc: "Form-encoded first, as RFC 6749 asks." },
    Word { name: "raw", doc: "As they are, which some servers want." },
];

/// Where a value that may be shown is kept.
pub(super) static PUBLIC_SOURCE: Choice = source(false);

/// Where a value that may never be shown is kept.
pub(super) static SECRET_SOURCE: Choice = source(true);

const fn source(secret: bool) -> Choice {
    Choice {
        title: "value_source",
        doc: "Where a value is kept. A plain text is the value itself. The value is read again \
              at each use.",
        text: PlainText::Literal,
        secret,
        variants: &SOURCES,
    }
}

static SOURCES: [Variant; 4] = [
    Variant {
        name: "env",
        doc: "In an environment variable of the daemon.",
        short: Some(TEXT),
        long: None,
    },
    Variant {
        name: "file",
        doc: "In a file; one trailing line break is not part of it.",
        short: Some(PATH),
        long: None,
    },
    Variant {
        name: "systemd_credential",
        doc: "In a file of this name in `$CREDENTIALS_DIRECTORY` (systemd's `LoadCredential=`).",
        short: Some(TEXT),
        long: None,
    },
    Variant {
        name: "command",
        doc: "What a program prints: its path and its arguments; no shell.",
        short: Some(Kind::List(&TEXT)),
        long: None,
    },
];
