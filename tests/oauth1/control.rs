//! The control socket, as programs use it: the daemon signs, and the server takes what it signed.

use std::{
    fs::{self, Permissions},
    io::{self, ErrorKind, Read, Write},
    os::unix::{
        fs::{FileTypeExt, MetadataExt, PermissionsExt},
        net::UnixStream,
        process::CommandExt,
    },
    path::{Path, PathBuf},
    process::Command,
};

use nix::{sys::signal::Signal, unistd::geteuid};
use serde_json::{Value, json};

use crate::{
    LOOPBACK, assert_silent, configured,
    left_out::left_out,
    log_in,
    lrs::{Lrs, Mood},
    program::{CONFIGURATION, Daemon, Program, wait_until},
    sandbox::Trial,
};

/// What a program asks of the daemon.
pub struct Client(PathBuf);

impl Client {
    /// Asks for a signature; the status and what the answer says.
    pub fn sign(&self, wanted: &Value) -> (u16, Value) {
        self.post("/sign", &wanted.to_string()).unwrap()
    }

    /// The header of a request of the credential `first`.
    fn header(&self, method: &str, url: &str, more: &Value) -> String {
        let mut wanted = json!({ "credential": "first", "method": method, "url": url });
        wanted.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let (status, answer) = self.sign(&wanted);
        assert_eq!(status, 200, "{answer}");
        assert_silent(&answer.to_string());
        format!("Authorization: {}", answer["authorization"].as_str().unwrap())
    }

    fn post(&self, path: &str, body: &str) -> io::Result<(u16, Value)> {
        let length = body.len();
        let head = format!(
            "POST {path} HTTP/1.1\r\nHost: tokenward\r\nContent-Type: application/json\r\n\
             Content-Length: {length}\r\nConnection: close\r\n\r\n"
        );
        self.send(&[head.as_bytes(), body.as_bytes()].concat())
    }

    fn send(&self, request: &[u8]) -> io::Result<(u16, Value)> {
        let mut stream = UnixStream::connect(&self.0)?;
        // A body that is too large is not read to its end, which the kernel lets us know in
        // writing and in reading.
        let _ = stream.write_all(request);
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer);
        let answer = String::from_utf8(answer).unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").ok_or(ErrorKind::UnexpectedEof)?;
        let status = head.split(' ').nth(1).and_then(|word| word.parse().ok()).expect("a status");
        Ok((status, serde_json::from_str(body).unwrap_or_else(|_| panic!("no JSON: {answer}"))))
    }
}

/// Adds the key to a configuration.
pub fn control(program: &Program, value: &str) -> Client {
    let before = fs::read_to_string(program.path(CONFIGURATION)).unwrap();
    program.write(CONFIGURATION, format!("control: {value}\n{before}"));
    Client(program.path("out/control.sock"))
}

/// A daemon that answers, and has taken over what was logged in.
fn start(program: &Program, client: &Client) -> Daemon {
    let daemon = program.run("log", program.command(&["run", "--log", "trace"]));
    let log = || daemon.log();
    wait_until("the socket", || UnixStream::connect(&client.0).is_ok(), log);
    wait_until("the file", || program.path("out/first.secret.expires_at").exists(), log);
    daemon
}

#[test]
fn the_server_takes_what_the_socket_signs() {
    let lrs = Lrs::start(Mood::Agreeable);
    let program = configured(&lrs, LOOPBACK, &["first"]);
    let client = control(&program, "{ socket: control.sock }");
    assert_eq!(log_in(&program, "first").code, Some(0));
    let daemon = start(&program, &client);

    let target = "/xAPI/statements?limit=1&limit=2&since=a%20b";
    let url = format!("{}{target}", lrs.address);
    let get = client.header("GET", &url, &json!({}));
    assert!(get.starts_with("Authorization: OAuth realm=\"records\", "), "{get}");
    assert_eq!(lrs.send("GET", target, &get, ""), "HTTP/1.1 200 X");
    assert_eq!(lrs.send("PUT", target, &get, ""), "HTTP/1.1 400 X", "it checks");
    assert_ne!(client.header("GET", &url, &json!({})), get, "each has a nonce of its own");
    for form in [json!([["a b", "ä&"], ["c", ""]]), json!({ "a b": "ä&", "c": "" })] {
        let put = client.header("PUT", &url, &json!({ "form": form }));
        assert_eq!(lrs.send("PUT", target, &put, "a+b=%C3%A4%26&c="), "HTTP/1.1 200 X");
    }
    let body = client.header("POST", &url, &json!({ "body_base64": "e30=" }));
    assert!(body.contains("oauth_body_hash="), "{body}");
    assert_eq!(lrs.send("POST", target, &body, ""), "HTTP/1.1 200 X");

    let log = daemon.terminate().text;
    assert_silent(&log);
    assert!(!log.contains("oauth_signature"), "{log}");
}

