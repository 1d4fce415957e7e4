//! The sandbox over the network, byte by byte.

use std::{sync::Arc, time::Duration};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use super::*;
use crate::clock::{ManualClock, Now, WallTime};

const POSTED: &str = "grant_type=client_credentials&client_id=sandbox-client&\
                      client_secret=sandbox%2Bsecret%2F100%25";

async fn sandbox() -> Sandbox {
    let wall = WallTime::from_seconds(1_790_000_000);
    let clock = Arc::new(ManualClock::new(Now { wall, ..Now::default() }));
    let options = Options { lifetime: Some(Duration::from_secs(60)), ..Options::default() };
    Sandbox::start(options, clock).await.expect("a free port")
}

/// Posts a form and returns every byte of the reply, up to the end of the connection.
async fn post(sandbox: &Sandbox, path: &str, form: &str) -> String {
    let request = format!(
        "POST {path} HTTP/1.1\r\nHost: sandbox\r\nConnection: close\r\n\
         Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{form}",
        form.len(),
    );
    let mut stream = TcpStream::connect(sandbox.address()).await.expect("it listens");
    stream.write_all(request.as_bytes()).await.expect("it reads");
    let mut reply = Vec::new();
    // A connection that the sandbox breaks may end in an error; what came before is the reply.
    let _ = stream.read_to_end(&mut reply).await;
    String::from_utf8(reply).expect("text")
}

fn status(reply: &str) -> &str {
    reply.split(' ').nth(1).unwrap_or_default()
}

fn token(reply: &str) -> &str {
    reply.split('"').find(|part| part.starts_with("eyJ")).unwrap_or_default()
}

#[tokio::test]
async fn a_whole_reply_is_as_expected_to_the_byte() {
    let sandbox = sandbox().await;
    let form = "grant_type=client_credentials&client_id=sandbox-usertesting&\
                client_secret=sandbox-usertesting-secret&scope=studies%3Aread";
    let path = "/usertesting/oauth2/aus1p3vtd8vtm4Bxv0h8/v1/token";
    let reply = post(&sandbox, path, form).await;
    let body = format!(
        "{{\n    \"token_type\": \"Bearer\",\n    \"expires_in\": 60,\n    \"access_token\": \
         \"{}\",\n    \"scope\": \"studies:read\"\n}}",
        token(&reply),
    );
    let expected = format!(
        "HTTP/1.1 200 OK\r\nDate: Mon, 21 Sep 2026 14:13:20 GMT\r\n\
         Content-Type: application/json\r\nPragma: no-cache\r\n\
         Cache-Control: no-cache, no-store\r\nX-Rate-Limit-Limit: 600\r\n\
         X-Rate-Limit-Remaining: 599\r\nX-Rate-Limit-Reset: 1790000040\r\n\
         Connection: close\r\nContent-Length: {}\r\n\r\n{body}",
        body.len(),
    );
    assert_eq!(reply, expected);
    assert!(token(&reply).split('.').count() == 3, "{reply}");
}

#[tokio::test]
async fn each_reply_has_a_token_of_its_own() {
    let sandbox = sandbox().await;
    let first = post(&sandbox, "/plain/token", POSTED).await;
    let second = post(&sandbox, "/plain/token", POSTED).await;
    assert_ne!(token(&first), token(&second));
    assert!(!token(&second).is_empty());
}

#[tokio::test]
async fn what_was_asked_is_remembered_without_the_query() {
    let sandbox = sandbox().await;
    post(&sandbox, &format!("/plain/token?{POSTED}"), "").await;
    post(&sandbox, "/habit/closes_connection/token", POSTED).await;
    post(&sandbox, "/nowhere", "").await;
    let seen: Vec<_> = sandbox
        .requests()
        .iter()
        .map(|seen| format!("{} {} {} {}", seen.at, seen.path, seen.system, seen.outcome))
        .collect();
    assert_eq!(
        seen,
        [
            "2026-09-21T14:13:20Z /plain/token plain 200",
            "2026-09-21T14:13:20Z /habit/closes_connection/token closes_connection unanswered",
            "2026-09-21T14:13:20Z /nowhere - 404",
        ]
    );
}

