//! What servers do to their clients: every bad habit of the sandbox, as it came over a real
//! connection, and bytes that nobody sends in good faith.

use std::{sync::Arc, time::Duration};

use tokenward::{
    acquire::{HttpClients, HttpTransport, RawResponse, TokenRequest, TransportError},
    clock::SystemClock,
    credential::{Method, TokenEndpoint},
    sandbox::{Options, Sandbox},
};

/// Longer than the sandbox needs for an answer, and shorter than it lets slow ones wait.
const PATIENCE: Duration = Duration::from_millis(500);

/// A bad answer, with what the credential that gets it is called and configured like.
pub struct Case {
    pub name: String,
    /// The value of `response`, as YAML.
    pub response: &'static str,
    pub answer: Answer,
}

/// An answer that can be given again and again.
pub enum Answer {
    Reply(RawResponse),
    /// None: why, by [`TransportError::reason`].
    Nothing(&'static str),
}

impl Answer {
    pub fn give(&self, deadline: Duration) -> Result<RawResponse, TransportError> {
        let (origin, cause) = (Box::from("https://idp.example"), Box::from("as it were"));
        Err(match self {
            Self::Reply(raw) => return Ok(raw.clone()),
            Self::Nothing("timeout") => TransportError::Timeout { origin, after: deadline },
            Self::Nothing("interrupted") => TransportError::Interrupted { origin, cause },
            Self::Nothing("too_large") => TransportError::TooLarge { origin },
            Self::Nothing("connect") => TransportError::Connect { origin, cause },
            Self::Nothing("dns") => TransportError::Dns { origin, cause },
            Self::Nothing("tls") => TransportError::Tls { origin, cause },
            Self::Nothing(reason) => panic!("{reason} cannot be played"),
        })
    }
}

/// What each bad habit of a sandbox answers to a good request.
pub async fn habits() -> Vec<Case> {
    let sandbox = Sandbox::start(Options::default(), Arc::new(SystemClock)).await.expect("a port");
    let transport = HttpClients::default();
    let mut cases = Vec::new();
    for habit in sandbox.habits() {
        let name = habit.system;
        let endpoint = TokenEndpoint {
            url: habit.token_endpoint.parse().expect("a URL"),
            discover: false,
            ca_file: None,
            certificate: None,
            allow_insecure: false,
        };
        let request = TokenRequest {
            method: Method::Post,
            url: endpoint.url.clone(),
            headers: vec![("Content-Type".into(), "application/x-www-form-urlencoded".into())],
            body: "grant_type=client_credentials&client_id=sandbox-client&\
                   client_secret=sandbox%2Bsecret%2F100%25"
                .into(),
        };
        let answer = match transport.send(&endpoint, request, PATIENCE).await {
            Ok(raw) => Answer::Reply(raw),
            Err(error) => Answer::Nothing(error.reason()),
        };
        cases.push(Case { name: format!("habit-{name}"), response: "{}", answer });
    }
    sandbox.stop().await;
    cases
}

/// Status, header, body; `|` parts a header's name from its value, and none is the empty text.
type Row = (&'static str, &'static str, u16, &'static str, &'static str);

const HEADER: &str = "{ access_token: { header: X-Token } }";
const COOKIE: &str = "{ access_token: { cookie: SID } }";
/// Where the whole body is the token.
pub const WHOLE: &str = "{ access_token: . }";
const XML: &str = "{ access_token: r.t }";
const VISIBLE: &str = "{ token_characters: visible }";

#[rustfmt::skip]
const REPLIES: [Row; 48] = [
    ("empty", "{}", 200, "", ""),
    ("no-content", "{}", 204, "", ""),
    ("nul", "{}", 200, "", "\0\0\0\0"),
    ("null", "{}", 200, "", "null"),
    ("true", "{}", 200, "", "true"),
    ("half", "{}", 200, "", r#"{"access_token":"evil"#),
    ("two-documents", "{}", 200, "", r#"{"access_token":"evil"}{"access_token":"evil"}"#),
    ("list", "{}", 200, "", r#"[{"access_token":"evil"}]"#),
    ("object-token", "{}", 200, "", r#"{"access_token":{"access_token":"evil"}}"#),
    ("list-token", "{}", 200, "", r#"{"access_token":["evil"]}"#),
    ("float-token", "{}", 200, "", r#"{"access_token":1e400}"#),
    ("true-token", "{}", 200, "", r#"{"access_token":true}"#),
    ("null-token", "{}", 200, "", r#"{"access_token":null}"#),
    ("empty-token", "{}", 200, "", r#"{"access_token":""}"#),
    ("line-in-token", "{}", 200, "", r#"{"access_token":"evil\nEVIL=1"}"#),
    ("header-in-token", "{}", 200, "", r#"{"access_token":"evil\r\nX-Evil: 1"}"#),
    ("nul-in-token", "{}", 200, "", r#"{"access_token":"evil\u0000"}"#),
    ("space-in-token", "{}", 200, "", r#"{"access_token":"evil evil"}"#),
    ("quote-in-token", "{}", 200, "", r#"{"access_token":"evil\"; rm -rf /"}"#),
    ("look-alike-token", "{}", 200, "", r#"{"access_token":"еvil"}"#),
    ("bidi-token", "{}", 200, "", r#"{"access_token":"\u202eevil"}"#),
    ("second-key-counts", "{}", 200, "", r#"{"access_token":"evil","access_token":"a b"}"#),
    ("lone-surrogate", "{}", 200, "", r#"{"access_token":"\ud800"}"#),
    ("form-with-line", "{}", 200, "", "access_token=evil%0AEVIL%3D1"),
    ("token-beside-error", "{}", 200, "", r#"{"access_token":"evil","error":"x"}"#),
    ("token-not-ok", "{}", 200, "", r#"{"access_token":"evil","ok":false}"#),
    ("token-with-401", "{}", 401, "", r#"{"access_token":"evil"}"#),
    ("token-with-500", "{}", 500, "", r#"{"access_token":"evil"}"#),
    ("token-with-100", "{}", 100, "", r#"{"access_token":"evil"}"#),
    ("token-with-999", "{}", 999, "", r#"{"access_token":"evil"}"#),
    ("redirect", "{}", 302, "Location|https://evil.example/?evil", r#"{"access_token":"evil"}"#),
    ("redirect-nowhere", "{}", 308, "Location|\u{1b}[31m", ""),
    ("busy-for-ever", "{}", 429, "Retry-After|99999999999999999999", ""),
    ("busy-since-ever", "{}", 429, "Retry-After|-1", ""),
    ("busy-nonsense", "{}", 503, "Retry-After|NaN", ""),
    ("terminal", "{}", 400, "", "{\"error\":\"\u{1b}]0;evil\u{7}\"}"),
    ("page", WHOLE, 200, "", "<html>evil</html>"),
    ("sentence", WHOLE, 200, "", "evil evil"),
    ("no-header", HEADER, 200, "", r#"{"access_token":"evil"}"#),
    ("space-in-header", HEADER, 200, "X-Token|evil evil", ""),
    ("no-cookie", COOKIE, 200, "", r#"{"access_token":"evil"}"#),
    ("cookie-of-another", COOKIE, 200, "Set-Cookie|XSID=evil; SID=evil", ""),
    ("dead-cookie", COOKIE, 200, "Set-Cookie|SID=; Max-Age=0", ""),
    ("space-in-cookie", COOKIE, 200, "Set-Cookie|SID=evil evil", ""),
    ("space-in-visible", VISIBLE, 200, "", r#"{"access_token":"evil evil"}"#),
    ("half-xml", XML, 200, "", "<r><t>evil</t>"),
    ("entity", XML, 200, "", "<!DOCTYPE r [<!ENTITY e 'evil'>]><r><t>&e;</t></r>"),
    ("file", XML, 200, "", "<!DOCTYPE r [<!ENTITY e SYSTEM 'file:///etc/hostname'>]><r><t>&e;</t></r>"),
];

/// What is sent by those who mean harm, or by who has lost his mind.
pub fn hostile() -> Vec<Case> {
    let reply = |status, headers: Vec<(Box<str>, Box<str>)>, body: Vec<u8>| {
        Answer::Reply(RawResponse { status, headers, body: body.into() })
    };
    let case =
        |name: &str, response, answer| Case { name: format!("hostile-{name}"), response, answer };
    let mut cases = Vec::new();
    for (name, response, status, header, body) in REPLIES {
        let header = header.split_once('|').map(|(name, value)| (name.into(), value.into()));
        let answer = reply(status, header.into_iter().collect(), body.as_bytes().to_vec());
        cases.push(case(name, response, answer));
    }
    let bytes = |body: Vec<u8>| reply(200, Vec::new(), body);
    let long = format!(r#"{{"access_token":"{}"}}"#, "x".repeat(70_000));
    cases.extend([
        case("not-utf-8", "{}", bytes(b"{\"access_token\":\"\xff\xfe\"}".to_vec())),
        case("deep-json", "{}", bytes(vec![b'['; 500_000])),
        case("deep-xml", XML, bytes("<r>".repeat(300_000).into_bytes())),
        case("wide-xml", XML, bytes(format!("<r>{}</r>", "<t/>".repeat(200_000)).into_bytes())),
        case("long-token", "{}", bytes(long.into_bytes())),
        case("long-text", WHOLE, bytes(vec![b'x'; RawResponse::MAX_BODY])),
    ]);
    for reason in ["timeout", "interrupted", "too_large", "connect", "dns", "tls"] {
        cases.push(case(&reason.replace('_', "-"), "{}", Answer::Nothing(reason)));
    }
    cases
}
