//! Assertions, verified with the public half of the key.

use std::sync::Arc;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::{DecodingKey, Validation};
use rcgen::{
    KeyPair, PKCS_ECDSA_P256_SHA256, PKCS_ECDSA_P384_SHA384, PKCS_ED25519, PKCS_RSA_SHA256,
};
use rustls_pki_types::{CertificateDer, pem::PemObject as _};
use serde_json::Value;

use super::*;
use crate::{
    acquire::fixture::{self, SENT_AT, literal},
    credential::{Algorithm, Client, ClientAuthentication, Signing},
    error::Fault,
};

const AUDIENCE: &str = "https://idp.example/token";

fn assertion(algorithm: Algorithm, key: &str) -> Assertion {
    Assertion {
        signing: Signing { algorithm, key: literal(key), key_id: None, certificate: None },
        issuer: Some(literal("issuer")),
        subject: None,
        audience: None,
        lifetime: std::time::Duration::from_secs(60),
        claims: [].into(),
    }
}

async fn signed(purpose: Purpose, assertion: &Assertion) -> Result<Secret, AcquireError> {
    let client = fixture::client(ClientAuthentication::None);
    let client = Arc::new(Client { id: Some(literal("client")), ..client });
    let mut endpoint = fixture::endpoint(AUDIENCE);
    endpoint.url.set_query(Some("subscription-key=hunter2"));
    let endpoint = Arc::new(endpoint);
    let credential = crate::credential::Credential { endpoint, client, ..fixture::credential() };
    let mut draft = Draft::new(SENT_AT.wall);
    let key = Key { name: "the key", source: &assertion.signing.key };
    let attempt = fixture::attempt(&credential);
    let signed = make(&attempt, purpose, assertion, key, &mut draft).await?;
    let shown = draft.redaction.show(signed.expose());
    assert_eq!(&*shown, "[redacted]", "a server that repeats it gets it into no log");
    Ok(signed)
}

/// Header and claims, if the signature holds.
fn verified(token: &Secret, algorithm: Algorithm, key: &DecodingKey) -> Option<(Header, Value)> {
    let mut validation = Validation::new(super::key::algorithm(algorithm));
    (validation.validate_exp, validation.validate_aud) = (false, false);
    let data = jsonwebtoken::decode::<Value>(token.expose(), key, &validation).ok()?;
    Some((data.header, data.claims))
}

/// The claims, whoever signed them.
fn claims(token: &Secret) -> Value {
    jsonwebtoken::dangerous::insecure_decode::<Value>(token.expose()).unwrap().claims
}

fn pem(label: &str, der: &[u8]) -> String {
    use base64::engine::general_purpose::STANDARD;
    let text = base64::Engine::encode(&STANDARD, der);
    format!("-----BEGIN {label}-----\n{text}\n-----END {label}-----\n")
}

#[tokio::test]
async fn each_algorithm_signs_what_the_public_key_verifies() {
    let rsa = KeyPair::generate_for(&PKCS_RSA_SHA256).unwrap();
    let p256 = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).unwrap();
    let p384 = KeyPair::generate_for(&PKCS_ECDSA_P384_SHA384).unwrap();
    let ed25519 = KeyPair::generate_for(&PKCS_ED25519).unwrap();
    let public = |pair: &KeyPair, read: fn(&[u8]) -> jsonwebtoken::errors::Result<DecodingKey>| {
        read(pair.public_key_pem().as_bytes()).unwrap()
    };
    let secret = "a secret that both sides know";
    let mac = DecodingKey::from_secret(secret.as_bytes());
    let by_rsa = public(&rsa, DecodingKey::from_rsa_pem);
    let by_p256 = public(&p256, DecodingKey::from_ec_pem);
    let by_p384 = public(&p384, DecodingKey::from_ec_pem);
    let by_ed25519 = public(&ed25519, DecodingKey::from_ed_pem);
    for (algorithm, private, public) in [
        (Algorithm::RS256, rsa.serialize_pem(), &by_rsa),
        (Algorithm::RS384, rsa.serialize_pem(), &by_rsa),
        (Algorithm::RS512, rsa.serialize_pem(), &by_rsa),
        (Algorithm::PS256, rsa.serialize_pem(), &by_rsa),
        (Algorithm::PS384, rsa.serialize_pem(), &by_rsa),
        (Algorithm::PS512, rsa.serialize_pem(), &by_rsa),
        (Algorithm::ES256, p256.serialize_pem(), &by_p256),
        (Algorithm::ES384, p384.serialize_pem(), &by_p384),
        (Algorithm::EdDSA, ed25519.serialize_pem(), &by_ed25519),
        (Algorithm::HS256, secret.to_owned(), &mac),
        (Algorithm::HS384, secret.to_owned(), &mac),
        (Algorithm::HS512, secret.to_owned(), &mac),
    ] {
        let token = signed(Purpose::Grant, &assertion(algorithm, &private)).await.unwrap();
        let (_, claims) = verified(&token, algorithm, public).expect("a signature that holds");
        assert_eq!(claims["iss"], "issuer", "{algorithm:?}");
        let mut forged = token.expose().to_owned();
        let last = if forged.pop() == Some('A') { 'Q' } else { 'A' };
        forged.push(last);
        let forged = forged.replacen('.', ".e", 1);
        assert!(verified(&Secret::from(forged), algorithm, public).is_none(), "{algorithm:?}");
    }
}

