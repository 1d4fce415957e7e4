//! OAuth 1.0a as a person and a consumer use it: `tokenward login`, the files, `tokenward sign`.

mod control;
#[path = "../shared/left_out.rs"]
mod left_out;
#[path = "../shared/log_in.rs"]
mod log_in;
mod lrs;
mod probe;
#[path = "../program/mod.rs"]
mod program;
mod sandbox;

use std::fs;

use log_in::{LogIn, visit};
use lrs::{ID, Lrs, Mood, SECRET, VERIFIER};
use program::{Ended, Program, files, wait_until};
use serde_json::Value;

/// How a log-in ends.
fn end(log_in: LogIn) -> Ended {
    let ended = log_in.end();
    assert_silent(&ended.text);
    ended
}

/// No secret of anybody is shown.
fn assert_silent(text: &str) {
    for secret in [SECRET, "s%25e%26c", "s%26&", "mismatch", VERIFIER] {
        assert!(!text.contains(secret), "{secret} in: {text}");
    }
}

/// Credentials of one client.
fn configured(lrs: &Lrs, callback: &str, names: &[&str]) -> Program {
    let program = Program::new();
    program.write("secret", SECRET);
    let (address, secret) = (&lrs.address, program.path("secret"));
    let one = |name: &str| {
        format!(
            "  {name}:
    grant: oauth1
    oauth1:
      initiate: {address}/xAPI/OAuth/initiate
      authorize: {address}/xAPI/OAuth/authorize
      callback: {callback}
      realm: records
    token_endpoint: {address}/xAPI/OAuth/token
    client_id: '{ID}'
    client_secret: {{ file: {} }}
    scope: [statements/write, all]
    outputs:
      - json_file: {name}.json
      - template_file: {{ path: {name}.secret, text: '${{token_secret}}' }}
",
            secret.display()
        )
    };
    let all: String = names.iter().map(|name| one(name)).collect();
    program.configure(&format!("credentials:\n{all}"));
    program
}

const LOOPBACK: &str = "http://127.0.0.1:0/callback";

/// Logs in through a browser.
fn log_in(program: &Program, name: &str) -> Ended {
    let mut log_in = LogIn::start(program, &[name]);
    let (back, _) = visit(&log_in.page());
    let (_, page) = visit(&back.expect("a callback"));
    assert!(page.contains("You can close this window"), "{page}");
    end(log_in)
}

fn json(program: &Program, name: &str) -> Value {
    serde_json::from_slice(&fs::read(program.path("out").join(name)).unwrap()).unwrap()
}

#[test]
fn four_values_of_one_log_in_are_handed_out_and_sign_requests() {
    let lrs = Lrs::start(Mood::Agreeable);
    let program = configured(&lrs, LOOPBACK, &["first"]);
    let daemon = program.run("log", program.command(&["run"]));
    let log = || daemon.log();
    wait_until("the need of a log-in", || log().contains("tokenward login first"), log);
    let ended = log_in(&program, "first");
    assert_eq!(ended.code, Some(0), "{}", ended.text);
    assert!(ended.text.contains("a token that does not expire"), "{}", ended.text);
    assert!(ended.text.contains("has taken it over"), "{}", ended.text);
    wait_until("the files", || program.path("out/first.secret.expires_at").exists(), log);
    let values = json(&program, "first.json");
    assert!(values["access_token"].as_str().unwrap().starts_with("a%&+ ä"), "{values}");
    assert_eq!(values["token_secret"], "as%26&+ é");
    assert_eq!((&values["client_id"], &values["client_secret"]), (&ID.into(), &SECRET.into()));
    assert_eq!(values["expires_at"], Value::Null);
    assert_eq!(fs::read_to_string(program.path("out/first.secret")).unwrap(), "as%26&+ é");
    let expiry = fs::read_to_string(program.path("out/first.secret.expires_at")).unwrap();
    assert_eq!(expiry, "never");

    // Beside the daemon, and as the server sees it.
    let target = "/xAPI/statements?limit=1&limit=2&since=a%20b";
    let url = format!("{}{target}", lrs.address);
    let get = program.verb(&["sign", "first", "get", &url]);
    assert!(get.text.starts_with("Authorization: OAuth realm=\"records\", "), "{}", get.text);
    assert_eq!(lrs.send("GET", target, &get.text, ""), "HTTP/1.1 200 X");
    assert_eq!(lrs.send("PUT", target, &get.text, ""), "HTTP/1.1 400 X", "it checks");
    let put = program.verb(&["sign", "first", "PUT", &url, "--form", "a b=ä&", "--form", "c="]);
    assert_eq!(lrs.send("PUT", target, &put.text, "a+b=%C3%A4%26&c="), "HTTP/1.1 200 X");
    let file = program.path("secret").display().to_string();
    let body = program.verb(&["sign", "first", "POST", &url, "--body", &file]);
    assert!(body.text.contains("oauth_body_hash="), "{}", body.text);
    assert_eq!(lrs.send("POST", target, &body.text, ""), "HTTP/1.1 200 X");
    assert_silent(&log());
}

