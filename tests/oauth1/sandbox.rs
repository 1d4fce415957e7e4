//! The same against the sandbox: its two servers of OAuth 1.0a, and each of its bad habits.

use std::{
    fs,
    io::{Read as _, Write as _},
    net::TcpStream,
    time::Duration,
};

use tokenward::{
    clock::{Clock as _, SystemClock},
    sandbox::{Offer, Options, write_keys},
};

use crate::{
    end,
    log_in::{LogIn, visit},
    program::{Program, Server, wait_until},
};

/// How a log-in ends: the exit code, and what is said.
const ENDS: [(&str, i32, &str); 11] = [
    ("oauth1-0", 0, "a token that does not expire"),
    ("oauth1-1", 0, "a token that does not expire"),
    ("adl-lrs-2", 0, "a token that does not expire"),
    ("oauth1_confirmed_in_capitals-3", 0, "a token that does not expire"),
    ("oauth1_unconfirmed-4", 69, "oauth_callback_confirmed"),
    ("oauth1_denied-5", 69, "refused the log-in: user_refused; log in again, and agree"),
    ("oauth1_problems-6", 0, "a token that does not expire"),
    ("oauth1_session-7", 0, "a token until"),
    ("oauth1_revoked-8", 0, "a token that does not expire"),
    ("oauth1_clock_ahead-9", 0, "a token that does not expire"),
    ("oauth1_clock_behind-10", 0, "a token that does not expire"),
];

/// The sandbox, and a configuration with everything that it offers for OAuth 1.0a.
pub struct Trial {
    pub server: Server,
    pub program: Program,
    /// By the names of the credentials.
    offers: Vec<(String, Offer)>,
}

impl Trial {
    pub fn new() -> Self {
        Self::with(Options::default(), "")
    }

    /// A sandbox with options, and further keys for each credential.
    fn with(options: Options, further: &str) -> Self {
        let (server, program) = (Server::with(options), Program::new());
        write_keys(&program.path("")).unwrap();
        let all = [server.sandbox.offers(), server.sandbox.habits()].concat();
        let ours = all.into_iter().filter(|offer| offer.keys.starts_with("grant: oauth1"));
        let named = ours.enumerate().map(|(at, offer)| (format!("{}-{at}", offer.system), offer));
        let offers: Vec<_> = named.collect();
        let entries = offers.iter().map(|(name, it)| entry(name, it, &program, further));
        let entries: String = entries.collect();
        program.configure(&format!("credentials:\n{entries}"));
        Self { server, program, offers }
    }

    pub fn log_in(&self, name: &str) -> (Option<i32>, String) {
        let mut log_in = LogIn::start(&self.program, &[name]);
        // Where the first leg is refused, there is no page to open.
        if !name.contains("unconfirmed") {
            let (back, answer) = visit(&log_in.page());
            visit(&back.unwrap_or_else(|| panic!("{name}: {answer}")));
        }
        let ended = end(log_in);
        (ended.code, ended.text)
    }

    /// The status of a request that is signed for a credential.
    fn ask(&self, name: &str, path: &str) -> u16 {
        let url = format!("http://{}{path}", self.server.address);
        let header = self.program.verb(&["sign", name, "GET", &url]).text;
        self.send("GET", path, &header)
    }

    pub fn send(&self, method: &str, path: &str, header: &str) -> u16 {
        let host = &self.server.address;
        let mut stream = TcpStream::connect(host).unwrap();
        let header = header.trim_end();
        write!(
            stream,
            "{method} {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\
             X-Experience-API-Version: 1.0.3\r\n{header}\r\n\r\n"
        )
        .unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer.split(' ').nth(1).and_then(|status| status.parse().ok()).expect("a status")
    }
}

fn entry(name: &str, offer: &Offer, program: &Program, further: &str) -> String {
    let Offer { token_endpoint, client_id, client_secret, keys, .. } = offer;
    let keys = keys.replace("@KEYS@", &program.path("").display().to_string());
    let secret = match *client_secret {
        "" => String::new(),
        secret => format!(", client_secret: '{secret}'"),
    };
    format!(
        "  {name}: {{ token_endpoint: \"{token_endpoint}\", client_id: '{client_id}'{secret}, \
         {keys}, {further}outputs: [{{ token_file: {name} }}] }}\n"
    )
}

#[test]
fn each_server_and_each_habit_ends_a_log_in_in_its_way() {
    let trial = Trial::new();
    let names: Vec<_> = trial.offers.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ENDS.map(|(name, ..)| name));
    for (name, code, said) in ENDS {
        let (ended, text) = trial.log_in(name);
        assert_eq!(ended, Some(code), "{name}: {text}");
        assert!(text.contains(said), "{name}: {text}");
    }
    trial.program.verb(&["once"]);

    for (name, path, status) in [
        ("oauth1-0", "/oauth1/resource?a=%26&a=%C3%A9+&b", 200),
        ("oauth1-1", "/oauth1/resource?a=%26&a=%C3%A9+&b", 200),
        ("oauth1_problems-6", "/habit/oauth1_problems/resource", 200),
        ("oauth1_session-7", "/habit/oauth1_session/resource", 200),
        ("oauth1_revoked-8", "/habit/oauth1_revoked/resource", 401),
        ("adl-lrs-2", "/adl-lrs/xapi/statements?limit=1", 200),
    ] {
        assert_eq!(trial.ask(name, path), status, "{name}");
    }
}

#[test]
fn a_token_of_the_adl_lrs_is_good_until_its_owner_revokes_it() {
    let trial = Trial::new();
    let name = "adl-lrs-2";
    assert_eq!(trial.log_in(name).0, Some(0));
    trial.program.verb(&["once"]);
    let token = fs::read_to_string(trial.program.path("out").join(name)).unwrap();
    let statements = "/adl-lrs/xapi/statements?limit=1";
    assert_eq!(trial.ask(name, statements), 200);
    // The owner's page knows the `oauth_timestamp` of the log-in, which may lie a little ahead: the
    // client takes each second once.
    let now = SystemClock.now().wall.seconds();
    let revoked = (now - 60..now + 60).any(|second| {
        trial.send("DELETE", &format!("/adl-lrs/me/tokens?id={token}-1-{second}"), "X: 1") == 204
    });
    assert!(revoked, "{token}");
    assert_eq!(trial.ask(name, statements), 401);
}

#[test]
fn a_session_is_renewed_again_and_again() {
    let options = Options { lifetime: Some(Duration::from_secs(4)), ..Options::default() };
    let trial = Trial::with(options, "refresh: { min_interval: 1s, jitter: 0 }, ");
    let name = "oauth1_session-7";
    let ended = trial.program.verb(&["check", "--syntax"]);
    assert_eq!(ended.code, Some(0), "{}", ended.text);
    assert_eq!(trial.log_in(name).0, Some(0));
    let daemon = trial.program.run("log", trial.program.command(&["run"]));
    let output = || fs::read_to_string(trial.program.path("out").join(name)).unwrap_or_default();
    let (mut seen, log) = (Vec::new(), || daemon.log());
    for _ in 0..3 {
        let is_another = || !output().is_empty() && !seen.contains(&output());
        wait_until("another token", is_another, log);
        seen.push(output());
        assert_eq!(trial.ask(name, "/habit/oauth1_session/resource"), 200);
    }
}
