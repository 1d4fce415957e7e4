//! The status as people like to read it.

use std::{fmt::Write, time::Duration};

use super::{
    CredentialStatus, DaemonStatus, SecretStatus, Standing, Status,
    span::{span, until},
    wait,
};
use crate::clock::WallTime;

/// How the table is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// Without colours, and each note on one line: for pipes, files and browsers.
    Plain,
    /// With colours, and with notes that break between words: for a terminal.
    Terminal,
}

const BAR: usize = 10;
/// The end of a grant is said when it is no further away.
const SOON: Duration = Duration::from_secs(7 * 86_400);
const RESET: &str = "\x1b[0m";
/// Terminals are at least this wide.
const COLUMNS: usize = 80;

impl Style {
    /// The one for standard output.
    pub const fn of(is_terminal: bool) -> Self {
        if is_terminal { Self::Terminal } else { Self::Plain }
    }
}

/// The whole status: who runs, a line for each credential, and below it what is wrong and the
/// mend.
pub fn table(status: &Status, style: Style) -> String {
    let mut text = String::new();
    heading(&mut text, status);
    let width = status.credentials.iter().map(|c| c.name.len()).max().unwrap_or(0).max(10);
    let _ = writeln!(
        text,
        "{:width$}  {:8}  {:8}  {:BAR$}  {:8}  FILES",
        "CREDENTIAL", "STATE", "EXPIRES", "", "REFRESH"
    );
    for credential in &status.credentials {
        line(&mut text, credential, status.at, width, style);
    }
    text
}

fn heading(text: &mut String, status: &Status) {
    match &status.daemon {
        Some(daemon) => daemon_heading(text, daemon, status.at),
        None => text.push_str("no daemon has run on this state directory\n"),
    }
    let ready = status.credentials.iter().filter(|c| c.is_ready()).count();
    let all = status.credentials.len();
    let word = if status.ready { "ready" } else { "not ready" };
    let _ = writeln!(text, "{word}: {ready} of {all} credentials have a good token on disk\n");
}

fn daemon_heading(text: &mut String, daemon: &DaemonStatus, at: WallTime) {
    let DaemonStatus { version, configuration, .. } = daemon;
    let _ = match daemon.process_id {
        Some(id) => {
            let up = span(at.since(daemon.started_at).as_secs());
            writeln!(text, "tokenward {version}, process {id}, up {up}, {configuration}")
        }
        None => writeln!(text, "tokenward {version} is not running, {configuration}"),
    };
    if let Some(problem) = &daemon.configuration_problem {
        let since = daemon.configured_at;
        let _ = writeln!(text, "the configuration is not wholly in force; that of {since} is:");
        for row in problem.lines() {
            let _ = writeln!(text, "  {row}");
        }
    }
}

fn line(
    text: &mut String,
    credential: &CredentialStatus,
    at: WallTime,
    width: usize,
    style: Style,
) {
    let (on, off) = match style {
        Style::Plain => ("", ""),
        Style::Terminal => (colour(credential.standing), RESET),
    };
    let standing = credential.standing.as_str();
    let without = if credential.is_unlimited() { "never" } else { "-" };
    let expires = credential.expires_at.map_or_else(|| without.into(), |moment| until(moment, at));
    let assumed = if credential.assumption().is_some() { "~" } else { "" };
    let expires = format!("{assumed}{expires}");
    let refresh = refresh(credential, at);
    let bar = bar(credential, at);
    let files = files(credential);
    let name = &credential.name;
    let _ = writeln!(
        text,
        "{name:width$}  {on}{standing:8}{off}  {expires:8}  {on}{bar:BAR$}{off}  {refresh:8}  {files}"
    );
    for note in notes(credential, at) {
        match style {
            Style::Plain => text.extend(["  ", &note, "\n"]),
            Style::Terminal => wrapped(text, &note),
        }
    }
}

/// When it is asked for next, or what keeps it from being asked for now.
fn refresh(credential: &CredentialStatus, at: WallTime) -> String {
    match (&credential.waiting, credential.next_request_at) {
        (Some(reason), _) => wait::refresh(reason, at),
        (None, Some(next)) => until(next.max(at), at),
        (None, None) => "-".into(),
    }
}

