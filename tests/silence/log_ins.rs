//! Log-ins: what `tokenward login` says while somebody logs in, and the daemon while it takes over.
//!
//! The page and the user code are there to be shown. The device's code, the browser's code, the
//! verifier and the tokens are not, nor is the `state` anywhere but in the page's address.

use std::{
    collections::BTreeSet,
    io::{BufRead, BufReader, Read, Write},
    process::{Child, Stdio},
    thread,
};

use url::{Position, Url};

use crate::{
    Said, Stage, cases, command, echo,
    forms::Forms,
    get,
    program::{Program, wait_until},
    relay::Relay,
    told,
};

/// How long a log-in lasts that comes to nothing.
const PATIENCE: &str = "8";

/// Codes and tokens of the sandbox are longer.
const BEGINNING: usize = 32;

/// What one log-in said, without the line that shows the page; the `state` that was in it, and the
/// code that the browser got.
struct LoggedIn {
    said: String,
    state: Option<String>,
    code: Option<String>,
}

/// One configured log-in.
struct LogIn {
    name: String,
    keys: String,
}

impl LogIn {
    fn new(name: &str, keys: impl Into<String>) -> Self {
        Self { name: name.to_owned(), keys: keys.into() }
    }

    fn entry(&self) -> String {
        let Self { name, keys } = self;
        format!(
            "  {name}: {{ client_id: sandbox-client, client_secret: {{ file: sandbox }}, {keys}, \
             timeout: 5s, notify: [{{ command: [sh, tell] }}], outputs: [{{ token_file: {name} }}] }}\n"
        )
    }

    /// Runs the verb, and does what the person would do.
    fn perform(&self, program: &Program) -> LoggedIn {
        let by_paste = self.name.starts_with("paste");
        let mut verb = vec!["login", &self.name, "--timeout", PATIENCE, "--log", "trace"];
        verb.extend(by_paste.then_some("--paste"));
        let mut process = command(program, &verb);
        process.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut process = process.spawn().unwrap();
        let mut lines = BufReader::new(process.stdout.take().unwrap());
        let (mut said, mut page) = (String::new(), None);
        while page.is_none() && lines.read_line(&mut said).unwrap() > 0 {
            page = page_in(&mut said);
        }
        let back = page.as_ref().map(|page| visit(page, by_paste.then_some(&mut process)));
        lines.read_to_string(&mut said).unwrap();
        said.push_str(&String::from_utf8_lossy(&process.wait_with_output().unwrap().stderr));
        let [state, code] = [(page, "state"), (back, "code")].map(|(url, name)| value(&url?, name));
        LoggedIn { said, state, code }
    }
}

/// Takes the last line out if it is the page for a browser.
fn page_in(said: &mut String) -> Option<Url> {
    let start = said.trim_end().rfind('\n').map_or(0, |end| end + 1);
    let page = said[start..].trim().parse::<Url>().ok();
    let page = page.filter(|page| page.path().ends_with("/authorize"))?;
    said.truncate(start);
    Some(page)
}

/// What a browser does: it opens the page, and goes where it is sent, or hands the address over.
fn visit(page: &Url, by_paste: Option<&mut Child>) -> Url {
    let reply = open(page);
    let location = reply.lines().find_map(|line| line.strip_prefix("Location: ")).expect(&reply);
    let back = location.trim().parse().unwrap();
    match by_paste {
        Some(process) => writeln!(process.stdin.as_mut().unwrap(), "{back}").unwrap(),
        None => drop(open(&back)),
    }
    back
}

fn open(url: &Url) -> String {
    let address = format!("{}:{}", url.host_str().unwrap(), url.port().unwrap());
    get(&address, &url[Position::BeforePath..])
}

fn value(url: &Url, name: &str) -> Option<String> {
    url.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
}

