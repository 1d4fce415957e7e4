use hyper::Method as HttpMethod;

use super::*;
use crate::sandbox::{
    memory::Memory,
    occasion::tests::{NOW, with_memory},
    request::tests::{FORM, request},
    signed::tests::Signer,
};

const INITIATE: &str = "/adl-lrs/xapi/OAuth/initiate";
const TOKEN: &str = "/adl-lrs/xapi/OAuth/token";
const STATEMENTS: &str = "/adl-lrs/xapi/statements";
const HOST: (&str, &str) = ("host", "sandbox");
const VERSION: (&str, &str) = ("x-experience-api-version", "1.0.3");

/// The server, and how often it was asked.
#[derive(Default)]
struct Server {
    memory: Memory,
    asked: u8,
}

impl Server {
    /// Status and body, or where the browser is sent.
    fn answer(&mut self, request: &Request) -> (u16, String) {
        let (status, body, _) = self.answer_with_challenge(request);
        (status, body)
    }

    fn answer_with_challenge(&mut self, request: &Request) -> (u16, String, String) {
        self.asked += 1;
        let reply = with_memory(&self.memory, |occasion| {
            occasion.random = [self.asked; 16];
            (SYSTEM.answer)(request, occasion)
        });
        let header = |name| reply.headers.iter().find(|(other, _)| *other == name);
        let location = header("location").map(|(_, value)| value.clone());
        let challenge = header("www-authenticate").map(|(_, value)| value.clone());
        let body = location.unwrap_or_else(|| String::from_utf8_lossy(&reply.body).into_owned());
        (reply.status.as_u16(), body, challenge.unwrap_or_default())
    }

    fn ask(&mut self, path: &str, signer: &Signer<'_>) -> (u16, String) {
        self.answer(&request(path, &[HOST, ("authorization", &signer.header(path))], ""))
    }

    fn browse(&mut self, method: HttpMethod, query: &str) -> (u16, String) {
        let path = format!("/adl-lrs/xapi/OAuth/authorize?{query}");
        self.answer(&Request { method, ..request(&path, &[FORM], "") })
    }

    /// Token and secret of the first leg, in the second of `timestamp`.
    fn initiate(&mut self, nonce: &str, timestamp: &str, callback: &str) -> [String; 2] {
        let mut signer = Signer::of(&CLIENT, nonce, timestamp);
        signer.parameters.push(("oauth_callback", callback));
        let (status, body) = self.ask(INITIATE, &signer);
        assert_eq!(status, 200, "{body}");
        credentials(&body, "&oauth_callback_confirmed=true")
    }

    /// Token and secret of the third leg, after the owner has agreed.
    fn token(&mut self, nonce: &str, [token, secret]: &[String; 2]) -> [String; 2] {
        let (_, page) = self.browse(HttpMethod::GET, &format!("oauth_token={token}"));
        let verifier = page.strip_prefix("Enter this PIN in your app: ").expect("a PIN");
        assert!(verifier.len() == 10 && verifier.bytes().all(|byte| byte.is_ascii_digit()));
        let (status, body) = self.ask(TOKEN, &third(nonce, [token, secret], verifier));
        assert_eq!(status, 200, "{body}");
        credentials(&body, "")
    }

    fn statements(&mut self, method: HttpMethod, authorization: &str) -> (u16, String, String) {
        let headers = [HOST, VERSION, ("authorization", authorization)];
        let request = request(STATEMENTS, &headers, "");
        self.answer_with_challenge(&Request { method, ..request })
    }
}

fn third<'a>(nonce: &'a str, [token, secret]: [&'a str; 2], verifier: &'a str) -> Signer<'a> {
    let mut signer = Signer::of(&CLIENT, nonce, NOW_TEXT);
    signer.secrets.token = secret;
    signer.parameters.extend([("oauth_token", token), ("oauth_verifier", verifier)]);
    signer
}

const NOW_TEXT: &str = "1790000000";