#[tokio::test]
async fn the_purpose_decides_what_is_left_open() {
    // (purpose, issuer, subject, audience)
    let cases = [
        (Purpose::Client, "client".into(), "client".into(), AUDIENCE.into()),
        (Purpose::Grant, "issuer".into(), Value::Null, AUDIENCE.into()),
        (Purpose::Bearer, "issuer".into(), Value::Null, Value::Null),
    ];
    for (purpose, issuer, subject, audience) in cases {
        let token = signed(purpose, &assertion(Algorithm::HS256, "secret")).await.unwrap();
        let claims = claims(&token);
        for (name, expected) in [("iss", issuer), ("sub", subject), ("aud", audience)] {
            assert_eq!(claims[name], expected, "{purpose:?} {name}");
        }
        assert_eq!(claims["iat"], SENT_AT.wall.seconds() - 5, "{purpose:?}");
    }
}

#[tokio::test]
async fn no_two_assertions_have_the_same_id() {
    let assertion = assertion(Algorithm::HS256, "secret");
    let mut ids = std::collections::HashSet::new();
    for _ in 0..100 {
        let token = signed(Purpose::Grant, &assertion).await.unwrap();
        let id = claims(&token)["jti"].as_str().unwrap().to_owned();
        assert_eq!(id.len(), 22, "128 bits");
        assert!(ids.insert(id));
    }
}

/// What openssl writes, with all that may stand around a key.
#[tokio::test]
async fn a_key_may_have_any_of_its_usual_forms() {
    use aws_lc_rs::{
        encoding::{AsDer, EcPrivateKeyRfc5915Der},
        signature::EcdsaKeyPair,
    };
    let pair = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).unwrap();
    let curve = &aws_lc_rs::signature::ECDSA_P256_SHA256_FIXED_SIGNING;
    let inner = EcdsaKeyPair::from_pkcs8(curve, &pair.serialize_der()).unwrap();
    let sec1: EcPrivateKeyRfc5915Der<'_> = inner.private_key().as_der().unwrap();
    let sec1 = pem("EC PRIVATE KEY", sec1.as_ref());
    let parameters = pem("EC PARAMETERS", &[6, 8, 42, 134, 72, 206, 61, 3, 1, 7]);
    let certificate = certificate(&pair);
    let public = DecodingKey::from_ec_pem(pair.public_key_pem().as_bytes()).unwrap();
    for (case, text) in [
        ("PKCS #8", pair.serialize_pem()),
        ("SEC 1", sec1.clone()),
        ("SEC 1 after its parameters", format!("{parameters}{sec1}")),
        ("after a certificate", format!("{certificate}{}", pair.serialize_pem())),
        ("with remarks", format!("Bag Attributes\n  x: y\n{}", pair.serialize_pem())),
    ] {
        let token = signed(Purpose::Grant, &assertion(Algorithm::ES256, &text)).await;
        let token = token.unwrap_or_else(|error| panic!("{case}: {error}"));
        assert!(verified(&token, Algorithm::ES256, &public).is_some(), "{case}");
    }
}

#[tokio::test]
async fn an_rsa_key_may_be_in_pkcs_1() {
    let pair = KeyPair::generate_for(&PKCS_RSA_SHA256).unwrap();
    let pkcs8 = pair.serialize_der();
    // What PKCS #8 puts around it for RSA is always the same 26 bytes (RFC 5958, section 2).
    let pkcs1 = pem("RSA PRIVATE KEY", &pkcs8[26..]);
    let public = DecodingKey::from_rsa_pem(pair.public_key_pem().as_bytes()).unwrap();
    let token = signed(Purpose::Grant, &assertion(Algorithm::PS256, &pkcs1)).await.unwrap();
    assert!(verified(&token, Algorithm::PS256, &public).is_some());
}

