//! Log-ins over a provider in memory. The browser is a plain connection, and the person is told
//! what to do by [`Notice`].

use std::{
    future,
    io::Cursor,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    sync::mpsc,
    time::Instant,
};
use zeroize::Zeroizing;

use super::*;
use crate::{
    acquire::{Exchange, HttpTransport, RawResponse, TokenRequest},
    clock::ManualClock,
    credential::{
        AuthorizationRequest, Client, ClientAuthentication, Endpoint, TokenEndpoint, ValueSource,
        fixture,
    },
    error::Fault,
};

const CODE: &str = r#"{"device_code":"d","user_code":"AB-CD","verification_uri":"https://idp.example/go","expires_in":300,"interval":5}"#;
const TOKEN: &str = r#"{"access_token":"t","refresh_token":"r","expires_in":60}"#;

/// Answers one after the other, the last one again and again.
struct Script {
    answers: Vec<(u16, String)>,
    next: AtomicUsize,
    asked: Mutex<Vec<String>>,
}

impl Script {
    fn new(answers: &[(u16, &str)]) -> Arc<Self> {
        let answers = answers.iter().map(|(status, body)| (*status, (*body).to_owned())).collect();
        Arc::new(Self { answers, next: AtomicUsize::new(0), asked: Mutex::default() })
    }
}

impl HttpTransport for Script {
    fn send<'a>(&'a self, _: &'a TokenEndpoint, sent: TokenRequest, _: Duration) -> Exchange<'a> {
        self.asked.lock().unwrap().push(sent.body.expose().to_owned());
        let at = self.next.fetch_add(1, Ordering::Relaxed).min(self.answers.len() - 1);
        let (status, body) = &self.answers[at];
        let body = Zeroizing::new(body.clone().into_bytes());
        Box::pin(future::ready(Ok(RawResponse { status: *status, headers: Vec::new(), body })))
    }
}

fn with(grant: Grant) -> Credential {
    Credential { grant: Arc::new(grant), ..fixture::credential() }
}

fn device() -> Credential {
    with(Grant::DeviceCode {
        endpoint: Some(Endpoint("https://idp.example/device".parse().unwrap())),
    })
}

fn browser(redirect_uri: &str) -> Credential {
    with(Grant::AuthorizationCode(AuthorizationRequest {
        endpoint: Some(Endpoint("https://idp.example/authorize".parse().unwrap())),
        redirect_uri: redirect_uri.parse().unwrap(),
        pkce: true,
        parameters: [].into(),
    }))
}

