use super::{base_string::base_uri, *};
use crate::sandbox::request::Client;

/// The protocol parameters of a client, and its `Authorization` header.
pub(in crate::sandbox) struct Signer<'a> {
    pub(in crate::sandbox) method: Method,
    pub(in crate::sandbox) secrets: Secrets<'a>,
    pub(in crate::sandbox) parameters: Vec<(&'a str, &'a str)>,
}

impl<'a> Signer<'a> {
    /// Of a client without a token, by the method that everybody knows.
    pub(in crate::sandbox) fn of(client: &Client, nonce: &'a str, timestamp: &'a str) -> Self {
        Self {
            method: Method::HmacSha1,
            secrets: Secrets { client: client.secret, token: "" },
            parameters: vec![
                ("oauth_consumer_key", client.id),
                ("oauth_nonce", nonce),
                ("oauth_signature_method", "HMAC-SHA1"),
                ("oauth_timestamp", timestamp),
            ],
        }
    }

    /// Of a request with POST and without a form, to a path of the host `sandbox`.
    pub(in crate::sandbox) fn header(&self, path: &str) -> String {
        let pairs: Vec<_> = self.signed(path).collect();
        let part = |(name, value): &(String, String)| format!("{name}=\"{}\"", encoded(value));
        format!("OAuth {}", pairs.iter().map(part).collect::<Vec<_>>().join(", "))
    }

    /// The same as a form or a query.
    pub(in crate::sandbox) fn form(&self, path: &str) -> String {
        let part = |(name, value): (String, String)| format!("{name}={}", encoded(&value));
        self.signed(path).map(part).collect::<Vec<_>>().join("&")
    }

    fn signed(&self, path: &str) -> impl Iterator<Item = (String, String)> {
        let (path, query) = path.split_once('?').unwrap_or((path, ""));
        let mut message = message("POST", "http://sandbox", path, &self.parameters);
        message.parameters.extend(pairs(query.as_bytes()));
        let signature = self.method.expected(&message, self.secrets).unwrap_or_default();
        message.parameters.truncate(self.parameters.len());
        message.parameters.into_iter().chain([("oauth_signature".into(), signature)])
    }
}

fn message(method: &str, origin: &str, path: &str, parameters: &[(&str, &str)]) -> Message {
    let (scheme, authority) = origin.split_once("://").expect("an origin");
    let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
    Message {
        method: method.into(),
        uri: base_uri(scheme, authority, path),
        parameters: parameters.iter().map(owned).collect(),
    }
}

