//! How long the server asks us to wait, and whom it means.

use std::time::Duration;

use super::{RawResponse, code::ErrorCode, reply::date};
use crate::{
    clock::WallTime,
    error::{Fault, Pause, PauseScope},
};

/// A longer wait is more likely a mistake, and would look like a stopped daemon.
const LONGEST: Duration = Duration::from_secs(24 * 60 * 60);

/// Below this a number is a span and not a date: as a span it is twelve days.
const FIRST_DATE: f64 = 1e6;

/// Where servers say when their budget is full again.
const RESETS: [&str; 3] = ["X-Rate-Limit-Reset", "X-RateLimit-Reset", "RateLimit-Reset"];

/// The pause that the refusal of a token request asks for: by its headers, or else by its words.
/// `throttled` says that it is a refusal for asking too often.
pub(super) fn asked(
    reply: &RawResponse,
    server_now: WallTime,
    code: Option<ErrorCode>,
    words: &str,
    throttled: bool,
) -> Option<Pause> {
    let header = in_headers(reply, server_now, throttled || is_busy(reply.status));
    let span = bounded(header.or_else(|| said_in(words))?)?;
    Some(Pause { span, scope: scope(reply.status, code, words, header.is_some()) })
}

/// The pause that a reply to a request without a client in it asks for: it can only mean all.
pub(super) fn asked_of_all(reply: &RawResponse, server_now: WallTime) -> Option<Pause> {
    let span = bounded(in_headers(reply, server_now, is_busy(reply.status))?)?;
    Some(Pause { span, scope: PauseScope::Endpoint })
}

/// The wait that a resource asks for.
pub(super) fn asked_by_resource(reply: &RawResponse, server_now: WallTime) -> Option<Duration> {
    bounded(in_headers(reply, server_now, reply.status == 429)?)
}

/// Too Many Requests, Service Unavailable.
const fn is_busy(status: u16) -> bool {
    matches!(status, 429 | 503)
}

/// Who is meant. A wait in a header comes from a rate limit, and providers limit clients; beside
/// the name of an error that refuses this very request, or in its words alone, it belongs to the
/// refusal: an account that is locked, a user who failed too often.
fn scope(status: u16, code: Option<ErrorCode>, words: &str, in_header: bool) -> PauseScope {
    let refuses = code.is_some_and(|code| code.fault() == Fault::Permanent);
    let unavailable = code == Some(ErrorCode::TemporarilyUnavailable);
    if unavailable || words.to_ascii_lowercase().contains("maintenance") {
        PauseScope::Endpoint
    } else if is_busy(status) || (in_header && !refuses) {
        PauseScope::Client
    } else {
        PauseScope::Credential
    }
}

/// At most a day; nothing is no wait.
fn bounded(wait: Duration) -> Option<Duration> {
    Some(wait.min(LONGEST)).filter(|wait| !wait.is_zero())
}

/// The wait in the headers: `Retry-After` (RFC 9110, section 10.2.3) comes first. Some servers send
/// the reset of their budget with every reply, so it counts only when `busy`.
fn in_headers(reply: &RawResponse, server_now: WallTime, busy: bool) -> Option<Duration> {
    let retry_after = || {
        let value = reply.header("Retry-After")?;
        match value.parse() {
            Ok(seconds) => span(seconds),
            Err(_) => Some(date::http(value)?.since(server_now)),
        }
    };
    let reset = || {
        let value = RESETS.iter().find_map(|name| reply.header(name)).filter(|_| busy)?;
        match value.parse().ok()? {
            seconds if seconds < FIRST_DATE => span(seconds),
            date => Some(date::epoch(date)?.since(server_now)),
        }
    };
    retry_after().or_else(reset)
}

fn span(seconds: f64) -> Option<Duration> {
    (seconds >= 0.0).then(|| Duration::try_from_secs_f64(seconds).unwrap_or(LONGEST))
}

/// "Try again in 420 seconds", "Please wait; retry after 2 minutes".
pub(super) fn said_in(description: &str) -> Option<Duration> {
    let lower_case = description.to_ascii_lowercase();
    let not_a_word = |c: char| !c.is_ascii_alphanumeric();
    let words: Vec<&str> = lower_case.split(not_a_word).filter(|word| !word.is_empty()).collect();
    let asks = words.iter().any(|word| matches!(*word, "again" | "retry" | "wait"));
    words.windows(3).filter(|_| asks).find_map(|words| match words {
        ["in" | "after", count, unit] => {
            let unit = match unit.trim_end_matches('s') {
                "sec" | "second" => 1,
                "min" | "minute" => 60,
                _ => return None,
            };
            Some(Duration::from_secs(u64::from(count.parse::<u32>().ok()?) * unit))
        }
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::acquire::fixture;

    #[test]
    fn a_pause_is_for_whom_the_server_means() {
        use PauseScope::{Client, Credential, Endpoint};
        let locked = r#"{"error":"invalid_grant","error_description":"Try again in 65 seconds"}"#;
        let spoken = r#"{"error":"x","error_description":"Try again in 65 seconds"}"#;
        let shut = r#"{"error":"temporarily_unavailable"}"#;
        let shut_for = r#"{"error":"temporarily_unavailable","message":"retry in 65 seconds"}"#;
        let upkeep = r#"{"message":"Scheduled Maintenance, try again in 65 seconds"}"#;
        let failed = r#"{"error":"server_error"}"#;
        // (case, status, whether `Retry-After: 65` is there, the body, who is meant)
        for (case, status, in_header, body, expected) in [
            ("a rate limit", 429, true, "", Some(Client)),
            ("a rate limit in words", 429, false, "Try again in 65 seconds", Some(Client)),
            ("a rate limit with a name", 429, true, locked, Some(Client)),
            ("an overload", 503, true, "", Some(Client)),
            ("an overload as a page", 503, true, "<html>", Some(Client)),
            ("a header beside a refusal without a name", 403, true, "", Some(Client)),
            ("a header beside a failure", 500, true, failed, Some(Client)),
            ("a header beside a refusal of the grant", 400, true, locked, Some(Credential)),
            ("the words of a refusal of the grant", 400, false, locked, Some(Credential)),
            ("the words of a refusal", 400, false, spoken, Some(Credential)),
            ("the words of a failure", 500, false, spoken, Some(Credential)),
            ("temporarily unavailable", 503, true, shut, Some(Endpoint)),
            ("the same with another status", 400, true, shut, Some(Endpoint)),
            ("the same in words", 400, false, shut_for, Some(Endpoint)),
            ("the same without a wait", 503, false, shut, None),
            ("maintenance", 400, false, upkeep, Some(Endpoint)),
            ("no wait", 429, false, "", None),
        ] {
            let headers = [("Retry-After", "65")];
            let headers = if in_header { &headers[..] } else { &[] };
            let error = fixture::read(&fixture::raw(status, headers, body.as_bytes()));
            let span = Duration::from_secs(65);
            let expected = expected.map(|scope| Pause { span, scope });
            assert_eq!(error.unwrap_err().pause(), expected, "{case}");
        }
    }
}