/// What is to be said of a credential below its line.
fn notes(credential: &CredentialStatus, at: WallTime) -> impl Iterator<Item = String> {
    let assumed = credential.assumption().map(|why| {
        format!("~ lifetime assumed: the reply's is {} (assume_lifetime)", why.as_str())
    });
    let secret = credential.client_secret.map(|SecretStatus { number, of }| {
        format!("client secret {number} of {of} is in use; those before it were refused")
    });
    let failed = credential.problem.as_ref().map(|problem| {
        let ago = span(at.since(problem.at).as_secs());
        let failure = &problem.failure;
        format!("{} failed {ago} ago: {}", failure.task.as_str(), failure.message)
    });
    let ends = grant_note(credential, at);
    let waits = credential.waiting.as_ref().and_then(|reason| wait::sentence(reason, at));
    assumed.into_iter().chain(secret).chain(ends).chain(waits).chain(failed)
}

/// What is to be said of the end of a grant: nothing while refreshing extends it, or while it is far
/// away.
fn grant_note(credential: &CredentialStatus, at: WallTime) -> Option<String> {
    let ends = credential.grant_expires_at?;
    if ends <= at {
        return Some("the grant has ended, by what the provider said: begin it again".into());
    }
    let left = ends.since(at);
    let is_worth_a_word = left < SOON && !credential.grant_extends;
    let left = span(left.as_secs());
    is_worth_a_word.then(|| {
        format!(
            "the grant ends in {left} and refreshing does not extend it: begin it again in time"
        )
    })
}

/// Breaks a note between its words; what follows its first row stands further in.
fn wrapped(text: &mut String, note: &str) {
    let mut row = String::from(" ");
    for word in note.split(' ') {
        if row.chars().count() + 1 + word.chars().count() > COLUMNS && !row.trim().is_empty() {
            text.extend([&row, "\n"]);
            row = "   ".into();
        }
        row.extend([" ", word]);
    }
    text.extend([&row, "\n"]);
}

/// What is left of the lifetime.
fn bar(credential: &CredentialStatus, at: WallTime) -> String {
    let (Some(issued), Some(expires)) = (credential.issued_at, credential.expires_at) else {
        return String::new();
    };
    let whole = expires.since(issued).as_millis().max(1);
    let left = expires.since(at).as_millis().min(whole);
    let filled = usize::try_from(left * BAR as u128 / whole).unwrap_or(BAR);
    "█".repeat(filled) + &"░".repeat(BAR - filled)
}

/// How many outputs are good, or the first that is not, with its state if that is not the
/// credential's as well.
fn files(credential: &CredentialStatus) -> String {
    let bad = credential.outputs.iter().find(|o| o.state != super::OutputState::Valid);
    match bad {
        Some(output) => match format!("{:?}", output.state).to_lowercase() {
            state if state == credential.standing.as_str() => output.path.to_string(),
            state => format!("{} ({state})", output.path),
        },
        None => credential.outputs.len().to_string(),
    }
}