/// Log-ins that go well, at a server that repeats what is handed in, and at each bad habit that a
/// log-in can meet.
fn log_ins(stage: &Stage, echo: &Relay) -> Vec<LogIn> {
    let here = stage.server.sandbox.address().to_string();
    let plain = format!("http://{}/plain", stage.relay.address);
    let token = format!("token_endpoint: '{plain}/token'");
    let echoed = format!(
        "client_authentication: client_secret_post, token_endpoint: 'http://{}/description/body'",
        echo.address
    );
    let code = format!("device_authorization_endpoint: '{plain}/device_authorization'");
    let device = format!("grant: device_code, {code}");
    let page = format!("grant: authorization_code, authorization_endpoint: '{plain}/authorize'");
    let no_code = device.replace(&plain, &format!("http://{}/description/body", echo.address));
    let mut all = vec![
        LogIn::new("device", format!("{token}, {device}")),
        LogIn::new("page", format!("{token}, {page}")),
        LogIn::new("paste", format!("{token}, {page}")),
        LogIn::new("echoed-device", format!("{echoed}, {device}")),
        LogIn::new("echoed-page", format!("{echoed}, {page}")),
        LogIn::new("paste-echoed", format!("{echoed}, {page}")),
        LogIn::new("echoed-client", format!("{echoed}, {no_code}")),
    ];
    for habit in stage.server.sandbox.habits() {
        let begins = ["device_code", "authorization_code"].map(|it| format!("grant: {it}"));
        if !begins.iter().any(|grant| habit.keys.contains(grant)) {
            continue;
        }
        // Behind the relay, an issuer would not be who it says it is.
        let keys = if habit.keys.contains("issuer: ") {
            habit.keys
        } else {
            let keys = format!("token_endpoint: '{}', {}", habit.token_endpoint, habit.keys);
            keys.replace(&here, &stage.relay.address)
        };
        all.push(LogIn::new(habit.system, keys));
    }
    all
}

#[test]
fn nothing_that_is_said_of_a_log_in_shows_a_secret() {
    let stage = Stage::set();
    let echo = Relay::before(&echo::start());
    let all = log_ins(&stage, &echo);
    assert!(all.len() > 7 + 5, "the sandbox has habits for log-ins");
    let program = cases::with_programs();
    let entries: String = all.iter().map(LogIn::entry).collect();
    program.configure(&format!("credentials:\n{entries}"));
    let daemon =
        program.run("log", command(&program, &["run", "--log", "trace", "--log-format", "json"]));

    let mut said = Said::default();
    let (mut states, mut codes) = (BTreeSet::new(), BTreeSet::new());
    thread::scope(|scope| {
        let under_way: Vec<_> =
            all.iter().map(|it| (&it.name, scope.spawn(|| it.perform(&program)))).collect();
        for (name, log_in) in under_way {
            let LoggedIn { said: text, state, code } = log_in.join().unwrap();
            states.extend(state);
            codes.extend(code);
            said.keep(&format!("login {name}"), text);
        }
    });
    let text = said.all();
    let logged_in = text.matches("Logged in: ").count();
    for event in ["log-in taken over", r#""published""#] {
        let count = || daemon.log().matches(event).count();
        wait_until(event, || count() == logged_in, || daemon.log());
    }
    said.keep_files(&program);
    said.keep("status", told(&program, &["status", "--json"]));
    said.keep("run", daemon.terminate().text);

    assert!(logged_in >= 3, "by device, by browser and by hand:\n{text}");
    assert!(text.contains("/plain/device?user_code="), "what a person needs is shown:\n{text}");
    assert!(text.contains("you said: "), "a server's words get as far as here:\n{text}");
    let sent = |relay: &Relay, name| {
        let sent = relay.sent(name);
        assert!(!sent.is_empty(), "{name} is sent");
        sent
    };
    let verifiers = [&stage.relay, &echo].map(|relay| sent(relay, "code_verifier"));
    codes.extend(sent(&echo, "device_code"));
    assert!(states.len() >= 7 && codes.len() >= 6, "{states:?} {codes:?}");
    let secrets = stage.relay.tokens().into_iter().chain(verifiers.into_iter().flatten());
    let secrets: BTreeSet<_> = secrets.chain(states).chain(codes).collect();
    // What a server says is cut where it gets long, so a beginning would be a leak, too.
    let beginnings = secrets.iter().map(|secret| &secret[..secret.len().min(BEGINNING)]);
    said.holds_none_of(&Forms::of(beginnings.chain([cases::SANDBOX_SECRET])));
}