/// A message, both secrets and the signature that is published for it.
struct Vector {
    name: &'static str,
    place: (&'static str, &'static str, &'static str),
    parameters: &'static [(&'static str, &'static str)],
    secrets: [&'static str; 2],
    signature: &'static str,
}

const PHOTOS_CLIENT: (&str, &str) = ("oauth_consumer_key", "dpf43f3p2l4k3l03");
const PHOTOS_SECRET: &str = "kd94hf93k423kf44";
const HMAC_SHA1: (&str, &str) = ("oauth_signature_method", "HMAC-SHA1");
const PHOTOS_TOKEN: (&str, &str) = ("oauth_token", "nnch734d00sl2jdk");

const VECTORS: [Vector; 5] = [
    Vector {
        name: "RFC 5849, section 1.2, temporary credentials",
        place: ("POST", "https://photos.example.net", "/initiate"),
        parameters: &[
            PHOTOS_CLIENT,
            HMAC_SHA1,
            ("oauth_timestamp", "137131200"),
            ("oauth_nonce", "wIjqoS"),
            ("oauth_callback", "http://printer.example.com/ready"),
        ],
        secrets: [PHOTOS_SECRET, ""],
        signature: "74KNZJeDHnMBp0EMJ9ZHt/XKycU=",
    },
    Vector {
        name: "the same, token credentials",
        place: ("POST", "https://photos.example.net", "/token"),
        parameters: &[
            PHOTOS_CLIENT,
            HMAC_SHA1,
            ("oauth_token", "hh5s93j4hdidpola"),
            ("oauth_timestamp", "137131201"),
            ("oauth_nonce", "walatlh"),
            ("oauth_verifier", "hfdp7dh39dks9884"),
        ],
        secrets: [PHOTOS_SECRET, "hdhd0244k9j7ao03"],
        signature: "gKgrFCywp7rO0OXSjdot/IHF7IU=",
    },
    Vector {
        name: "the same, a protected resource",
        place: ("GET", "http://photos.example.net", "/photos"),
        parameters: &[
            ("file", "vacation.jpg"),
            ("size", "original"),
            PHOTOS_CLIENT,
            HMAC_SHA1,
            PHOTOS_TOKEN,
            ("oauth_timestamp", "137131202"),
            ("oauth_nonce", "chapoH"),
        ],
        secrets: [PHOTOS_SECRET, "pfkkdhi9sl3r4s00"],
        signature: "MdpQcU8iPSUjWoN/UDMsK2sui9I=",
    },
    Vector {
        name: "OAuth Core 1.0, appendix A.5",
        place: ("GET", "http://photos.example.net", "/photos"),
        parameters: &[
            ("file", "vacation.jpg"),
            ("size", "original"),
            PHOTOS_CLIENT,
            HMAC_SHA1,
            PHOTOS_TOKEN,
            ("oauth_timestamp", "1191242096"),
            ("oauth_nonce", "kllo9940pd9333jh"),
            ("oauth_version", "1.0"),
        ],
        secrets: [PHOTOS_SECRET, "pfkkdhi9sl3r4s00"],
        signature: "tR3+Ty81lMeYAr/Fid0kMTYa/WM=",
    },
    Vector {
        name: "the signature that Twitter's documentation makes",
        place: ("POST", "https://api.twitter.com", "/1.1/statuses/update.json"),
        parameters: &[
            ("include_entities", "true"),
            ("status", "Hello Ladies + Gentlemen, a signed OAuth request!"),
            ("oauth_consumer_key", "xvz1evFS4wEEPTGEFPHBog"),
            HMAC_SHA1,
            ("oauth_token", "370773112-GmHxMAgYyLbNEtIKZeRNFsMKPR9EyMZeS9weJAEb"),
            ("oauth_timestamp", "1318622958"),
            ("oauth_nonce", "kYjzVBB8Y0ZFabxSWbWovY3uYSQ2pTgmZeNu2VS4cg"),
            ("oauth_version", "1.0"),
        ],
        secrets: [
            "kAcSOqF21Fu85e7zjz7ZN2U4ZRhfV3WpwPAoE3Z7kBw",
            "LswwdoUaIvS8ltyTt5jkRh4J50vUPVVHtR2YPi5kE",
        ],
        signature: "hCtSmYh+iHYCEqBWrE7C7hYmtUk=",
    },
];

#[test]
fn the_published_signatures_are_verified_and_others_are_not() {
    for Vector { name, place: (method, origin, path), parameters, secrets, signature } in VECTORS {
        let [client, token] = secrets;
        let secrets = Secrets { client, token };
        let mut message = message(method, origin, path, parameters);
        message.parameters.push(("oauth_signature".into(), signature.into()));
        assert!(Method::HmacSha1.verifies(&message, secrets), "{name}");
        assert!(!Method::HmacSha256.verifies(&message, secrets), "{name}: another digest");
        let other = Secrets { client, token: "other" };
        assert!(!Method::HmacSha1.verifies(&message, other), "{name}: another secret");
        message.parameters[0].1.push('x');
        assert!(!Method::HmacSha1.verifies(&message, secrets), "{name}: another parameter");
    }
}

#[test]
fn plaintext_is_both_secrets_encoded() {
    let secrets = Secrets { client: "dj%d 9&", token: "é+" };
    let message =
        message("POST", "https://h", "/", &[("oauth_signature", "dj%25d%209%26&%C3%A9%2B")]);
    assert!(Method::Plaintext.verifies(&message, secrets));
    assert!(!Method::Plaintext.verifies(&message, Secrets { token: "", ..secrets }));
}

/// What OpenSSL makes of `GET&http%3A%2F%2Fsandbox%2Fresource&oauth_nonce%3D1` with the sandbox's
/// key.
#[test]
fn signatures_of_the_sandboxs_rsa_key_are_verified() {
    let sha1 = "jl9Nsm6tPdXzylpjI4IJHQkyAvk93YgUgYzwE0Lxm/E6z17oHY8KOfQGHrVC6w5qVYgTBf8iNseih8vqTpH\
                7QJ1IsCRMrFZW9Z7l1XJVlDblekL9MaW57KRXwgzCXUdAXk55I1Y/DfpO5Fo2gvUGP7DUfYDyAvOWQl/yC\
                UYncLIVtc1XSQYvS1/pWsDzXcBBrrrwwIPhIDM5HN47bWowGPBpBE06bbTVmIzLaQvnPMA8tL+BAHgRV5W\
                FM96emy5vcIV5sphyZyEzoCP05Wi7XwmU1zlUJE3DkVEw/vFAoS3ETF6jc4MXayECN/qhzsHOpBWquFg8n\
                HYnNXnMQ99TRQ==";
    let sha256 = "jeZBU/HinCO8TCuWnUqWWwyG7VBKjEmmcdRcbZjRC6BvjT67uZP9/Ow8W14PBIT9eG02nsGx8jq8Y4XAoK\
                  fOwi6ZHAIWb3/ROxrvL3OZasPLA2eNSfo5gkLqXX9e9SRhFmQw/KHBq+efJdtmWjUQjhLUTt7AOSYWHu3\
                  jXS6cOJLVIW0OByoa7YAGp0eezUbByRRb6p4rBAchpl2m8ubfP+5VBekLc3QcVwexUMQ/jaR+l4Fxkbrs\
                  rz4isCEZ2zldUD8XLRiePGqHs20juFUH4n4WuBQ1lJnBQBn2tHbINstkxoCmFKpOG4Rc/8U1WlT6cqbOY\
                  l6RxKkb/PZ5o1C23Q==";
    let secrets = Secrets { client: "", token: "" };
    for (method, signature, good) in [
        (Method::RsaSha1, sha1, true),
        (Method::RsaSha256, sha256, true),
        (Method::RsaSha1, sha256, false),
        (Method::RsaSha256, "AAAA", false),
        (Method::RsaSha256, "no base64", false),
    ] {
        let parameters = [("oauth_nonce", "1"), ("oauth_signature", signature)];
        let message = message("GET", "http://sandbox", "/resource", &parameters);
        assert_eq!(method.verifies(&message, secrets), good, "{method:?} {signature}");
    }
}
