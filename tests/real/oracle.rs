//! Signatures of OAuth 1.0a, held against those of oauthlib for thousands of random requests.

use std::{
    cell::RefCell,
    io::{BufRead as _, BufReader, Write as _},
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
    sync::Arc,
};

use ::tokenward::{
    acquire::{Acquirer, HttpClients, Nonce, RequestBody, SignedRequest, Stamp},
    clock::{Clock as _, Now, SystemClock, WallTime},
    credential::{Callback, OAuth1, ParameterPlace, SignatureMethod},
    secret::Secret,
    token::{CLIENT_ID, CLIENT_SECRET, IssuedToken, Lifetime, TOKEN_SECRET},
};
use percent_encoding::percent_decode_str;
use proptest::{
    prelude::*,
    test_runner::{Config, TestRunner},
};
use serde_json::{Value, json};
use url::Url;

use crate::{server::root, software::Software};

const CASES: u32 = 2000;

/// `oauth1_oracle.py`.
struct Oracle {
    process: Child,
    questions: ChildStdin,
    answers: BufReader<ChildStdout>,
}

/// A request that somebody may want to have signed.
#[derive(Clone, Debug)]
struct Request {
    method: String,
    url: Url,
    form: Vec<(String, String)>,
    /// Client and token: each identifier with its secret.
    client: (String, String),
    token: (String, String),
    timestamp: i64,
    nonce: [u8; 16],
}

pub fn signatures_are_those_of_another_implementation(software: &'static Software) {
    let oracle = RefCell::new(Oracle::start(software));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let acquirer = Acquirer::new(Arc::new(HttpClients::default()), Arc::new(SystemClock));
    // Each failure is shown whole, so none has to be kept in a file.
    let config = Config { cases: CASES, failure_persistence: None, ..Config::default() };
    let outcome = TestRunner::new(config).run(&requests(), |request| {
        for (signature_method, name) in [
            (SignatureMethod::HmacSha1, "hmac_sha1"),
            (SignatureMethod::HmacSha256, "hmac_sha256"),
            (SignatureMethod::Plaintext, "plaintext"),
        ] {
            let signed = runtime.block_on(request.sign(&acquirer, signature_method));
            let answer = oracle.borrow_mut().answer(&request.question(&signed));
            let ours = signed.iter().find(|(name, _)| name == "oauth_signature");
            let ours = ours.map(|(_, value)| value.as_str());
            prop_assert_eq!(ours, answer[name].as_str(), "of {}", answer["base_string"]);
        }
        Ok(())
    });
    outcome.unwrap_or_else(|failure| panic!("{failure}"));
}

impl Oracle {
    fn start(software: &Software) -> Self {
        let mut process = Command::new(root().join(software.interpreter))
            .arg(root().join("tests/real/servers/oauth1_oracle.py"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let questions = process.stdin.take().unwrap();
        let answers = BufReader::new(process.stdout.take().unwrap());
        Self { process, questions, answers }
    }

    fn answer(&mut self, question: &Value) -> Value {
        writeln!(self.questions, "{question}").unwrap();
        let mut line = String::new();
        self.answers.read_line(&mut line).unwrap();
        serde_json::from_str(&line).unwrap_or_else(|_| panic!("no answer to {question}"))
    }
}

impl Drop for Oracle {
    fn drop(&mut self) {
        // Both fail only if the process has already been waited for.
        self.process.kill().ok();
        self.process.wait().ok();
    }
}

impl Request {
    /// The parameters of the header that we make, decoded.
    async fn sign(&self, acquirer: &Acquirer, method: SignatureMethod) -> Vec<(String, String)> {
        let page: Url = "https://h/".parse().unwrap();
        let oauth1 = OAuth1 {
            initiate: page.clone(),
            authorize: page,
            callback: Callback::OutOfBand,
            signature_method: method,
            realm: None,
            parameters_in: ParameterPlace::Header,
        };
        let form = self.form.iter().map(|(name, value)| (name.as_str().into(), secret(value)));
        let request = SignedRequest {
            method: self.method.as_str().into(),
            url: self.url.clone(),
            body: RequestBody::Form(form.collect()),
        };
        let timestamp = WallTime::from_seconds(self.timestamp);
        let stamp = Stamp { timestamp, nonce: Nonce(self.nonce) };
        let header = acquirer.sign(&oauth1, &self.token(), &request, stamp).await.unwrap();
        let list = header.expose().strip_prefix("OAuth ").expect("the scheme").to_owned();
        list.split(", ").map(parameter).collect()
    }

    fn token(&self) -> IssuedToken {
        let fields = [
            (CLIENT_ID, &self.client.0),
            (CLIENT_SECRET, &self.client.1),
            (TOKEN_SECRET, &self.token.1),
        ];
        IssuedToken {
            access_token: secret(&self.token.0),
            token_type: "OAuth".into(),
            scope: None,
            refresh_token: None,
            origin: None,
            fields: fields.map(|(name, value)| (name.into(), secret(value))).into(),
            requested_at: now(),
            lifetime: Lifetime::UNLIMITED,
        }
    }

    fn question(&self, signed: &[(String, String)]) -> Value {
        let protocol = signed.iter().filter(|(name, _)| name != "oauth_signature");
        json!({
            "method": self.method,
            "uri": self.url.as_str(),
            "parameters": protocol.chain(&self.form).collect::<Vec<_>>(),
            "client_secret": self.client.1,
            "token_secret": self.token.1,
        })
    }
}

fn now() -> Now {
    SystemClock.now()
}

fn secret(text: &str) -> Secret {
    text.into()
}

/// `name="value"`, both encoded.
fn parameter(part: &str) -> (String, String) {
    let (name, value) = part.split_once("=\"").expect("a parameter");
    let decoded = |text| percent_decode_str(text).decode_utf8().unwrap().into_owned();
    (decoded(name), decoded(value.strip_suffix('"').expect("a quoted value")))
}

fn requests() -> impl Strategy<Value = Request> {
    let pair = (text(), text());
    let credentials = || ("[ -~äé☃]{1,12}", "[ -~äé☃]{0,12}");
    (
        "[A-Za-z]{3,7}",
        urls(),
        prop::collection::vec(pair, 0..4),
        credentials(),
        credentials(),
        0..4_000_000_000_i64,
        any::<[u8; 16]>(),
    )
        .prop_map(|(method, url, form, client, token, timestamp, nonce)| Request {
            method,
            url,
            form,
            client,
            token,
            timestamp,
            nonce,
        })
}

/// With repeated names, empty values, and whatever a query can hold. There is no `;` in the path,
/// because Python's library for URLs loses one at its end.
fn urls() -> impl Strategy<Value = Url> {
    let host = prop_oneof!["[A-Za-z]{1,8}\\.example", "127\\.0\\.0\\.1"];
    let port = prop_oneof!["", ":80", ":443", ":8080"];
    let path = "(/[a-zA-Z0-9~._!$'()*,:@-]{0,4}(%20|%2F|%C3%A9)?){0,3}";
    let query = prop::collection::vec(("[ab]|[a-z%+&= é/?]{0,4}", text()), 0..4);
    (prop_oneof!["http", "https"], host, port, path, query).prop_map(
        |(scheme, host, port, path, query)| {
            let mut url: Url = format!("{scheme}://{host}{port}{path}").parse().unwrap();
            if !query.is_empty() {
                url.query_pairs_mut().extend_pairs(query);
            }
            url
        },
    )
}

fn text() -> impl Strategy<Value = String> {
    prop_oneof!["[ -~]{0,8}", "[äé☃ +%&=]{0,4}", "[ab]"]
}
