//! Published examples, word for word.

use aws_lc_rs::signature::{
    RSA_PKCS1_2048_8192_SHA1_FOR_LEGACY_USE_ONLY, RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey,
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use rustls_pki_types::{SubjectPublicKeyInfoDer, pem::PemObject as _};
use url::Url;

use super::{
    base_string::{Parameters, base_uri},
    message::Message,
    signature::{Secrets, Signer},
};
use crate::{acquire::fixture::literal, credential::SignatureMethod, secret::Secret};

const PRIVATE_KEY: &str = include_str!("../../sandbox/keys/rsa.pem");
const PUBLIC_KEY: &str = include_str!("../../sandbox/keys/rsa.public.pem");

fn url(text: &str) -> Url {
    text.parse().unwrap()
}

type Pairs = Vec<(Box<str>, Secret)>;

fn pairs(pairs: &[(&str, &str)]) -> Pairs {
    pairs.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect()
}

/// The request of RFC 5849, section 3.4.1.1.
fn request() -> (Url, Pairs, Pairs) {
    let url = url("http://EXAMPLE.COM:80/request?b5=%3D%253D&a3=a&c%40=&a2=r%20b");
    let form = pairs(&[("c2", ""), ("a3", "2 q")]);
    let protocol = pairs(&[
        ("oauth_consumer_key", "9djdj82h48djs9d2"),
        ("oauth_token", "kkk9d7dh3k39sjv7"),
        ("oauth_signature_method", "HMAC-SHA1"),
        ("oauth_timestamp", "137131201"),
        ("oauth_nonce", "7d8f3e4a"),
    ]);
    (url, form, protocol)
}

#[test]
fn rfc_5849_section_3_4_1_1_the_base_string() {
    let (url, form, protocol) = request();
    let message = Message { method: "post", url: &url, form: &form };
    assert_eq!(
        message.base_string(&protocol),
        "POST&http%3A%2F%2Fexample.com%2Frequest&a2%3Dr%2520b%26a3%3D2%2520q%26a3%3Da%26b5%3D%253D\
         %25253D%26c%2540%3D%26c2%3D%26oauth_consumer_key%3D9djdj82h48djs9d2%26oauth_nonce%3D7d8f3\
         e4a%26oauth_signature_method%3DHMAC-SHA1%26oauth_timestamp%3D137131201%26oauth_token%3Dkk\
         k9d7dh3k39sjv7"
    );
}

#[test]
fn rfc_5849_section_3_4_1_2_the_base_string_uri() {
    for (written, expected) in [
        ("http://EXAMPLE.COM:80/r%20v/X?id=123", "http://example.com/r%20v/X"),
        ("https://www.example.net:8080/?q=1", "https://www.example.net:8080/"),
        ("https://example.net:443", "https://example.net/"),
        ("http://example.net:443/", "http://example.net:443/"),
        ("https://[::1]:8443/A?a#b", "https://[::1]:8443/A"),
        ("https://user:password@example.net/", "https://example.net/"),
    ] {
        assert_eq!(base_uri(&url(written)), expected, "{written}");
    }
}

#[test]
fn rfc_5849_section_3_4_1_3_the_parameters() {
    let mut parameters = Parameters::default();
    parameters.add_form("b5=%3D%253D&a3=a&c%40=&a2=r%20b");
    parameters.add_form("c2&a3=2+q");
    for (name, value) in [
        ("oauth_consumer_key", "9djdj82h48djs9d2"),
        ("oauth_token", "kkk9d7dh3k39sjv7"),
        ("oauth_signature_method", "HMAC-SHA1"),
        ("oauth_timestamp", "137131201"),
        ("oauth_nonce", "7d8f3e4a"),
    ] {
        parameters.add(name, value);
    }
    assert_eq!(
        parameters.normalized(),
        "a2=r%20b&a3=2%20q&a3=a&b5=%3D%253D&c%40=&c2=&oauth_consumer_key=9djdj82h48djs9d2\
         &oauth_nonce=7d8f3e4a&oauth_signature_method=HMAC-SHA1&oauth_timestamp=137131201\
         &oauth_token=kkk9d7dh3k39sjv7"
    );
}

#[test]
fn what_the_examples_do_not_have_is_sorted_and_encoded_as_well() {
    // (case, a form, the same, normalized)
    for (case, form, expected) in [
        ("nothing", "", ""),
        ("nothing between", "&&a=1&", "a=1"),
        ("names that begin alike", "aa=1&a=2&a-b=3", "a=2&a-b=3&aa=1"),
        ("the same twice", "a=1&a=1", "a=1&a=1"),
        ("sorted by what is written", "a=%C3%A4&a=z&a=~", "a=%C3%A4&a=z&a=~"),
        ("digits in lower case", "a=%2f%e2%98%83", "a=%2F%E2%98%83"),
        ("no UTF-8", "a=%ff%FE", "a=%FF%FE"),
        ("half an encoding", "a=%&b=%2", "a=%25&b=%252"),
        ("an equals sign in a value", "a=b=c", "a=b%3Dc"),
        ("no name", "=a", "=a"),
        ("unreserved", "a=-._~", "a=-._~"),
        ("reserved", "a=!*'()", "a=%21%2A%27%28%29"),
    ] {
        let mut parameters = Parameters::default();
        parameters.add_form(form);
        assert_eq!(parameters.normalized(), expected, "{case}");
    }
}

/// Method, URL, form, protocol parameters, secrets, `oauth_signature`.
type Row = (
    &'static str,
    &'static str,
    &'static [(&'static str, &'static str)],
    &'static [(&'static str, &'static str)],
    (&'static str, &'static str),
    &'static str,
);

const ROWS: [(&str, Row); 5] = [
    (
        "RFC 5849, section 1.2, temporary credentials",
        (
            "POST",
            "https://photos.example.net/initiate",
            &[],
            &[
                ("oauth_consumer_key", "dpf43f3p2l4k3l03"),
                ("oauth_signature_method", "HMAC-SHA1"),
                ("oauth_timestamp", "137131200"),
                ("oauth_nonce", "wIjqoS"),
                ("oauth_callback", "http://printer.example.com/ready"),
            ],
            ("kd94hf93k423kf44", ""),
            "74KNZJeDHnMBp0EMJ9ZHt/XKycU=",
        ),
    ),
    (
        "RFC 5849, section 1.2, token credentials",
        (
            "POST",
            "https://photos.example.net/token",
            &[],
            &[
                ("oauth_consumer_key", "dpf43f3p2l4k3l03"),
                ("oauth_token", "hh5s93j4hdidpola"),
                ("oauth_signature_method", "HMAC-SHA1"),
                ("oauth_timestamp", "137131201"),
                ("oauth_nonce", "walatlh"),
                ("oauth_verifier", "hfdp7dh39dks9884"),
            ],
            ("kd94hf93k423kf44", "hdhd0244k9j7ao03"),
            "gKgrFCywp7rO0OXSjdot/IHF7IU=",
        ),
    ),
    (
        "RFC 5849, section 1.2, the photos",
        (
            "GET",
            "http://photos.example.net/photos?file=vacation.jpg&size=original",
            &[],
            &[
                ("oauth_consumer_key", "dpf43f3p2l4k3l03"),
                ("oauth_token", "nnch734d00sl2jdk"),
                ("oauth_signature_method", "HMAC-SHA1"),
                ("oauth_timestamp", "137131202"),
                ("oauth_nonce", "chapoH"),
            ],
            ("kd94hf93k423kf44", "pfkkdhi9sl3r4s00"),
            "MdpQcU8iPSUjWoN/UDMsK2sui9I=",
        ),
    ),
    (
        "OAuth Core 1.0, appendix A",
        (
            "GET",
            "http://photos.example.net/photos?file=vacation.jpg&size=original",
            &[],
            &[
                ("oauth_consumer_key", "dpf43f3p2l4k3l03"),
                ("oauth_token", "nnch734d00sl2jdk"),
                ("oauth_signature_method", "HMAC-SHA1"),
                ("oauth_timestamp", "1191242096"),
                ("oauth_nonce", "kllo9940pd9333jh"),
                ("oauth_version", "1.0"),
            ],
            ("kd94hf93k423kf44", "pfkkdhi9sl3r4s00"),
            "tR3+Ty81lMeYAr/Fid0kMTYa/WM=",
        ),
    ),
    (
        "Twitter, creating a signature",
        (
            "POST",
            "https://api.twitter.com/1.1/statuses/update.json?include_entities=true",
            &[("status", "Hello Ladies + Gentlemen, a signed OAuth request!")],
            &[
                ("oauth_consumer_key", "xvz1evFS4wEEPTGEFPHBog"),
                ("oauth_nonce", "kYjzVBB8Y0ZFabxSWbWovY3uYSQ2pTgmZeNu2VS4cg"),
                ("oauth_signature_method", "HMAC-SHA1"),
                ("oauth_timestamp", "1318622958"),
                ("oauth_token", "370773112-GmHxMAgYyLbNEtIKZeRNFsMKPR9EyMZeS9weJAEb"),
                ("oauth_version", "1.0"),
            ],
            (
                "kAcSOqF21Fu85e7zjz7ZN2U4ZRhfV3WpwPAoE3Z7kBw",
                "LswwdoUaIvS8ltyTt5jkRh4J50vUPVVHtR2YPi5kE",
            ),
            "hCtSmYh+iHYCEqBWrE7C7hYmtUk=",
        ),
    ),
];

async fn signer(method: SignatureMethod, client: &str, token: &str) -> Signer {
    Signer::new(&method, Secrets { client, token }).await.ok().unwrap()
}

#[tokio::test]
async fn published_signatures() {
    for (case, (method, address, form, protocol, (client, token), expected)) in ROWS {
        let (url, form) = (url(address), pairs(form));
        let message = Message { method, url: &url, form: &form };
        let base_string = message.base_string(&pairs(protocol));
        let signer = signer(SignatureMethod::HmacSha1, client, token).await;
        assert_eq!(signer.sign(&base_string).unwrap(), expected, "{case}");
    }
}

#[tokio::test]
async fn hostile_secrets_are_encoded_before_they_are_a_key() {
    let (client, token) = ("s%c&r+e t", "ä~");
    // As Python's hmac has them, for the base string `POST&a&b`.
    for (method, expected) in [
        (SignatureMethod::HmacSha1, "xb6024f1rBf6QiECdOnzU7jfcSE="),
        (SignatureMethod::HmacSha256, "3F0RkDdiB+0sz92Duxl7kETHNRr/6iks2CUFn5lXEtQ="),
        (SignatureMethod::Plaintext, "s%25c%26r%2Be%20t&%C3%A4~"),
    ] {
        let name = method.name();
        let signed = signer(method, client, token).await.sign("POST&a&b").unwrap();
        assert_eq!(signed, expected, "{name}");
    }
}

#[tokio::test]
async fn a_private_key_signs_what_another_library_verifies() {
    let der = SubjectPublicKeyInfoDer::from_pem_slice(PUBLIC_KEY.as_bytes()).unwrap();
    let private_key = literal(&format!("a remark\n{PRIVATE_KEY}"));
    for (method, algorithm) in [
        (
            SignatureMethod::RsaSha1 { private_key: private_key.clone() },
            &RSA_PKCS1_2048_8192_SHA1_FOR_LEGACY_USE_ONLY,
        ),
        (SignatureMethod::RsaSha256 { private_key }, &RSA_PKCS1_2048_8192_SHA256),
    ] {
        let name = method.name();
        let signed = signer(method, "", "").await.sign("POST&a&b").unwrap();
        let verifier = UnparsedPublicKey::new(algorithm, &der);
        verifier.verify(b"POST&a&b", &STANDARD.decode(signed).unwrap()).expect(name);
    }
    for (case, text) in [
        ("none", "hunter2"),
        ("a public one", PUBLIC_KEY),
        ("of another kind", include_str!("../../sandbox/keys/p256.pem")),
    ] {
        let method = SignatureMethod::RsaSha1 { private_key: literal(text) };
        let secrets = Secrets { client: "", token: "" };
        let error = Signer::new(&method, secrets).await.err().expect(case);
        assert_eq!(error.reason(), "private_key", "{case}");
        assert!(!error.to_string().contains("hunter2"), "{case}");
    }
}