#[test]
fn the_sandbox_takes_what_the_socket_signs() {
    let trial = Trial::new();
    let client = control(&trial.program, "{ socket: control.sock }");
    let names = ["oauth1-0", "adl-lrs-2"];
    for name in names {
        assert_eq!(trial.log_in(name).0, Some(0), "{name}");
    }
    let daemon = trial.program.run("log", trial.program.command(&["run"]));
    wait_until("the socket", || UnixStream::connect(&client.0).is_ok(), || daemon.log());
    let paths = ["/oauth1/resource?a=%26&a=%C3%A9+&b", "/adl-lrs/xapi/statements?limit=1"];
    for (name, path) in names.into_iter().zip(paths) {
        let url = format!("http://{}{path}", trial.server.address);
        let wanted = json!({ "credential": name, "method": "GET", "url": url });
        wait_until("the log-in", || client.sign(&wanted).0 == 200, || daemon.log());
        let (_, answer) = client.sign(&wanted);
        let header = format!("Authorization: {}", answer["authorization"].as_str().unwrap());
        assert_eq!(trial.send("GET", path, &header), 200, "{name}");
    }
}

#[test]
fn the_socket_is_as_configured_while_the_daemon_runs_and_gone_after() {
    let program = configured(&Lrs::start(Mood::Agreeable), LOOPBACK, &["first"]);
    let group = if geteuid().is_root() { 4343 } else { nix::unistd::getegid().as_raw() };
    let client =
        control(&program, &format!("{{ socket: control.sock, mode: '0660', group: '{group}' }}"));
    let run = || {
        let daemon = program.run("log", program.command(&["run"]));
        wait_until("the socket", || UnixStream::connect(&client.0).is_ok(), || daemon.log());
        daemon
    };
    let first = run();
    let found = client.0.symlink_metadata().unwrap();
    assert!(found.file_type().is_socket());
    assert_eq!((found.mode() & 0o7777, found.gid()), (0o660, group));
    let second = program.verb(&["run"]);
    assert_eq!(second.code, Some(75), "{}", second.text);
    assert!(UnixStream::connect(&client.0).is_ok(), "a second daemon takes nothing away");

    let other = fs::read_to_string(program.path(CONFIGURATION)).unwrap().replace("0660", "0600");
    program.write(CONFIGURATION, other);
    let said = || first.log().contains("`control` changed: restart the daemon");
    wait_until("what needs a restart", said, || first.log());
    assert_eq!(client.0.symlink_metadata().unwrap().mode() & 0o7777, 0o660);

    first.signal(Signal::SIGKILL);
    drop(first);
    assert!(client.0.exists() && UnixStream::connect(&client.0).is_err());
    let ended = run().terminate();
    assert_eq!(ended.code, Some(0), "{}", ended.text);
    assert!(!client.0.exists());

    fs::create_dir(&client.0).unwrap();
    let refused = program.verb(&["run"]);
    assert_eq!(refused.code, Some(78), "{}", refused.text);
    assert!(refused.text.contains("is no socket, and is left alone"), "{}", refused.text);
}

#[test]
fn hostile_requests_get_an_answer_and_the_next_one_too() {
    let lrs = Lrs::start(Mood::Agreeable);
    let program = configured(&lrs, LOOPBACK, &["first", "second"]);
    let more = "  other: { token_endpoint: http://127.0.0.1:9/, client_id: c, client_secret: s, \
                outputs: [{ token_file: other }] }\n";
    let before = fs::read_to_string(program.path(CONFIGURATION)).unwrap();
    program.write(CONFIGURATION, before + more);
    let client = control(&program, "{ socket: control.sock }");
    assert_eq!(log_in(&program, "first").code, Some(0));
    let daemon = start(&program, &client);

    let good = json!({ "credential": "first", "method": "GET", "url": "https://h/" });
    let with = |key: &str, value: &str| {
        let mut wanted = good.clone();
        wanted[key] = value.into();
        wanted.to_string()
    };
    let huge = "x".repeat(10 << 20);
    // (case, path, body, status, error)
    for (case, path, body, status, error) in [
        ("another path", "/", good.to_string(), 404, "unknown_path"),
        ("no JSON", "/sign", "{".into(), 400, "invalid_request"),
        ("10 MB", "/sign", huge, 413, "too_large"),
        ("an unknown key", "/sign", with("client_secret", "hunter2"), 400, "invalid_request"),
        ("no URL", "/sign", with("url", "hunter2"), 400, "invalid_request"),
        ("a line break", "/sign", with("method", "GET\r\nX: hunter2"), 400, "invalid_request"),
        ("a NUL", "/sign", with("url", "https://h/\0"), 400, "invalid_request"),
        ("nobody", "/sign", with("credential", "hunter2\n"), 404, "unknown_credential"),
        ("a token of OAuth 2.0", "/sign", with("credential", "other"), 503, "no_token"),
        ("no token", "/sign", with("credential", "second"), 503, "no_token"),
    ] {
        let (answered, answer) = client.post(path, &body).unwrap_or_else(|e| panic!("{case}: {e}"));
        assert_eq!((answered, answer["error"].as_str()), (status, Some(error)), "{case}: {answer}");
        assert!(!answer.to_string().contains("hunter2"), "{case}: {answer}");
        assert_eq!(client.sign(&good).0, 200, "after {case}");
    }
    // (request, status, error)
    for (request, status, error) in [
        ("GET /sign HTTP/1.1\r\nHost: t\r\nConnection: close\r\n\r\n", 405, "unknown_method"),
        (
            "POST /sign HTTP/1.1\r\nHost: t\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}",
            415,
            "media_type",
        ),
    ] {
        let (answered, answer) = client.send(request.as_bytes()).unwrap();
        assert_eq!((answered, answer["error"].as_str()), (status, Some(error)), "{request}");
    }
    let log = daemon.terminate().text;
    assert_silent(&log);
    assert!(!log.contains("hunter2"), "{log}");
}

