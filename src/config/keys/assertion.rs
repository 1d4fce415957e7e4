//! JWTs that we make and sign: as the grant, or to prove who the client is.

use super::{DURATION, PUBLIC, SECRET};
use crate::config::shape::{Key, Kind, Names, Section, Word};

pub(super) static ASSERTION: Section = Section {
    title: "assertion",
    doc: "A JWT that we make and sign (RFC 7523, section 3).",
    keys: &[
        ALGORITHM_KEY,
        PRIVATE_KEY_KEY,
        KEY_ID_KEY,
        THUMBPRINT_KEY,
        Key::optional("issuer", PUBLIC, "The claim `iss`; without it, the client's id."),
        Key::optional("subject", PUBLIC, "The claim `sub`."),
        Key::optional(
            "audience",
            PUBLIC,
            "The claim `aud`; without it, the token endpoint, but none with `app_jwt` and `signed_jwt`.",
        ),
        LIFETIME_KEY,
        CLAIMS_KEY,
    ],
};

pub(super) static CLIENT_SECRET_JWT: Section = Section {
    title: "client_secret_jwt",
    doc: "A JWT that the secret signs.",
    keys: &[
        Key::default("algorithm", Kind::OneOf(&MAC_ALGORITHMS), "HS256", "With which algorithm."),
        AUDIENCE_KEY,
        LIFETIME_KEY,
        CLAIMS_KEY,
    ],
};

pub(super) static PRIVATE_KEY_JWT: Section = Section {
    title: "private_key_jwt",
    doc: "A JWT that a private key signs.",
    keys: &[
        ALGORITHM_KEY,
        PRIVATE_KEY_KEY,
        KEY_ID_KEY,
        THUMBPRINT_KEY,
        AUDIENCE_KEY,
        LIFETIME_KEY,
        CLAIMS_KEY,
    ],
};

const ALGORITHM_KEY: Key =
    Key::default("algorithm", Kind::OneOf(&ALGORITHMS), "RS256", "With which algorithm.");
const PRIVATE_KEY_KEY: Key =
    Key::optional("key", SECRET, "The private key in PEM. Required, here or in the preset.");
const KEY_ID_KEY: Key = Key::optional("key_id", PUBLIC, "The `kid` of its header.");
const THUMBPRINT_KEY: Key = Key::optional(
    "certificate",
    PUBLIC,
    "The certificate in PEM whose thumbprint the header names (`x5t`, `x5t#S256`).",
);
const AUDIENCE_KEY: Key =
    Key::optional("audience", PUBLIC, "The claim `aud`; without it, the token endpoint.");
const LIFETIME_KEY: Key = Key::default("lifetime", DURATION, "60s", "From `iat` to `exp`.");

const CLAIMS_KEY: Key = Key::optional(
    "claims",
    Kind::Map(Names::Parameter, &SECRET),
    "Further claims; a text that is JSON becomes what it says.",
);

const fn algorithm(name: &'static str, doc: &'static str) -> Word {
    Word { name, doc }
}

static MAC_ALGORITHMS: [Word; 3] = [
    algorithm("HS256", "HMAC with SHA-256."),
    algorithm("HS384", "HMAC with SHA-384."),
    algorithm("HS512", "HMAC with SHA-512."),
];

static ALGORITHMS: [Word; 12] = [
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
