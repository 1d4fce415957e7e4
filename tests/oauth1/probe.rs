//! A token that its owner revokes: who notices, when, and what then.

use std::{
    io::{Read as _, Write as _},
    net::TcpStream,
};

use serde_json::json;

use crate::{
    LOOPBACK,
    control::control,
    end,
    log_in::{LogIn, visit},
    program::{Daemon, Program, Server, wait_until},
};

const NAME: &str = "first";

/// A credential of the sandbox that is probed every other second.
fn configured(server: &Server) -> Program {
    let program = Program::new();
    let address = &server.address;
    let offers = server.sandbox.offers();
    let offer = offers.iter().find(|offer| offer.system == "oauth1").expect("an offer");
    let (id, secret) = (offer.client_id, offer.client_secret);
    program.configure(&format!(
        "credentials:
  {NAME}:
    grant: oauth1
    oauth1:
      initiate: http://{address}/oauth1/initiate
      authorize: http://{address}/oauth1/authorize
      callback: {LOOPBACK}
    token_endpoint: http://{address}/oauth1/token
    client_id: '{id}'
    client_secret: '{secret}'
    refresh: {{ min_interval: 1s }}
    probe:
      url: http://{address}/oauth1/resource?a=%26&a=b
      schedule: '*/2 * * * * *'
    outputs: [ {{ token_file: {NAME} }} ]
"
    ));
    program
}

fn logs_in(program: &Program) {
    let mut log_in = LogIn::start(program, &[NAME]);
    let (back, answer) = visit(&log_in.page());
    visit(&back.unwrap_or_else(|| panic!("{answer}")));
    let ended = end(log_in);
    assert_eq!(ended.code, Some(0), "{}", ended.text);
}

/// The owner ends the token at the provider.
fn revoke(server: &Server, token: &str) {
    let body = format!("token={token}");
    let (host, length) = (&server.address, body.len());
    let mut stream = TcpStream::connect(host).unwrap();
    write!(
        stream,
        "POST /oauth1/revoke HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\
         Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {length}\r\n\r\n{body}"
    )
    .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
}

fn is_ready(program: &Program) -> bool {
    program.verb(&["status"]).code == Some(0)
}

/// How often the log says this.
fn said(daemon: &Daemon, text: &str) -> usize {
    daemon.log().matches(text).count()
}

#[test]
fn a_revocation_is_noticed_by_the_next_probe_and_ended_by_a_log_in() {
    let server = Server::start();
    let program = configured(&server);
    let client = control(&program, "{ socket: control.sock }");
    let wanted = json!({ "credential": NAME, "method": "GET", "url": "https://h/" });
    let sign = || client.sign(&wanted);
    logs_in(&program);
    let mut command = program.command(&["run"]);
    command.env("TOKENWARD_LOG", "debug");
    let daemon = program.run("log", command);
    let log = || daemon.log();
    wait_until("a probe", || said(&daemon, "accepted") > 0, log);
    assert!(is_ready(&program), "{}", log());
    assert_eq!(sign().0, 200);

    let token = std::fs::read_to_string(program.path("out").join(NAME)).unwrap();
    revoke(&server, &token);
    wait_until("the refusal", || said(&daemon, "does not take the token any more") > 0, log);
    let before = log();
    let before = before.split("does not take the token").next().unwrap_or_default();
    assert_eq!(before.matches("result=revoked").count(), 1, "by the first that was refused");
    wait_until("the need of a log-in", || said(&daemon, "`tokenward login first`") > 0, log);
    let status = program.verb(&["status"]);
    assert_eq!(status.code, Some(69), "{}", status.text);
    for text in ["not ready", "revoked", "run `tokenward login first`"] {
        assert!(status.text.contains(text), "{text}: {}", status.text);
    }
    let (refused, answer) = sign();
    assert_eq!((refused, &answer["error"]), (503, &"revoked".into()), "nobody signs in vain");

    let accepted = said(&daemon, "result=accepted");
    logs_in(&program);
    wait_until("readiness", || is_ready(&program), log);
    wait_until("a probe", || said(&daemon, "result=accepted") > accepted, log);
    assert!(is_ready(&program), "{}", log());
    assert_eq!(sign().0, 200);
    assert!(!log().contains(&token), "no token in the log");
}
