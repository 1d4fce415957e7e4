use super::*;
use crate::sandbox::{
    memory::Memory,
    occasion::tests::{NOW, with_memory},
    request::tests::{FORM, request},
    signed::{Method, tests::Signer},
};

const HOST: (&str, &str) = ("host", "sandbox");
const NOW_TEXT: &str = "1790000000";

/// A server with one thing wrong, by the path of a habit or of the system itself.
pub(in crate::sandbox) struct Server {
    site: &'static str,
    answer: fn(&Request, &Occasion<'_>) -> Reply,
    memory: Memory,
    asked: u8,
    /// What its clock shows, against [`NOW`].
    pub(in crate::sandbox) ahead: i64,
}

/// Identifier and secret.
pub(in crate::sandbox) type Pair = [String; 2];

impl Server {
    pub(in crate::sandbox) fn at(
        site: &'static str,
        answer: fn(&Request, &Occasion<'_>) -> Reply,
    ) -> Self {
        Self { site, answer, memory: Memory::default(), asked: 0, ahead: 0 }
    }

    pub(in crate::sandbox) fn answer(&mut self, request: &Request) -> (u16, String, Reply) {
        self.asked += 1;
        let reply = with_memory(&self.memory, |occasion| {
            occasion.random = [self.asked; 16];
            occasion.now = NOW.shifted(self.ahead * 1000);
            (self.answer)(request, occasion)
        });
        let body = String::from_utf8_lossy(&reply.body).into_owned();
        (reply.status.as_u16(), body, reply)
    }

    /// Asks with these further parameters, signed with this method and this token.
    pub(in crate::sandbox) fn ask(
        &mut self,
        endpoint: &str,
        [token, secret]: [&str; 2],
        further: &[(&str, &str)],
    ) -> (u16, String, Reply) {
        let path = format!("{}{endpoint}", self.site);
        let nonce = self.asked.to_string();
        let mut signer = Signer::of(&CLIENT, &nonce, NOW_TEXT);
        signer.secrets.token = secret;
        if !token.is_empty() {
            signer.parameters.push(("oauth_token", token));
        }
        signer.parameters.extend(further);
        self.answer(&request(&path, &[HOST, ("authorization", &signer.header(&path))], ""))
    }

    pub(in crate::sandbox) fn browse(&mut self, token: &str) -> String {
        let path = format!("{}/authorize?oauth_token={token}", self.site);
        let (_, body, reply) = self.answer(&request(&path, &[HOST], ""));
        let location = reply.headers.into_iter().find(|(name, _)| *name == "location");
        location.map_or(body, |(_, location)| location)
    }

    /// A token, by all three legs.
    pub(in crate::sandbox) fn log_in(&mut self) -> Pair {
        let [token, secret] = self.temporary();
        let page = self.browse(&token);
        let verifier = page.strip_prefix("The verifier is ").expect("a verifier");
        let (status, body, _) =
            self.ask("/token", [&token, &secret], &[("oauth_verifier", verifier)]);
        assert_eq!(status, 200, "{body}");
        pair(&body)
    }

    pub(in crate::sandbox) fn temporary(&mut self) -> Pair {
        let (status, body, _) = self.ask("/initiate", [""; 2], &[("oauth_callback", "oob")]);
        assert_eq!(status, 200, "{body}");
        pair(&body)
    }
}

pub(in crate::sandbox) fn value(body: &str, name: &str) -> Option<String> {
    let mut pairs = url::form_urlencoded::parse(body.as_bytes());
    pairs.find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
}

pub(in crate::sandbox) fn pair(body: &str) -> Pair {
    ["oauth_token", "oauth_token_secret"].map(|name| value(body, name).expect(name))
}

fn server() -> Server {
    Server::at("/oauth1", SYSTEM.answer)
}

#[test]
fn a_token_opens_the_resource_until_it_is_revoked() {
    let mut server = server();
    let [token, secret] = server.log_in();
    let pair = [&*token, &*secret];
    let (status, body, _) = server.ask("/resource?a=%26&a=%C3%A9+", pair, &[]);
    assert_eq!((status, &*body), (200, r#"{"scope":""}"#));
    server.answer(&request("/oauth1/revoke", &[FORM], &format!("token={token}")));
    let (status, _, reply) = server.ask("/resource", pair, &[]);
    assert_eq!(status, 401);
    let challenge = ("www-authenticate", "OAuth realm=\"sandbox\"".to_owned());
    assert!(reply.headers.contains(&challenge), "{:?}", reply.headers);
}

#[test]
fn a_browser_goes_back_to_loopback_only() {
    let mut server = server();
    let back = [("oauth_callback", "http://localhost:9/cb?x=1")];
    let [token, _] = pair(&server.ask("/initiate", [""; 2], &back).1);
    let location = server.browse(&token);
    let expected = format!("http://localhost:9/cb?x=1&oauth_token={token}&oauth_verifier=");
    assert!(location.starts_with(&expected), "{location}");
    let elsewhere = [("oauth_callback", "http://example.com/cb")];
    assert_eq!(server.ask("/initiate", [""; 2], &elsewhere).0, 400);
}

#[test]
fn the_third_leg_wants_consent_the_verifier_and_a_token_that_is_not_spent() {
    let mut server = server();
    let [token, secret] = server.temporary();
    let pair = [&*token, &*secret];
    let wrong = [("oauth_verifier", "1")];
    assert!(server.ask("/token", pair, &wrong).1.contains("Nobody has agreed"));
    let page = server.browse(&token);
    assert!(server.ask("/token", pair, &wrong).1.contains("verifier is wrong"));
    let right = [("oauth_verifier", page.rsplit(' ').next().expect("a verifier"))];
    assert_eq!(server.ask("/token", pair, &right).0, 200);
    assert!(server.ask("/token", pair, &right).1.contains("unknown or spent"));
}

/// What is changed about a good request to the resource, its status and a word of its refusal.
type Refusal = (&'static str, fn(&mut Signer<'_>), u16, &'static str);

#[test]
fn every_request_is_verified() {
    let rows: [Refusal; 9] = [
        ("client", |it| it.parameters[0].1 = "x", 401, "client is unknown"),
        ("client's secret", |it| it.secrets.client = "x", 401, "signature"),
        ("token's secret", |it| it.secrets.token = "x", 401, "signature"),
        ("token", |it| it.parameters[4].1 = "x", 401, "unknown or revoked"),
        ("no nonce", |it| it.parameters.retain(|(name, _)| *name != "oauth_nonce"), 400, "missing"),
        ("method", |it| it.parameters[2].1 = "MD5", 400, "method"),
        ("slow clock", |it| it.parameters[3].1 = "1789999699", 401, "timestamp"),
        ("fast clock", |it| it.parameters[3].1 = "1790000301", 401, "timestamp"),
        ("version", |it| it.parameters.push(("oauth_version", "2.0")), 400, "version"),
    ];
    let path = "/oauth1/resource";
    for (name, change, expected, word) in rows {
        let mut server = server();
        let [token, secret] = server.log_in();
        let mut signer = Signer::of(&CLIENT, "n", NOW_TEXT);
        signer.secrets.token = &secret;
        signer.parameters.push(("oauth_token", &token));
        change(&mut signer);
        let headers = [HOST, ("authorization", &*signer.header(path))];
        let (status, body, _) = server.answer(&request(path, &headers, ""));
        assert!(status == expected && body.contains(word), "{name}: {status} {body}");
    }
}

#[test]
fn a_nonce_is_good_once_and_only_a_good_signature_uses_it_up() {
    let mut server = server();
    let mut signer = Signer::of(&CLIENT, "n", NOW_TEXT);
    signer.parameters.push(("oauth_callback", "oob"));
    for (secret, expected) in [("x", 401), (CLIENT.secret, 200), (CLIENT.secret, 401)] {
        signer.secrets.client = secret;
        let header = signer.header("/oauth1/initiate");
        let asked = request("/oauth1/initiate", &[HOST, ("authorization", &header)], "");
        assert_eq!(server.answer(&asked).0, expected, "{secret}");
    }
}

#[test]
fn each_method_and_each_place_will_do() {
    for (name, method) in [("HMAC-SHA256", Method::HmacSha256), ("PLAINTEXT", Method::Plaintext)] {
        let mut server = server();
        let mut signer = Signer { method, ..Signer::of(&CLIENT, "1", NOW_TEXT) };
        signer.parameters[2].1 = name;
        signer.parameters.push(("oauth_callback", "oob"));
        let form = signer.form("/oauth1/initiate");
        let asked = request("/oauth1/initiate", &[HOST, FORM], &form);
        assert_eq!(server.answer(&asked).0, 200, "{name} in the form");
        signer.parameters[1].1 = "2";
        let path = format!("/oauth1/initiate?{}", signer.form("/oauth1/initiate"));
        assert_eq!(server.answer(&request(&path, &[HOST], "")).0, 200, "{name} in the query");
    }
}
