//! `tokenward login` at a provider that the sandbox plays, and what the daemon makes of it.

use std::{
    fs,
    io::{BufRead, BufReader},
    process::{Command, Stdio},
};

use crate::playing::Playing;

/// The program with a verb and the configuration of the sandbox.
fn tokenward(playing: &Playing, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tokenward"));
    command.args(arguments).arg("--config").arg(playing.configuration());
    command.stdout(Stdio::piped()).stderr(Stdio::null());
    command
}

/// Whether the daemon goes on with the log-in: it publishes the token, and can renew it.
fn goes_on(playing: &Playing, name: &str) -> bool {
    let once = tokenward(playing, &["once"]).status().expect("the program");
    let token = fs::read_to_string(playing.path(&format!("out/{name}/token")));
    let state = fs::read(playing.path(&format!("state/tokens/{name}.json"))).unwrap_or_default();
    let state: serde_json::Value = serde_json::from_slice(&state).unwrap_or_default();
    once.success() && token.is_ok_and(|it| !it.is_empty()) && state["refresh_token"].is_object()
}

#[test]
fn a_person_logs_in_by_device_code() {
    for name in ["google-device", "github-user", "entra-id-device"] {
        let playing = Playing::of(&[name]);
        let login = tokenward(&playing, &["login", name, "--no-qr"]).output().expect("the program");
        let shown = String::from_utf8_lossy(&login.stdout);
        assert!(login.status.success(), "{name}: {shown}");
        assert!(goes_on(&playing, name), "{name}");
    }
}

#[tokio::test]
async fn a_person_logs_in_by_browser() {
    let playing = Playing::of(&["gitlab"]);
    let mut login = tokenward(&playing, &["login", "gitlab", "--no-qr"]).spawn().expect("a child");
    let mut lines = BufReader::new(login.stdout.take().expect("its output")).lines();
    let url = lines.find_map(|line| {
        let line = line.expect("UTF-8");
        line.trim().starts_with("http://").then(|| line.trim().to_owned())
    });
    let browser = reqwest::Client::builder().no_proxy().build().expect("a browser");
    let page = browser.get(url.expect("a page to open")).send().await.expect("an answer");
    assert!(page.status().is_success(), "{}", page.status());
    assert!(lines.any(|line| line.is_ok_and(|line| line.starts_with("Logged in: gitlab"))));
    assert!(login.wait().expect("its end").success());
    assert!(goes_on(&playing, "gitlab"));
}
