//! `tokenward login`, as a person uses it: the built program against a provider on loopback.

#[path = "../shared/log_in.rs"]
mod log_in;
#[path = "../program/mod.rs"]
#[expect(dead_code, reason = "not every test drives all of it")]
mod program;
mod provider;

use log_in::{LogIn, visit};
use program::{Ended, Program, files, wait_until};
use provider::{Mood, Provider};

/// A configuration with one credential of each grant.
fn configured(provider: &Provider) -> Program {
    let program = Program::new();
    let issuer = provider.issuer();
    program.configure(&format!(
        "credentials:
  device:
    issuer: {issuer}
    grant: device_code
    client_id: cli
    client_authentication: none
    outputs: [token_file: device]
  browser:
    issuer: {issuer}
    grant: authorization_code
    client_id: cli
    client_authentication: none
    outputs: [token_file: browser]
  alone:
    token_endpoint: {issuer}/token
    client_id: cli
    client_secret: never-shown
    outputs: [token_file: alone]
"
    ));
    program
}

/// No token is ever shown, and what is kept is kept for the owner alone.
fn assert_kept(program: &Program, name: &str, said: &str) {
    let kept = files(&program.path("state/logins"));
    let (path, bytes) = kept.first_key_value().expect("a log-in");
    assert!(path.ends_with(format!("{name}.json")), "{}", path.display());
    let text = String::from_utf8_lossy(bytes);
    assert!(text.contains(provider::REFRESH_TOKEN), "{name}: no refresh token");
    for secret in
        [provider::ACCESS_TOKEN, provider::REFRESH_TOKEN, provider::CODE, provider::DEVICE_CODE]
    {
        assert!(!said.contains(secret), "{name}: {said}");
    }
}

#[test]
fn a_device_is_logged_in() {
    let provider = Provider::start(Mood::Agreeable);
    let program = configured(&provider);
    let mut log_in = LogIn::start(&program, &["device"]);
    assert_eq!(log_in.page().path(), "/confirm");
    let Ended { code, text: said } = log_in.end();
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("AB-CD") && said.contains("Logged in: device"), "{said}");
    assert!(said.contains("No daemon runs here"), "{said}");
    assert!(!said.contains('█'), "a QR code is for terminals: {said}");
    assert_kept(&program, "device", &said);
}

#[test]
fn a_daemon_that_runs_takes_over_at_once() {
    let provider = Provider::start(Mood::Agreeable);
    let program = configured(&provider);
    let daemon = program.run("log", program.command(&["run"]));
    let log = || daemon.log();
    wait_until("the need of a log-in", || log().contains("tokenward login device"), log);
    let Ended { code, text: said } = LogIn::start(&program, &["device"]).end();
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("has taken it over"), "{said}");
    let output = program.path("out/device");
    let published = || std::fs::read_to_string(&output).unwrap_or_default();
    wait_until("the token", || published().contains(provider::ACCESS_TOKEN), log);
    assert!(!log().contains(provider::ACCESS_TOKEN) && !log().contains(provider::REFRESH_TOKEN));
}

#[test]
fn a_browser_is_logged_in() {
    let provider = Provider::start(Mood::Agreeable);
    let program = configured(&provider);
    let mut log_in = LogIn::start(&program, &["browser"]);
    let (callback, _) = visit(&log_in.page());
    let (_, page) = visit(&callback.expect("a callback"));
    assert!(page.contains("You can close this window"), "{page}");
    let Ended { code, text: said } = log_in.end();
    assert_eq!(code, Some(0), "{said}");
    assert_kept(&program, "browser", &said);
}

#[test]
fn a_host_without_a_browser_takes_a_paste() {
    let provider = Provider::start(Mood::Agreeable);
    let program = configured(&provider);
    let mut log_in = LogIn::start(&program, &["browser", "--paste"]);
    let (callback, _) = visit(&log_in.page());
    log_in.say("https://example.com/?what=is+this");
    log_in.say(callback.expect("a callback").as_str());
    let Ended { code, text: said } = log_in.end();
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("is not the answer to this log-in"), "{said}");
    assert_kept(&program, "browser", &said);
}

#[test]
fn each_end_has_its_code() {
    // (case, the provider's mood, arguments, exit code, what is said)
    let cases: [(&str, Mood, &[&str], i32, &str); 6] = [
        ("no such credential", Mood::Agreeable, &["nobody"], 64, "no credential \"nobody\""),
        ("no log-in", Mood::Agreeable, &["alone"], 64, "`client_credentials` of alone has no"),
        ("refused", Mood::Refusing, &["device"], 69, "access_denied"),
        ("nobody came", Mood::Waiting, &["device", "--timeout", "0"], 75, "nobody logged in"),
        ("no browser", Mood::Waiting, &["browser", "--timeout", "0"], 75, "nobody logged in"),
        ("another issuer", Mood::Impostor, &["device"], 69, "are those of"),
    ];
    for (case, mood, arguments, exit, text) in cases {
        let provider = Provider::start(mood);
        let program = configured(&provider);
        let Ended { code, text: said } = LogIn::start(&program, arguments).end();
        assert_eq!(code, Some(exit), "{case}: {said}");
        assert!(said.contains(text), "{case}: {said}");
        assert!(!said.contains("never-shown"), "{case}: {said}");
    }
    let program = Program::new();
    program.configure("credentials: 1\n");
    let Ended { code, text: said } = LogIn::start(&program, &["device"]).end();
    assert_eq!(code, Some(78), "{said}");
}

#[test]
fn a_grant_that_ends_is_said_to_end() {
    let provider = Provider::start(Mood::Forgetful);
    let program = configured(&provider);
    let Ended { code, text: said } = LogIn::start(&program, &["device"]).end();
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("the provider gave no refresh token"), "{said}");
}