#[tokio::test]
async fn connections_break_where_a_habit_says() {
    let sandbox = sandbox().await;
    assert_eq!(post(&sandbox, "/habit/closes_connection/token", POSTED).await, "");
    let cut = post(&sandbox, "/habit/cut_off/token", POSTED).await;
    let (head, body) = cut.split_once("\r\n\r\n").expect("a head");
    assert!(head.contains("Content-Length: 93"), "{head}");
    assert_eq!(body.len(), 46);
}

#[tokio::test]
async fn an_outage_hits_what_it_is_told_to_and_passes() {
    let sandbox = sandbox().await;
    let learn_link = "/learn-link/public/oauth2/token/eu-west-2_SandboxAB";
    for (prefix, failing, plain, other) in [
        ("/learn-link", true, "200", "500"),
        ("/", true, "503", "500"),
        ("/learn-link", false, "503", "500"),
        ("/", false, "200", "401"),
    ] {
        sandbox.fail(prefix, failing);
        let replies = [
            post(&sandbox, "/plain/token", POSTED).await,
            post(&sandbox, learn_link, POSTED).await,
        ];
        assert_eq!([status(&replies[0]), status(&replies[1])], [plain, other], "{prefix}");
    }
}

#[tokio::test]
async fn a_request_that_is_too_large_is_refused() {
    let sandbox = sandbox().await;
    let reply = post(&sandbox, "/plain/token", &"x".repeat(64 * 1024 + 1)).await;
    assert_eq!(status(&reply), "413");
}

#[tokio::test]
async fn a_stopped_sandbox_gives_its_address_back() {
    let first = sandbox().await;
    let address = first.address();
    first.stop().await;
    let options = Options { address, ..Options::default() };
    let second = Sandbox::start(options, Arc::new(ManualClock::default())).await.expect("free");
    assert_eq!(second.address(), address);
}

#[tokio::test]
async fn an_address_that_cannot_be_used_is_refused_with_a_mend() {
    let taken = sandbox().await;
    for (address, expected, fault) in [
        (SocketAddr::from(([0, 0, 0, 0], 0)), "not a loopback address", Fault::Permanent),
        (taken.address(), "choose another port", Fault::Local),
    ] {
        let options = Options { address, ..Options::default() };
        let started = Sandbox::start(options, Arc::new(ManualClock::default())).await;
        let error = started.err().expect("an error");
        assert!(error.to_string().contains(expected), "{error}");
        assert_eq!(error.fault(), fault);
    }
}

#[tokio::test]
async fn the_description_names_the_address_and_every_habit() {
    let sandbox = sandbox().await;
    let text = sandbox.describe();
    assert!(text.contains(&format!("http://{}/plain/token", sandbox.address())));
    for habit in crate::sandbox::habit::all() {
        assert!(text.contains(&format!("  {}  ", habit.name)), "{}", habit.name);
    }
}

/// Collects what is logged.
#[derive(Clone, Default)]
struct Log(Arc<std::sync::Mutex<Vec<u8>>>);

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().expect("no panic").extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn the_log_names_each_request_and_no_secret() {
    let (log, sandbox) = (Log::default(), sandbox().await);
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_ansi(false)
        .with_writer(move || writer.clone())
        .finish();
    // A place that logs is registered when it is first passed. If that happened on another thread
    // just while our subscriber is set, it would be taken for one that nobody listens to.
    post(&sandbox, "/plain/token", POSTED).await;
    let guard = tracing::subscriber::set_default(subscriber);
    let mut issued = String::new();
    for path in ["/plain/token", "/habit/leaks_secret_in_error/token", "/nowhere"] {
        issued.push_str(&post(&sandbox, path, POSTED).await);
        post(&sandbox, &format!("{path}?{POSTED}"), "").await;
    }
    drop(guard);
    let logged = String::from_utf8(log.0.lock().expect("no panic").clone()).expect("text");
    let line = "answered a request method=POST path=/plain/token system=\"plain\" outcome=200";
    assert_eq!(logged.matches(line).count(), 2, "{logged}");
    for secret in ["sandbox+secret", "sandbox%2Bsecret", token(&issued)] {
        assert!(!logged.contains(secret), "{secret} in\n{logged}");
    }
}