/// What stands in a reply, byte for byte.
fn credentials(body: &str, end: &str) -> [String; 2] {
    let inner = body.strip_prefix("oauth_token=").and_then(|text| text.strip_suffix(end));
    let (token, secret) =
        inner.and_then(|text| text.split_once("&oauth_token_secret=")).expect("both credentials");
    assert!(token.len() == 32 && token.bytes().all(|b| b.is_ascii_hexdigit()), "{token}");
    assert!(secret.len() == 16 && secret.bytes().all(|b| b.is_ascii_alphanumeric()), "{secret}");
    [token.to_owned(), secret.to_owned()]
}

#[test]
fn three_legs_lead_to_a_token_that_opens_the_statements_until_it_is_revoked() {
    assert_eq!(NOW.seconds().to_string(), NOW_TEXT);
    let mut server = Server::default();
    let temporary = server.initiate("1", NOW_TEXT, "oob");
    let [token, _] = server.token("2", &temporary);
    let key = CLIENT.id;
    let unverified =
        format!("OAuth oauth_consumer_key=\"{key}\",oauth_token=\"{token}\",oauth_signature=\"x\"");
    let listed = server.statements(HttpMethod::GET, &unverified);
    assert_eq!((listed.0, &*listed.1), (200, r#"{"statements": [], "more": ""}"#));

    let revoke = format!("/adl-lrs/me/tokens?id={token}-1-{NOW_TEXT}");
    let revoke = Request { method: HttpMethod::DELETE, ..request(&revoke, &[], "") };
    assert_eq!(server.answer(&revoke).0, 204);
    assert_eq!(server.answer(&revoke).0, 404, "there is no such token any more");
    let expected = format!("Invalid access token: {token}");
    let challenge = r#"Basic realm="ADLLRS""#.to_owned();
    assert_eq!(server.statements(HttpMethod::GET, &unverified), (401, expected, challenge));
}

#[test]
fn parameters_stand_in_the_header_the_query_or_the_form() {
    let mut server = Server::default();
    let mut signer = Signer::of(&CLIENT, "1", NOW_TEXT);
    signer.parameters.extend([("oauth_callback", "oob"), ("scope", "all/read state")]);
    let header = signer.header(INITIATE);
    signer.parameters[1].1 = "2";
    let in_query = format!("{INITIATE}?{}", signer.form(INITIATE));
    signer.parameters[1].1 = "3";
    let form = signer.form(INITIATE);
    let charset = ("content-type", "application/x-www-form-urlencoded; charset=utf-8");
    let lower = header.replacen("OAuth", "oauth", 1);
    let nothing = "Invalid request parameters.";
    for (name, path, headers, body, expected) in [
        ("header", INITIATE, [HOST, ("authorization", &*header)], "", ""),
        ("query", &in_query, [HOST, HOST], "", ""),
        ("form", INITIATE, [HOST, FORM], &form, ""),
        ("form with a charset", INITIATE, [HOST, charset], &form, nothing),
        ("prefix in lower case", INITIATE, [HOST, ("authorization", &lower)], "", nothing),
    ] {
        let (status, text) = server.answer(&request(path, &headers, body));
        match expected {
            "" => assert_eq!(status, 200, "{name}: {text}"),
            expected => assert_eq!((status, &*text), (400, expected), "{name}"),
        }
    }
}

#[test]
fn two_log_ins_of_one_second_get_one_token() {
    let mut server = Server::default();
    let first = server.initiate("1", NOW_TEXT, "oob");
    assert_eq!(server.initiate("2", NOW_TEXT, "oob"), first);
    let later = server.initiate("3", "1790000001", "oob");
    assert_ne!(later, first);
    let token = server.token("4", &first);
    assert_eq!(server.token("5", &later), token, "two exchanges of one second as well");
    assert_ne!(server.initiate("6", NOW_TEXT, "oob"), first, "what was spent is gone");
}

#[test]
fn a_browser_is_sent_back_with_the_verifier_or_the_denial() {
    let mut server = Server::default();
    let [token, _] = server.initiate("1", NOW_TEXT, "http://127.0.0.1:9/cb?x=1");
    let query = format!("oauth_token={token}");
    let (status, location) = server.browse(HttpMethod::GET, &query);
    let verifier = location.strip_prefix("http://127.0.0.1:9/cb?x=1&oauth_verifier=");
    assert!(status == 302 && verifier.is_some_and(|rest| rest.ends_with(&format!("&{query}"))));
    let denied = "http://127.0.0.1:9/cb?x=1&error=Access+not+granted+by+user.";
    assert_eq!(server.browse(HttpMethod::POST, &query), (302, denied.to_owned()));
    let agreed = server.browse(HttpMethod::POST, &format!("{query}&authorize_access=1"));
    assert_eq!(agreed, (302, location));
    let [elsewhere, _] = server.initiate("2", "1790000001", "http://example.com/cb");
    assert_eq!(server.browse(HttpMethod::GET, &format!("oauth_token={elsewhere}")).0, 400);
    let nothing = (400, "No request token specified.".to_owned());
    assert_eq!(server.browse(HttpMethod::GET, ""), nothing);
    let unknown = (401, "Invalid request token: x".to_owned());
    assert_eq!(server.browse(HttpMethod::GET, "oauth_token=x"), unknown);
}

/// What is changed about a good request, its status and its text.
type Refusal = (&'static str, fn(&mut Signer<'_>), u16, &'static str);

#[test]
fn the_first_leg_refuses_in_prose() {
    let rows: [Refusal; 9] = [
        ("client", |it| it.parameters[0].1 = "x", 401, "Invalid consumer."),
        (
            "missing",
            |it| {
                it.parameters.retain(|(name, _)| !["oauth_nonce", "oauth_callback"].contains(name));
            },
            400,
            "Missing OAuth parameters: oauth_nonce, oauth_callback",
        ),
        (
            "a header part with realm in it",
            |it| it.parameters[4].1 = "http://h/realm/cb",
            400,
            "Missing OAuth parameters: oauth_callback",
        ),
        (
            "a slow clock",
            |it| it.parameters[3].1 = "1789999600",
            400,
            "Could not verify OAuth request -- OAuth: The timestamp lapse of 400 is greater than \
             the OAuth server threshold of 300.",
        ),
        (
            "a clock beyond 32 bits",
            |it| it.parameters[3].1 = "2147483648",
            400,
            "Could not verify OAuth request -- OAuth: Invalid timestamp.",
        ),
        ("no clock", |it| it.parameters[3].1 = "now", 500, "ValueError"),
        ("RSA", |it| it.parameters[2].1 = "RSA-SHA1", 500, "TypeError"),
        (
            "another digest",
            |it| it.parameters[2].1 = "HMAC-SHA256",
            400,
            "Could not verify OAuth request -- OAuth: Signature method HMAC-SHA256 not supported",
        ),
        ("scope", |it| it.parameters.push(("scope", "everything")), 500, "Scope does not exist."),
    ];
    for (name, change, expected, text) in rows {
        let mut signer = Signer::of(&CLIENT, "1", NOW_TEXT);
        signer.parameters.push(("oauth_callback", "oob"));
        change(&mut signer);
        let (status, body) = Server::default().ask(INITIATE, &signer);
        assert!(status == expected && body.contains(text), "{name}: {status} {body:.200}");
        assert_eq!(body.len() == 88_621, status == 500, "{name}: a crash shows a large page");
    }
}

#[test]
fn a_wrong_signature_is_answered_with_the_right_one() {
    let mut server = Server::default();
    let mut wrong = Signer::of(&CLIENT, "1", NOW_TEXT);
    wrong.method = Method::Plaintext;
    wrong.parameters[2].1 = "PLAINTEXT";
    wrong.parameters.push(("oauth_callback", "oob"));
    wrong.secrets.client = "wrong";
    let expected = "Could not verify OAuth request -- OAuth: Signature mismatch, expected: \
                    b'SandboxAdlSecret&'";
    assert_eq!(server.ask(INITIATE, &wrong), (400, expected.to_owned()));
    wrong.secrets.client = CLIENT.secret;
    let replayed = "Could not verify OAuth request -- Invalid Nonce";
    assert_eq!(server.ask(INITIATE, &wrong), (400, replayed.to_owned()), "the nonce is used up");
    wrong.parameters[1].1 = "2";
    wrong.parameters[3].1 = "1790400000";
    assert_eq!(server.ask(INITIATE, &wrong).0, 200, "a clock may be days fast");
}

#[test]
fn the_third_leg_refuses_in_prose() {
    let mut server = Server::default();
    let [token, secret] = server.initiate("1", NOW_TEXT, "oob");
    let pair = [&*token, &*secret];
    let early = server.ask(TOKEN, &third("2", pair, "1"));
    assert_eq!(early, (401, "Request Token not approved by the user.".to_owned()));
    server.browse(HttpMethod::GET, &format!("oauth_token={token}"));
    let wrong = server.ask(TOKEN, &third("3", pair, "1"));
    assert_eq!(wrong, (400, "Invalid OAuth verifier.".to_owned()));
    server.token("4", &[token.clone(), secret.clone()]);
    let spent = server.ask(TOKEN, &third("5", pair, "1"));
    assert_eq!(spent, (401, format!("Invalid request token: {token}")));
    let mut other = third("6", pair, "1");
    other.parameters[0].1 = "x";
    assert_eq!(server.ask(TOKEN, &other), (400, "Invalid consumer.".to_owned()));
    other.parameters.remove(0);
    assert_eq!(server.ask(TOKEN, &other).0, 500);
}

#[test]
fn the_statements_want_a_version_a_header_and_a_scope() {
    let mut server = Server::default();
    let mut signer = Signer::of(&CLIENT, "1", NOW_TEXT);
    signer.parameters.extend([("oauth_callback", "oob"), ("scope", "statements/read")]);
    let (_, body) = server.ask(INITIATE, &signer);
    let [token, _] = server.token("2", &credentials(&body, "&oauth_callback_confirmed=true"));
    let key = CLIENT.id;
    let known = format!("OAuth oauth_consumer_key=\"{key}\",oauth_token=\"{token}\"");
    let forbidden = server.statements(HttpMethod::POST, &known);
    assert_eq!((forbidden.0, &*forbidden.1), (403, "Incorrect permissions to POST at /statements"));
    let bearer = server.statements(HttpMethod::GET, "Bearer x");
    let words = "HTTP Basic Authorization Header must start with Basic";
    assert_eq!((bearer.0, &*bearer.1), (401, words));
    let in_query = format!("{STATEMENTS}?oauth_consumer_key={key}&oauth_token={token}");
    for (path, header, expected) in [
        (STATEMENTS, ("authorization", &*known), "X-Experience-API-Version header missing"),
        (&in_query, VERSION, "Request has no authorization"),
    ] {
        let answer = server.answer(&request(path, &[HOST, header], ""));
        assert_eq!(answer, (400, expected.to_owned()));
    }
}

#[test]
fn paths_are_known_in_three_cases_and_no_other() {
    let mut server = Server::default();
    for (path, expected) in [
        ("/adl-lrs/xAPI/OAuth/initiate", 400),
        ("/adl-lrs/XAPI/OAuth/token", 400),
        ("/adl-lrs/xapi/oauth/initiate", 404),
        ("/adl-lrs/xapi/OAuth/initiate/", 404),
        ("/adl-lrs/OAuth/initiate", 404),
    ] {
        assert_eq!(server.answer(&request(path, &[HOST], "")).0, expected, "{path}");
    }
    let mut signer = Signer::of(&CLIENT, "1", NOW_TEXT);
    signer.parameters.push(("oauth_callback", "oob"));
    let header = signer.header(INITIATE);
    let proxied = [HOST, ("authorization", &*header), ("x-forwarded-proto", "https")];
    let (status, body) = server.answer(&request(INITIATE, &proxied, ""));
    assert!(status == 400 && body.contains("Signature mismatch"), "the outside is https: {body}");
}