fn quiet(_: Notice<'_>) {}

/// Logs in; `tell` sees each notice.
async fn log_in(
    credential: &Credential,
    script: Arc<Script>,
    pasted: Option<&str>,
    tell: &dyn Fn(Notice<'_>),
) -> Result<IssuedToken, LoginError> {
    let input = Box::new(Cursor::new(pasted.unwrap_or_default().to_owned()));
    let acquirer = Acquirer::new(script, Arc::new(ManualClock::default()));
    let login = Login {
        credential,
        acquirer: &acquirer,
        clock: &ManualClock::default(),
        randomness: Randomness([7; 48]),
        patience: None,
        second: &|at| at,
        paste: pasted.is_some(),
        client_secret: Cell::default(),
        tell,
    };
    login.perform(input).await
}

#[tokio::test(start_paused = true)]
async fn a_device_is_asked_about_as_slowly_as_it_says() {
    let pending = (400, r#"{"error":"authorization_pending"}"#);
    let slower = (400, r#"{"error":"slow_down"}"#);
    let busy = (503, "");
    // (case, the answers after the code, seconds until the end, the reason at the end)
    let cases = [
        ("at once", vec![(200, TOKEN)], 5, None),
        ("later", vec![pending, pending, (200, TOKEN)], 15, None),
        ("slower", vec![pending, slower, (200, TOKEN)], 5 + 5 + 10, None),
        ("trouble between", vec![busy, (200, TOKEN)], 5 + 10, None),
        ("refused", vec![(400, r#"{"error":"access_denied"}"#)], 5, Some("access_denied")),
        ("never", vec![pending], 300, Some("login_timeout")),
    ];
    for (case, answers, seconds, reason) in cases {
        let script = Script::new(&[vec![(200, CODE)], answers].concat());
        let began = began();
        let notices = Mutex::new(Vec::new());
        let tell = |notice: Notice<'_>| notices.lock().unwrap().push(format!("{notice:?}"));
        let token = log_in(&device(), script, None, &tell).await;
        assert_eq!(began.elapsed().as_secs(), seconds, "{case}");
        assert_eq!(token.as_ref().err().map(LoginError::reason), reason, "{case}");
        assert!(notices.lock().unwrap()[0].contains("AB-CD"), "{case}");
    }
}

#[expect(clippy::disallowed_methods, reason = "tokio's clock is the one that is paused here")]
fn began() -> Instant {
    Instant::now()
}

/// Logs in at a provider that answers so; the secrets that arrived, how often one was passed over,
/// and the reason at the end.
async fn secrets_tried(
    credential: Credential,
    secrets: [ValueSource; 2],
    pasted: Option<&str>,
    answers: &[(u16, &str)],
) -> (Vec<String>, usize, Option<&'static str>) {
    let client = fixture::client(ClientAuthentication::ClientSecretPost);
    let client = Arc::new(Client { secrets: secrets.into(), ..client });
    let script = Script::new(answers);
    let passed_over = AtomicUsize::new(0);
    let tell = |notice: Notice<'_>| {
        let is_one = matches!(notice, Notice::OtherSecret(_));
        passed_over.fetch_add(usize::from(is_one), Ordering::Relaxed);
    };
    let credential = Credential { client, ..credential };
    let token = log_in(&credential, script.clone(), pasted, &tell).await;
    let asked = script.asked.lock().unwrap();
    let secret = |body: &String| {
        let mut form = url::form_urlencoded::parse(body.as_bytes()).into_owned();
        form.find(|(name, _)| name == "client_secret").unwrap().1
    };
    let arrived = asked.iter().map(secret).collect();
    (arrived, passed_over.into_inner(), token.err().map(|error| error.reason()))
}

const UNKNOWN: (u16, &str) = (401, r#"{"error":"invalid_client"}"#);

#[tokio::test(start_paused = true)]
async fn a_device_goes_on_with_the_next_client_secret() {
    let [new, old] = ["new", "old"].map(fixture::literal);
    let nowhere = ValueSource::File(std::path::Path::new("/nowhere/new").into());
    let known = [(200, CODE), (200, TOKEN)];
    let pending = (400, r#"{"error":"authorization_pending"}"#);
    let withdrawn = [(200, CODE), pending, UNKNOWN, (200, TOKEN)];
    let both = [new, old.clone()];
    // (case, secrets, answers, the secrets that arrive, the reason at the end)
    let cases = [
        ("refused", both.clone(), [&[UNKNOWN], &known[..]].concat(), "new old old", None),
        ("refused later", both.clone(), withdrawn.into(), "new new new old", None),
        ("not there", [nowhere, old], known.into(), "old old", None),
        ("each refused", both, vec![UNKNOWN], "new old", Some("invalid_client")),
    ];
    for (case, secrets, answers, arrived, reason) in cases {
        let tried = secrets_tried(device(), secrets, None, &answers).await;
        let arrived = arrived.split(' ').map(str::to_owned).collect();
        assert_eq!(tried, (arrived, 1, reason), "{case}");
    }
}

#[tokio::test]
async fn a_code_is_handed_in_with_the_next_client_secret() {
    let secrets = ["new", "old"].map(fixture::literal);
    let page = browser("http://127.0.0.1:0/cb");
    let pasted = Some("?code=c&state=BwcHBwcHBwcHBwcHBwcHBw");
    let tried = secrets_tried(page, secrets, pasted, &[UNKNOWN, (200, TOKEN)]).await;
    assert_eq!(tried, (vec!["new".to_owned(), "old".to_owned()], 1, None));
}

/// What a browser gets for `target` at the redirect URI of `page`.
async fn visit(page: &Url, target: &str) -> String {
    let parameter =
        |name: &str| page.query_pairs().find(|(key, _)| key == name).unwrap().1.into_owned();
    let redirect_uri: Url = parameter("redirect_uri").parse().unwrap();
    let address = (redirect_uri.host_str().unwrap(), redirect_uri.port().unwrap());
    let mut stream = TcpStream::connect(address).await.unwrap();
    let target = target.replace("STATE", &parameter("state"));
    let request = format!("{target} HTTP/1.1\r\nHost: {}\r\n\r\n", address.0);
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    answer
}

/// Logs in while a browser visits `targets` one after the other; the first lines it got.
async fn log_in_with_visits(
    redirect_uri: &str,
    script: Arc<Script>,
    targets: &[&str],
) -> (Result<IssuedToken, LoginError>, Vec<String>) {
    let (pages, mut page) = mpsc::unbounded_channel();
    let tell = |notice: Notice<'_>| {
        if let Notice::Open { page } = notice {
            pages.send(page.clone()).unwrap();
        }
    };
    let visits = async {
        let page = page.recv().await.unwrap();
        let mut answers = Vec::new();
        for target in targets {
            let answer = visit(&page, target).await;
            answers.push(answer.lines().next().unwrap_or_default().to_owned());
        }
        answers
    };
    let credential = browser(redirect_uri);
    tokio::join!(log_in(&credential, script, None, &tell), visits)
}

#[tokio::test]
async fn a_browser_comes_back_with_the_code() {
    let found = "HTTP/1.1 200 OK";
    let nothing = "HTTP/1.1 404 Not Found";
    for redirect_uri in ["http://127.0.0.1:0/callback", "http://localhost:0/callback"] {
        let script = Script::new(&[(200, TOKEN)]);
        let targets = [
            "GET /favicon.ico",
            "GET /callback?code=stolen&state=guessed",
            "GET /callback?code=stolen",
            "POST /callback?code=c&state=STATE",
            "GET /elsewhere?code=c&state=STATE",
            "GET /callback?code=c0de&state=STATE",
        ];
        let (token, answers) = log_in_with_visits(redirect_uri, script.clone(), &targets).await;
        assert_eq!(answers, [nothing, nothing, nothing, nothing, nothing, found]);
        assert_eq!(token.unwrap().refresh_token.unwrap().value.expose(), "r");
        let asked = script.asked.lock().unwrap();
        assert!(asked[0].contains("code=c0de"), "{redirect_uri}");
        assert!(!asked[0].contains("%3A0%2F"), "the port that is listened on: {}", asked[0]);
    }
}

#[tokio::test]
async fn a_refusal_in_the_browser_is_named() {
    let script = Script::new(&[(200, TOKEN)]);
    let targets = ["GET /cb?error=access_denied&error_description=not+now&state=STATE"];
    let (token, _) = log_in_with_visits("http://127.0.0.1:0/cb", script.clone(), &targets).await;
    let error = token.unwrap_err();
    assert_eq!((error.reason(), error.fault()), ("access_denied", Fault::Permanent));
    assert!(error.to_string().contains("access_denied: not now"), "{error}");
    assert!(script.asked.lock().unwrap().is_empty(), "nothing to hand in");
}

#[tokio::test]
async fn a_taken_port_is_named() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let redirect_uri = format!("http://{}/", taken.local_addr().unwrap());
    let script = Script::new(&[(200, TOKEN)]);
    let error = log_in(&browser(&redirect_uri), script, None, &quiet).await.unwrap_err();
    assert_eq!((error.reason(), error.fault()), ("login_listen", Fault::Local));
    assert!(error.to_string().contains("--paste"), "{error}");
}

#[tokio::test]
async fn what_is_pasted_is_read_in_each_form() {
    let state = "state=BwcHBwcHBwcHBwcHBwcHBw";
    // (case, what is pasted, the code that is handed in, or the reason)
    let cases = [
        ("the address", format!("http://127.0.0.1/cb?code=c&{state}"), Ok("c")),
        ("with spaces", format!("\n  http://127.0.0.1/cb?code=c&{state}  \n"), Ok("c")),
        ("its end", format!("?{state}&code=c"), Ok("c")),
        ("the code", "4/0Ab_c".to_owned(), Ok("4%2F0Ab_c")),
        ("the code out of an address", "4%2F0Ab_c".to_owned(), Ok("4%2F0Ab_c")),
        ("a slip first", format!("https://idp.example/\nhello you\n?{state}&code=c"), Ok("c")),
        ("another log-in's", "http://127.0.0.1/cb?code=c&state=x".into(), Err("login_input")),
        ("a refusal", format!("http://h/?error=access_denied&{state}"), Err("access_denied")),
        ("nothing", String::new(), Err("login_input")),
    ];
    for (case, pasted, expected) in cases {
        let script = Script::new(&[(200, TOKEN)]);
        let credential = browser("http://127.0.0.1:0/cb");
        let token = log_in(&credential, script.clone(), Some(&pasted), &quiet).await;
        assert_eq!(token.map(drop).map_err(|error| error.reason()), expected.map(drop), "{case}");
        if let Ok(code) = expected {
            let asked = script.asked.lock().unwrap();
            let wanted = format!("&code={code}&redirect_uri=http%3A%2F%2F127.0.0.1%2Fcb&");
            assert!(asked[0].contains(&wanted), "{case}: {}", asked[0]);
        }
    }
}

#[tokio::test]
async fn a_grant_without_log_in_says_which_have_one() {
    let credential = with(Grant::ClientCredentials);
    let error = log_in(&credential, Script::new(&[(200, TOKEN)]), None, &quiet).await.unwrap_err();
    assert_eq!(error.reason(), "login_grant");
    assert!(
        error.to_string().contains("`device_code`, `authorization_code` and `oauth1`"),
        "{error}"
    );
}

#[tokio::test]
async fn only_loopback_without_tls_is_listened_at() {
    for (redirect_uri, is_open) in [
        ("http://127.0.0.1:0/callback", true),
        ("http://[::1]:0/", true),
        ("https://localhost:0/", false),
        ("https://app.example.com/callback", false),
    ] {
        assert_eq!(listener::can_listen(&redirect_uri.parse().unwrap()), is_open, "{redirect_uri}");
    }
    // Elsewhere the address is asked for without being told to.
    let script = Script::new(&[(200, TOKEN)]);
    let elsewhere = browser("https://app.example.com/callback");
    let told = Mutex::new(Vec::new());
    let tell = |notice: Notice<'_>| told.lock().unwrap().push(format!("{notice:?}"));
    let error = log_in(&elsewhere, script, None, &tell).await.unwrap_err();
    assert_eq!(error.reason(), "login_input");
    assert!(told.lock().unwrap()[0].starts_with("Bring"));
}
