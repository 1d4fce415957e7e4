//! How far the clocks of servers are from ours, as their replies say. An assertion is dated by the
//! clock of who reads it: a machine whose clock is wrong is refused once, and not for ever.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use super::{RawResponse, reply::date};
use crate::clock::{Now, WallTime};

/// `Date` has whole seconds, and both clocks are cut to them: below this there is no difference.
const LEAST: i64 = 2;

/// Beyond a day it is no clock that could be meant, and who sends such a date must not get an
/// assertion that is good for years.
const MOST: i64 = 86_400;

/// Whoever asks more servers than these learns a difference anew now and then.
const SERVERS: usize = 256;

/// The [`Now::offset`] of each server's clock that differs from ours.
#[derive(Debug, Default)]
pub(super) struct Skews(Mutex<HashMap<Box<str>, i64>>);

impl Skews {
    /// How many milliseconds the clock of `origin` is ahead of ours, as far as we know. Our boot
    /// clock counts, so that the server's time stays right when somebody sets our wall clock.
    pub(super) fn ahead(&self, origin: &str, now: Now) -> i64 {
        let offsets = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        offsets.get(origin).map_or(0, |offset| offset.saturating_sub(now.offset()))
    }

    /// Learns from a reply to a request that was sent between two readings of our clock.
    pub(super) fn learn(&self, origin: &str, sent: Now, received: Now, raw: &RawResponse) {
        let Some(written) = raw.header("date").and_then(date::http) else { return };
        let skew = difference(written, sent, received);
        let mut offsets = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if skew.abs() < LEAST || skew.abs() > MOST {
            offsets.remove(origin);
            return;
        }
        if offsets.len() >= SERVERS && !offsets.contains_key(origin) {
            offsets.clear();
        }
        offsets.insert(origin.into(), received.offset().saturating_add(skew * 1000));
    }
}

/// The least difference in seconds that explains the date: it was written at some moment between.
fn difference(date: WallTime, sent: Now, received: Now) -> i64 {
    let (date, sent, received) = (date.seconds(), sent.wall.seconds(), received.wall.seconds());
    if date < sent { date - sent } else { (date - received).max(0) }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::{acquire::fixture, clock::BootTime};

    const ORIGIN: &str = "https://idp.example";

    /// Seconds after noon on 2026-01-01, and as many after the boot.
    fn at(seconds: u64) -> Now {
        let span = Duration::from_secs(seconds);
        Now { wall: WallTime::from_seconds(1_767_268_800) + span, boot: BootTime::default() + span }
    }

    fn dated(date: &str) -> RawResponse {
        fixture::raw(401, &[("date", date)], b"")
    }

    #[test]
    fn the_least_difference_that_explains_the_date_counts() {
        // (case, the server's date, sent, received, its clock minus ours a minute later)
        let cases = [
            ("ten minutes ahead", "Thu, 01 Jan 2026 12:10:05 GMT", 5, 5, 600),
            ("ten minutes back", "Thu, 01 Jan 2026 11:50:05 GMT", 5, 5, -600),
            ("a second, which is rounding", "Thu, 01 Jan 2026 12:00:06 GMT", 5, 5, 0),
            ("two seconds", "Thu, 01 Jan 2026 12:00:07 GMT", 5, 5, 2),
            ("a slow reply, dated when it began", "Thu, 01 Jan 2026 12:00:06 GMT", 5, 35, 0),
            ("a slow reply, dated when it ended", "Thu, 01 Jan 2026 12:00:35 GMT", 5, 35, 0),
            ("a slow reply from ahead", "Thu, 01 Jan 2026 12:10:35 GMT", 5, 35, 600),
            ("no clock that could be meant", "Thu, 01 Jan 2099 12:00:00 GMT", 5, 5, 0),
            ("no date", "soon", 5, 5, 0),
        ];
        for (case, date, sent, received, expected) in cases {
            let skews = Skews::default();
            skews.learn(ORIGIN, at(sent), at(received), &dated(date));
            let later = at(received + 60);
            assert_eq!(skews.ahead(ORIGIN, later), expected * 1_000, "{case}");
            assert_eq!(skews.ahead("https://other.example", later), 0, "{case}");
        }
    }

    #[test]
    fn what_was_learnt_stays_right_when_our_clock_is_set() {
        let skews = Skews::default();
        skews.learn(ORIGIN, at(0), at(0), &dated("Thu, 01 Jan 2026 12:10:00 GMT"));
        let right = at(60).wall.shifted(600_000);
        let mended = Now { wall: right, ..at(60) };
        assert_eq!(skews.ahead(ORIGIN, mended), 0);
        skews.learn(ORIGIN, mended, mended, &dated("Thu, 01 Jan 2026 12:11:00 GMT"));
        assert!(skews.0.lock().unwrap().is_empty(), "equal clocks leave nothing to remember");
    }

    #[test]
    fn it_remembers_a_bounded_number_of_servers() {
        let skews = Skews::default();
        for number in 0..10 * SERVERS {
            let origin = format!("https://{number}.example");
            skews.learn(&origin, at(0), at(0), &dated("Thu, 01 Jan 2026 12:10:00 GMT"));
            assert_eq!(skews.ahead(&origin, at(0)), 600_000);
            assert!(skews.0.lock().unwrap().len() <= SERVERS);
        }
    }
}
