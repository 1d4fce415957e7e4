//! OAuth 1.0a: `tokenward login`, and what `tokenward sign` signs, at a server that verifies
//! everything.

use std::{
    io::{Read as _, Write as _},
    net::TcpStream,
    process::Command,
    time::Duration,
};

use crate::{
    person,
    server::{Client, Server, root},
    software::Software,
    tokenward::Tokenward,
    wait_until,
};

/// Characters that each encoding treats in its own way.
const HOSTILE: [&str; 2] = ["k%e&y+ ä=/", "s%e&c+ ü=/"];
const METHODS: [&str; 3] = ["HMAC-SHA1", "PLAINTEXT", "RSA-SHA1"];

fn server(software: &'static Software) -> Server {
    let clients = [HOSTILE, ["plain", "secret"]].map(|[id, secret]| Client {
        id: id.to_owned(),
        secret: Some(secret.to_owned()),
        authentication: "none",
        algorithm: None,
        grant: "oauth1",
        redirect_uri: None,
    });
    // No token of OAuth 1.0a expires.
    Server::start(software, Duration::ZERO, &clients)
}

/// The server is worth something: `oauth1_client.py` says what it proves.
pub fn another_client_finds_that_everything_is_verified(software: &'static Software) {
    let server = server(software);
    let mut client = Command::new(root().join(software.interpreter));
    client.arg(root().join("tests/real/servers/oauth1_client.py")).arg(server.file(""));
    let ended = client.output().unwrap();
    let said = String::from_utf8_lossy(&ended.stdout);
    let trouble = String::from_utf8_lossy(&ended.stderr);
    assert!(ended.status.success(), "{said}{trouble}");
    assert_eq!(said.lines().filter(|line| line.starts_with("ok ")).count(), 46, "{said}");
}

pub fn each_signature_method_is_let_in_and_each_wrong_request_is_not(software: &'static Software) {
    let server = server(software);
    let tokenward = Tokenward::of(&METHODS.map(|method| entry(method, &server)).concat());
    for method in METHODS {
        let said = person::logs_in(&tokenward, method, &server).unwrap();
        assert!(said.contains(&format!("Logged in: {method}")), "{said}");
    }
    assert_eq!(server.tokens_issued(), METHODS.len());
    let once = tokenward.once();
    assert_eq!(once.code, Some(0), "{}", once.text);
    for method in METHODS {
        signed_requests_are_let_in(&tokenward, &server, method);
    }
    for secret in [HOSTILE[1], "s%25e%26c"] {
        assert!(!once.text.contains(secret), "{}", once.text);
    }
}

/// Each probe is verified by the server, and the first that it refuses is enough.
pub fn a_revocation_is_noticed_within_one_probe(software: &'static Software) {
    let server = server(software);
    let probe = format!(
        "    probe: {{ url: '{}', schedule: '*/10 * * * * *' }}\n    refresh: {{ min_interval: 1s }}\n",
        server.address("/resource?a=%26&a=b%20c")
    );
    let method = "HMAC-SHA1";
    let tokenward = Tokenward::of(&(entry(method, &server) + &probe));
    person::logs_in(&tokenward, method, &server).unwrap();
    let _daemon = tokenward.run();
    let probes = |status: &str| {
        let log = server.log();
        let is_probe = |line: &&str| line.contains("GET /resource") && line.contains(status);
        log.lines().filter(is_probe).count()
    };
    wait_until("a probe that is let in", || probes("\" 200 ") > 0);
    let standing = || tokenward.status(method)["standing"].clone();
    assert_eq!(standing(), "fresh");

    let token = tokenward.token(method).expect("a token");
    assert_eq!(send(&server, "POST", "/revoke", "", &format!("token={token}")), 204);
    wait_until("the refusal", || standing() == "revoked");
    assert_eq!(probes("\" 401 "), 1, "{}", server.log());
    wait_until("the need of a log-in", || {
        tokenward.reason(method).as_deref() == Some("login_needed")
    });
    assert_eq!(tokenward.token(method), Some(token), "consumers keep what they have");

    person::logs_in(&tokenward, method, &server).unwrap();
    wait_until("another token", || standing() == "fresh");
}

fn signed_requests_are_let_in(tokenward: &Tokenward, server: &Server, method: &str) {
    let path = "/resource?a=b%20c&a=%26%3D%25&e=&%C3%A9=%2B";
    let sign = |verb: &str, form: &[&str]| {
        let mut command = tokenward.command("sign");
        command.args([method, verb]).arg(server.address(path)).args(form);
        let output = command.output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    };
    let get = sign("GET", &[]);
    assert_eq!(send(server, "GET", path, &get, ""), 200, "{method}");
    assert_eq!(send(server, "GET", path, &get, ""), 401, "{method}: a replay");
    let post = sign("POST", &["--form", "x=é &", "--form", "y="]);
    assert_eq!(send(server, "POST", path, &post, "x=%C3%A9+%26&y="), 200, "{method}: a form");
    // PLAINTEXT signs nothing of the request.
    let other_path = path.replace("%20", "");
    let expected = if method == "PLAINTEXT" { 200 } else { 401 };
    let answer = send(server, "GET", &other_path, &sign("GET", &[]), "");
    assert_eq!(answer, expected, "{method}: another query");

    let token = tokenward.token(method).expect("a token");
    assert_eq!(send(server, "POST", "/revoke", "", &format!("token={token}")), 204);
    assert_eq!(send(server, "GET", path, &sign("GET", &[]), ""), 401, "{method}: revoked");
}

fn entry(method: &str, server: &Server) -> String {
    let [id, secret] = HOSTILE;
    let (secret, key) = if method == "RSA-SHA1" {
        let file = server.file("RS256.key");
        (String::new(), format!("\n      private_key: {{ file: {} }}", file.display()))
    } else {
        (format!("\n    client_secret: '{secret}'"), String::new())
    };
    format!(
        "  {method}:
    grant: oauth1
    token_endpoint: {}
    client_id: '{id}'{secret}
    oauth1:
      initiate: {}
      authorize: {}
      signature_method: {method}{key}
    outputs: [ {{ token_file: {method}/token }} ]
",
        server.token_endpoint(),
        server.address("/initiate"),
        server.address("/authorize"),
    )
}

/// Sends a request with a header and a form, and gives the status of the answer.
fn send(server: &Server, method: &str, target: &str, header: &str, form: &str) -> u16 {
    let mut stream = TcpStream::connect(("127.0.0.1", server.port())).unwrap();
    let (port, length) = (server.port(), form.len());
    let header = header.trim_end();
    let header = if header.is_empty() { String::new() } else { format!("{header}\r\n") };
    write!(
        stream,
        "{method} {target} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: close\r\n{header}\
         Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {length}\r\n\r\n{form}"
    )
    .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer.split(' ').nth(1).and_then(|status| status.parse().ok()).expect("a status")
}
