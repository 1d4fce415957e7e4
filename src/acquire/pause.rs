//! How long the server asks us to wait.

use std::time::Duration;

use super::{RawResponse, reply::date};
use crate::clock::WallTime;

/// A longer wait is more likely a mistake, and would look like a stopped daemon.
const LONGEST: Duration = Duration::from_secs(24 * 60 * 60);

/// Below this a number is a span and not a date: as a span it is twelve days.
const FIRST_DATE: f64 = 1e6;

/// Where servers say when their budget is full again.
const RESETS: [&str; 3] = ["X-Rate-Limit-Reset", "X-RateLimit-Reset", "RateLimit-Reset"];

/// The wait that an error reply asks for: `Retry-After` (RFC 9110, section 10.2.3) comes first.
/// Some servers send the reset of their budget with every reply, so it counts only when `busy`.
pub(super) fn asked(
    reply: &RawResponse,
    server_now: WallTime,
    description: &str,
    busy: bool,
) -> Option<Duration> {
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
    let wait = retry_after().or_else(reset).or_else(|| said_in(description))?;
    Some(wait.min(LONGEST)).filter(|wait| !wait.is_zero())
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
