//! Where values are kept.

use super::{PATH, TEXT};
use crate::config::shape::{Choice, Key, Kind, PlainText, Section, Variant};

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

static SOURCES: [Variant; 5] = [
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
        name: "json_file",
        doc: "In a field of a JSON file.",
        short: None,
        long: Some(&JSON_SOURCE),
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

static JSON_SOURCE: Section = Section {
    title: "json_source",
    doc: "A field of a JSON file, such as the key file of a service account.",
    keys: &[
        Key::required("path", PATH, "The file; `${name}` stands for a variable in it."),
        Key::required("field", TEXT, "Keys or list indices from the top: `a.b.0`."),
    ],
};