#[test]
fn a_restart_asks_nobody_and_another_secret_wants_another_log_in() {
    let lrs = Lrs::start(Mood::Agreeable);
    let program = configured(&lrs, LOOPBACK, &["first"]);
    assert_eq!(log_in(&program, "first").code, Some(0));
    let asked = lrs.asked().len();
    assert_eq!(program.verb(&["once"]).code, Some(0));
    fs::remove_file(program.path("out/first.json")).unwrap();
    assert_eq!(program.verb(&["once"]).code, Some(0));
    let before = json(&program, "first.json");
    let status = program.verb(&["status"]).text;
    let line = status.lines().find(|line| line.starts_with("first")).expect("its line");
    let words: Vec<_> = line.split_whitespace().collect();
    assert_eq!(words, ["first", "fresh", "never", "-", "2"], "{status}");

    program.write("secret", "another");
    let once = program.verb(&["once"]).text;
    assert!(once.contains("of another client, secret, scope or endpoint"), "{once}");
    assert_eq!(json(&program, "first.json"), before, "consumers keep what they have");
    assert_eq!(lrs.asked().len(), asked, "nobody was asked");
    assert_silent(&(once + &status));
}

#[test]
fn a_verifier_is_typed_in() {
    let lrs = Lrs::start(Mood::Agreeable);
    let program = configured(&lrs, "oob", &["first"]);
    let mut log_in = LogIn::start(&program, &["first"]);
    let (_, page) = visit(&log_in.page());
    assert!(page.contains(VERIFIER), "{page}");
    log_in.say("what is this");
    log_in.say(&format!("  {}", VERIFIER.replace('+', "%2B")));
    let ended = end(log_in);
    assert_eq!(ended.code, Some(0), "{}", ended.text);
    assert!(ended.text.contains("It shows a code"), "{}", ended.text);
    assert!(ended.text.contains("has no code or verifier in it"), "{}", ended.text);
    assert_eq!(files(&program.path("state/logins")).len(), 1);
}

#[test]
fn an_address_is_pasted() {
    let lrs = Lrs::start(Mood::Agreeable);
    let program = configured(&lrs, LOOPBACK, &["first"]);
    let mut log_in = LogIn::start(&program, &["first", "--paste"]);
    let (back, _) = visit(&log_in.page());
    let back = back.expect("a callback");
    assert_eq!(back.port(), None, "nobody listens at port 0");
    log_in.say(back.as_str());
    let ended = end(log_in);
    assert_eq!(ended.code, Some(0), "{}", ended.text);
}

#[test]
fn two_log_ins_of_one_client_get_two_tokens() {
    let lrs = Lrs::start(Mood::Agreeable);
    let program = configured(&lrs, LOOPBACK, &["first", "second"]);
    let mut both = ["first", "second"].map(|name| LogIn::start(&program, &[name]));
    let backs = [0, 1].map(|at| visit(&both[at].page()).0.expect("a callback"));
    for back in &backs {
        visit(back);
    }
    for log_in in both {
        assert_eq!(end(log_in).code, Some(0));
    }
    program.verb(&["once"]);
    let [first, second] = ["first.json", "second.json"].map(|name| json(&program, name));
    assert_ne!(first["access_token"], second["access_token"]);
}

#[test]
fn each_end_has_its_code() {
    let denied = {
        let program = configured(&Lrs::start(Mood::Denying), LOOPBACK, &["first"]);
        log_in(&program, "first")
    };
    assert_eq!(denied.code, Some(69), "{}", denied.text);
    assert!(denied.text.contains("Access not granted by user."), "{}", denied.text);

    // Whose clock is wrong is refused, and asks once more by the server's.
    let ahead = Lrs::start(Mood::Ahead);
    let program = configured(&ahead, LOOPBACK, &["first"]);
    assert_eq!(log_in(&program, "first").code, Some(0));
    let legs = ["/xAPI/OAuth/initiate", "/xAPI/OAuth/authorize", "/xAPI/OAuth/token"];
    assert_eq!(ahead.asked(), [&legs[..1], &legs[..]].concat());

    let lrs = Lrs::start(Mood::Agreeable);
    let program = configured(&lrs, LOOPBACK, &["first"]);
    program.write("secret", "wrong");
    let wrong = end(LogIn::start(&program, &["first"]));
    assert_eq!(wrong.code, Some(69), "{}", wrong.text);
    assert!(wrong.text.contains("temporary credential request answered 400"), "{}", wrong.text);
    // (arguments, exit code, what is said)
    let cases: [(&[&str], i32, &str); 4] = [
        (&["sign", "first", "GET", "https://h/"], 69, "there is no token of first yet"),
        (&["sign", "nobody", "GET", "https://h/"], 64, "no credential \"nobody\""),
        (&["sign", "first", "GET", "no url"], 64, "relative URL"),
        (&["get", "first", "--format", "header"], 69, "there is no token of first yet"),
    ];
    for (arguments, exit, said) in cases {
        let Ended { code, text } = program.verb(arguments);
        assert_eq!(code, Some(exit), "{arguments:?}: {text}");
        assert!(text.contains(said), "{arguments:?}: {text}");
    }
}