const fn colour(standing: Standing) -> &'static str {
    match standing {
        Standing::Fresh => "\x1b[32m",
        Standing::Failing => "\x1b[33m",
        Standing::Parked | Standing::Revoked | Standing::Expired | Standing::Missing => "\x1b[31m",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        error::{Failure, Fault, Task},
        observe::{OutputState, OutputStatus, status::ProblemStatus},
        token::{Assumption, LifetimeSource},
        waiting::Reason,
    };

    fn credential(name: &str, standing: Standing) -> CredentialStatus {
        CredentialStatus {
            name: name.into(),
            standing,
            issued_at: Some(WallTime::from_seconds(1_000)),
            expires_at: Some(WallTime::from_seconds(4_600)),
            lifetime_source: Some(LifetimeSource::ExpiresIn),
            outage_ms: None,
            next_request_at: Some(WallTime::from_seconds(3_700)),
            grant_expires_at: None,
            grant_extends: true,
            failures: 0,
            parked: false,
            waiting: None,
            client_secret: None,
            problem: None,
            outputs: vec![OutputStatus { path: "a/token".into(), state: OutputState::Valid }],
        }
    }

    fn failing() -> CredentialStatus {
        let failure = Failure {
            task: Task::Acquire,
            fault: Fault::Permanent,
            reason: "invalid_client".into(),
            message: "the endpoint answered 401 invalid_client; check client_secret".into(),
        };
        CredentialStatus {
            expires_at: Some(WallTime::from_seconds(2_000)),
            grant_expires_at: Some(WallTime::from_seconds(2_800 + 6 * 86_400)),
            grant_extends: false,
            lifetime_source: Some(LifetimeSource::Assumed(Assumption::Missing)),
            waiting: Some(Reason::BreakerOpen {
                since: WallTime::from_seconds(2_740),
                next_attempt_at: WallTime::from_seconds(2_808),
            }),
            client_secret: Some(SecretStatus { number: 2, of: 2 }),
            problem: Some(ProblemStatus { at: WallTime::from_seconds(2_740), failure }),
            outputs: vec![OutputStatus { path: "b/env".into(), state: OutputState::Expired }],
            ..credential("learn", Standing::Expired)
        }
    }

    #[test]
    fn it_reads_well() {
        let status = Status {
            at: WallTime::from_seconds(2_800),
            ready: false,
            daemon: Some(DaemonStatus {
                process_id: Some(42),
                version: "0.1.0".into(),
                configuration: "/etc/tokenward/config.yaml".into(),
                started_at: WallTime::from_seconds(1_000),
                configured_at: WallTime::from_seconds(1_000),
                configuration_problem: Some("config.yaml:3:1: unknown key `grnt`".into()),
            }),
            credentials: vec![credential("usertesting", Standing::Fresh), failing()],
            endpoints: Vec::new(),
        };
        let expected = "\
tokenward 0.1.0, process 42, up 30m00s, /etc/tokenward/config.yaml
the configuration is not wholly in force; that of 1970-01-01T00:16:40Z is:
  config.yaml:3:1: unknown key `grnt`
not ready: 1 of 2 credentials have a good token on disk

CREDENTIAL   STATE     EXPIRES               REFRESH   FILES
usertesting  fresh     30m00s    █████░░░░░  15m00s    1
learn        expired   ~-13m20s  ░░░░░░░░░░  8s        b/env
  ~ lifetime assumed: the reply's is missing (assume_lifetime)
  client secret 2 of 2 is in use; those before it were refused
  the grant ends in 6d00h and refreshing does not extend it: begin it again in time
  waits: the circuit breaker of its endpoint has been open for 1m00s, because several credentials \
         failed there in turn; the endpoint is asked again in 8s
  acquire failed 1m00s ago: the endpoint answered 401 invalid_client; check client_secret
";
        assert_eq!(table(&status, Style::Plain), expected);
        let coloured = table(&status, Style::Terminal);
        assert!(coloured.contains("\x1b[32mfresh   \x1b[0m"), "{coloured}");
        assert!(coloured.contains("check\n    client_secret"), "{coloured}");
    }

    #[test]
    fn the_end_of_a_grant_is_said_unless_refreshing_extends_it() {
        let day = 86_400;
        let (over, stays) = ("the grant has ended", "and refreshing does not extend it");
        // (case, its end, whether refreshing extends it, what is said)
        let cases = [
            ("no end", None, false, None),
            ("near, and it stays", Some(6 * day), false, Some(stays)),
            ("near, and it slides", Some(1_800), true, None),
            ("far away", Some(8 * day), false, None),
            ("over", Some(0), false, Some(over)),
            ("over, though it did slide", Some(-5), true, Some(over)),
        ];
        for (case, ends, grant_extends, expected) in cases {
            let grant_expires_at = ends.map(WallTime::from_seconds);
            let status = credential("learn", Standing::Fresh);
            let status = CredentialStatus { grant_expires_at, grant_extends, ..status };
            let note = grant_note(&status, WallTime::from_seconds(0));
            assert_eq!(note.is_some(), expected.is_some(), "{case}: {note:?}");
            assert!(note.is_none_or(|note| note.contains(expected.unwrap_or_default())), "{case}");
        }
    }

    #[test]
    fn notes_break_between_words_and_lose_none() {
        let note = "a long-winded server said: ".repeat(9) + &"x".repeat(90) + " end";
        let mut text = String::new();
        wrapped(&mut text, &note);
        let words = |text: &str| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
        assert_eq!(words(&text), words(&note));
        assert!(text.lines().all(|row| row.len() <= COLUMNS || row.trim().len() == 90), "{text}");
        assert!(text.lines().skip(1).all(|row| row.starts_with("    ")), "{text}");
    }
}
