//! Who asks, how the client proves it, and where values are kept.

use super::{DURATION, PATH, PUBLIC, SECRET, TEXT};
use crate::config::shape::{Choice, Key, Kind, Names, PlainText, Section, Variant, Word};

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

static CLIENT_SECRET_JWT: Section = Section {
    title: "client_secret_jwt",
    doc: "A JWT that the secret signs.",
    keys: &[
        Key::default("algorithm", Kind::OneOf(&MAC_ALGORITHMS), "HS256", "With which algorithm."),
        AUDIENCE_KEY,
        LIFETIME_KEY,
        CLAIMS_KEY,
    ],
};

static PRIVATE_KEY_JWT: Section = Section {
    title: "private_key_jwt",
    doc: "A JWT that a private key signs.",
    keys: &[
        Key::default("algorithm", Kind::OneOf(&ALGORITHMS), "RS256", "With which algorithm."),
        Key::optional("key", SECRET, "The private key in PEM. Required, here or in the preset."),
        Key::optional("key_id", PUBLIC, "The `kid` of its header."),
        Key::optional(
            "certificate",
            PUBLIC,
            "The certificate in PEM whose thumbprint the header names (`x5t`, `x5t#S256`).",
        ),
        AUDIENCE_KEY,
        LIFETIME_KEY,
        CLAIMS_KEY,
    ],
};

const AUDIENCE_KEY: Key =
    Key::optional("audience", PUBLIC, "The claim `aud`; without it, the token endpoint.");
pub(super) const LIFETIME_KEY: Key =
    Key::default("lifetime", DURATION, "60s", "From `iat` to `exp`.");
pub(super) const CLAIMS_KEY: Key = Key::optional(
    "claims",
    Kind::Map(Names::Parameter, &SECRET),
    "Further claims; a text that is JSON becomes what it says.",
);

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

const fn algorithm(name: &'static str, doc: &'static str) -> Word {
    Word { name, doc }
}

static MAC_ALGORITHMS: [Word; 3] = [
    algorithm("HS256", "HMAC with SHA-256."),
    algorithm("HS384", "HMAC with SHA-384."),
    algorithm("HS512", "HMAC with SHA-512."),
];

pub(super) static ALGORITHMS: [Word; 12] = [
    algorithm("HS256", "HMAC with SHA-256; the key is the secret itself."),
    algorithm("HS384", "HMAC with SHA-384."),
    algorithm("HS512", "HMAC with SHA-512."),
    algorithm("RS256", "RSA (PKCS #1) with SHA-256."),
    algorithm("RS384", "RSA (PKCS #1) with SHA-384."),
    algorithm("RS512", "RSA (PKCS #1) with SHA-512."),
    algorithm("PS256", "RSA-PSS with SHA-256."),
    algorithm("PS384", "RSA-PSS with SHA-384."),
    algorithm("PS512", "RSA-PSS with SHA-512."),
    algorithm("ES256", "ECDSA on P-256 with SHA-256."),
    algorithm("ES384", "ECDSA on P-384 with SHA-384."),
    algorithm("EdDSA", "Ed25519."),
];

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