/// The file of a Google service account, whose key is exchanged between two assertions.
#[tokio::test]
async fn a_key_that_was_exchanged_counts_at_once() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("account.json");
    let field = |name: &str| ValueSource::JsonFile {
        path: path.clone().into(),
        field: Box::new(fixture::path(name)),
    };
    let mut assertion = assertion(Algorithm::ES256, "");
    assertion.signing.key = field("private_key");
    assertion.issuer = Some(field("client_email"));
    for email in ["one@project.example", "two@project.example"] {
        let pair = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).unwrap();
        let account = serde_json::json!({
            "type": "service_account", "client_email": email, "private_key": pair.serialize_pem(),
        });
        let mut new = tempfile::NamedTempFile::new_in(&directory).unwrap();
        std::io::Write::write_all(&mut new, account.to_string().as_bytes()).unwrap();
        new.persist(&path).unwrap();
        let token = signed(Purpose::Grant, &assertion).await.unwrap();
        let public = DecodingKey::from_ec_pem(pair.public_key_pem().as_bytes()).unwrap();
        let (_, claims) = verified(&token, Algorithm::ES256, &public).expect("the key of now");
        assert_eq!(claims["iss"], email);
    }
}

fn certificate(pair: &KeyPair) -> String {
    rcgen::CertificateParams::new([]).unwrap().self_signed(pair).unwrap().pem()
}

#[tokio::test]
async fn the_header_names_the_key_and_its_certificate() {
    let pair = KeyPair::generate().unwrap();
    let pem = certificate(&pair);
    let mut assertion = assertion(Algorithm::HS256, "secret");
    assertion.signing.key_id = Some(literal("key 7"));
    assertion.signing.certificate = Some(literal(&pem));
    let token = signed(Purpose::Client, &assertion).await.unwrap();
    let header = jsonwebtoken::decode_header(token.expose()).unwrap();
    let der = CertificateDer::from_pem_slice(pem.as_bytes()).unwrap();
    let sha256 = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, &der);
    let expected = URL_SAFE_NO_PAD.encode(sha256);
    assert_eq!((header.typ.as_deref(), header.kid.as_deref()), (Some("JWT"), Some("key 7")));
    assert_eq!(header.x5t_s256.as_deref(), Some(&*expected));
    assert_eq!(header.x5t.map(|text| text.len()), Some(27), "160 bits");
}

#[tokio::test]
async fn what_is_no_fitting_key_is_named_and_never_shown() {
    let rsa = KeyPair::generate_for(&PKCS_RSA_SHA256).unwrap().serialize_pem();
    let p384 = KeyPair::generate_for(&PKCS_ECDSA_P384_SHA384).unwrap().serialize_pem();
    let public = KeyPair::generate().unwrap().public_key_pem();
    let encrypted = pem("ENCRYPTED PRIVATE KEY", b"hunter2");
    let old = "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n\nAAAA\n-----END RSA PRIVATE KEY-----";
    // (case, algorithm, key, what the error says)
    let cases = [
        ("no PEM", Algorithm::RS256, "hunter2", "holds no private key"),
        ("a public key", Algorithm::ES256, &*public, "holds no private key"),
        (
            "half a key",
            Algorithm::RS256,
            "-----BEGIN PRIVATE KEY-----\nhunter2",
            "holds no private",
        ),
        ("encrypted", Algorithm::RS256, &*encrypted, "is a private key that is encrypted"),
        ("encrypted, of old", Algorithm::RS256, old, "is a private key that is encrypted"),
        ("another kind", Algorithm::ES256, &*rsa, "is not a key for ES256"),
        ("another curve", Algorithm::ES256, &*p384, "is not a key for ES256"),
        ("elliptic for RSA", Algorithm::PS384, &*p384, "is not a key for PS384"),
        (
            "damaged",
            Algorithm::RS256,
            &*pem("RSA PRIVATE KEY", b"hunter2"),
            "is not a key for RS256",
        ),
        ("damaged", Algorithm::EdDSA, &*pem("PRIVATE KEY", b"hunter2"), "is not a key for EdDSA"),
    ]
    .map(|(case, algorithm, key, said)| (case, algorithm, key.to_owned(), said));
    for (case, algorithm, key, said) in cases {
        let error = signed(Purpose::Client, &assertion(algorithm, &key)).await.unwrap_err();
        let text = format!("{error} {error:?}");
        assert!(text.starts_with(&format!("the key {said}")), "{case}: {text}");
        assert!(error.to_string().ends_with(error.advice()), "{case}: {text}");
        assert_eq!((error.reason(), error.fault()), ("assertion_key", Fault::Local), "{case}");
        let body = key.lines().nth(1).unwrap_or(&key);
        assert!(!text.contains("hunter2") && !text.contains(body), "{case}: {text}");
    }
    let mut assertion = assertion(Algorithm::HS256, "secret");
    assertion.signing.certificate = Some(literal(&rsa));
    let error = signed(Purpose::Client, &assertion).await.unwrap_err();
    assert_eq!(error.reason(), "assertion_certificate", "{error}");
}