const TEST: &str = "control::who_may_read_an_output_may_sign";
/// Set for the children that are other users: where the socket is.
const SOCKET: &str = "TOKENWARD_TEST_SOCKET";

#[test]
fn who_may_read_an_output_may_sign() {
    if let Some(socket) = std::env::var_os(SOCKET) {
        return ask_as_another(&Client(socket.into()));
    }
    if !geteuid().is_root() {
        return left_out("other users at the socket", "the tests do not run as root");
    }
    let lrs = Lrs::start(Mood::Agreeable);
    let program = configured(&lrs, LOOPBACK, &["first"]);
    control(
        &program,
        "{ socket: ../control.sock, mode: '0660', group: '4343' }\n\
                       defaults: { owner: '4141', group: '4343' }",
    );
    let client = Client(program.path("control.sock"));
    assert_eq!(log_in(&program, "first").code, Some(0));
    let _daemon = start(&program, &client);
    fs::set_permissions(program.path(""), Permissions::from_mode(0o755)).unwrap();

    assert_eq!(answer_to(&client, 4242, 9), "PermissionDenied", "the file's own mode and group");
    fs::set_permissions(&client.0, Permissions::from_mode(0o666)).unwrap();
    let chmod = |path: &str, mode| {
        fs::set_permissions(program.path(path), Permissions::from_mode(mode)).unwrap();
    };
    let signed = "200 null";
    // (case, user, group, the answer's status and error)
    for (case, user, group, expected) in [
        ("root", 0, 0, signed),
        ("the owner", 4141, 9, signed),
        ("a member of the group", 4242, 4343, signed),
        ("a stranger", 4242, 9, "403 \"access_denied\""),
    ] {
        assert_eq!(answer_to(&client, user, group), expected, "{case}");
    }
    chmod("out", 0o750);
    assert_eq!(answer_to(&client, 4242, 4343), "403 \"access_denied\"", "the folder is closed");
    chmod("out", 0o755);
    chmod("out/first.json", 0o644);
    assert_eq!(answer_to(&client, 4242, 9), signed, "everybody may read it");
    fs::remove_file(program.path("out/first.json")).unwrap();
    assert_eq!(answer_to(&client, 4242, 9), "403 \"access_denied\"", "there is nothing to read");
}

/// What the socket says to this user.
fn answer_to(client: &Client, user: u32, group: u32) -> String {
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", TEST, "--nocapture"])
        .current_dir(Path::new("/"))
        .env(SOCKET, &client.0)
        .uid(user)
        .gid(group)
        .output()
        .unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    let answer = said.lines().find_map(|line| line.strip_prefix("answer: ")).map(str::to_owned);
    answer.unwrap_or_else(|| panic!("no answer: {said}{}", String::from_utf8_lossy(&output.stderr)))
}

fn ask_as_another(client: &Client) {
    let wanted = json!({ "credential": "first", "method": "GET", "url": "https://h/" });
    match client.post("/sign", &wanted.to_string()) {
        Err(error) => println!("\nanswer: {:?}", error.kind()),
        Ok((status, answer)) => {
            println!("\nanswer: {status} {}", answer["error"]);
            let message = answer["message"].as_str().unwrap_or("join the group 4343,");
            assert!(message.contains("join"), "{message}");
        }
    }
}
