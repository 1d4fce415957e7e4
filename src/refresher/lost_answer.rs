//! Whether a refresh token may be sent whose last use has no answer.
//!
//! The provider may have replaced it, and the answer with the next one is lost. Some then give the
//! next one again; others take a replay for theft and end the whole grant (RFC 9700, section
//! 4.14.2). So a mark is on record before it is sent, and stays until there is an answer.

use std::time::Duration;

use crate::{
    clock::WallTime,
    credential::{AfterLostAnswer, Fingerprint},
    state::Unanswered,
    token::RefreshToken,
};

/// Where the configuration is silent, of a provider that replaces refresh tokens: longer than most
/// forgive a replay, and long enough for one more request.
const DEFAULT: AfterLostAnswer = AfterLostAnswer::RetryOnceWithin(Duration::from_secs(60));

/// Providers count in whole seconds: what comes this much later is still in time.
const SLACK: Duration = Duration::from_secs(1);

/// Whether the answer that `lost` stands for is asked for once more as soon as `min_interval`
/// allows: the time for it is short, and the delay after earlier failures may be long.
pub fn is_urgent(rule: Option<AfterLostAnswer>, lost: &Unanswered) -> bool {
    !lost.repeated && matches!(rule.unwrap_or(DEFAULT), AfterLostAnswer::RetryOnceWithin(_))
}

/// What is known when a refresh token is about to be sent.
pub struct Sending<'a> {
    /// The token.
    pub refresh_token: &'a RefreshToken,
    /// The mark on record.
    pub mark: Option<&'a Unanswered>,
    /// When the token before was asked for; a mark of then or earlier has had its answer.
    pub answered_at: Option<WallTime>,
    /// Whether the token before is still good: then there is something to lose.
    pub is_good: bool,
    /// Now.
    pub now: WallTime,
}

impl Sending<'_> {
    /// The mark to make before it is sent; `None`: it must not be sent now.
    pub fn mark(&self, rule: Option<AfterLostAnswer>) -> Option<Unanswered> {
        let digest = Fingerprint::of(self.refresh_token.value.expose().as_bytes()).to_string();
        let digest = digest.into_boxed_str();
        match self.lost(&digest) {
            None => {
                let refresh_token = digest;
                Some(Unanswered { at: self.now, lost_at: None, refresh_token, repeated: false })
            }
            Some(lost) if self.allows(rule, lost) => {
                Some(Unanswered { repeated: true, ..lost.clone() })
            }
            Some(_) => None,
        }
    }

    fn lost(&self, digest: &str) -> Option<&Unanswered> {
        let is_unanswered = |mark: &&Unanswered| {
            let is_answered = self.answered_at.is_some_and(|answered| answered >= mark.at);
            *mark.refresh_token == *digest && !is_answered
        };
        self.mark.filter(is_unanswered)
    }

    fn allows(&self, rule: Option<AfterLostAnswer>, lost: &Unanswered) -> bool {
        let unknown = if self.refresh_token.rotates { DEFAULT } else { AfterLostAnswer::Retry };
        !self.is_good
            || match rule.unwrap_or(unknown) {
                AfterLostAnswer::Retry => true,
                AfterLostAnswer::Stop => false,
                AfterLostAnswer::RetryOnceWithin(span) => {
                    let since = self.now.since(lost.lost_at.unwrap_or(lost.at));
                    !lost.repeated && since <= span.saturating_add(SLACK)
                }
            }
    }
}

#[cfg(test)]
mod tests {
    use AfterLostAnswer::{Retry, RetryOnceWithin, Stop};

    use super::*;

    const SPAN: Option<AfterLostAnswer> = Some(RetryOnceWithin(Duration::from_secs(30)));

    fn at(seconds: i64) -> WallTime {
        WallTime::from_seconds(seconds)
    }

    fn token(value: &str, rotates: bool) -> RefreshToken {
        RefreshToken { value: value.into(), expires_at: None, rotates }
    }

    /// Marked at 1000 when it was sent, and never answered.
    fn lost(repeated: bool) -> Unanswered {
        let refresh_token = Fingerprint::of(b"rt").to_string().into();
        Unanswered { at: at(1_000), lost_at: None, refresh_token, repeated }
    }

    #[test]
    fn a_lost_answer_is_followed_by_what_the_rule_says() {
        // (case, rule, rotates, good, sent again before, now, sent)
        let cases = [
            ("retry", Some(Retry), true, true, true, 9_000, true),
            ("stop", Some(Stop), false, true, false, 1_001, false),
            ("stop, nothing left to lose", Some(Stop), true, false, true, 9_000, true),
            ("once within", SPAN, true, true, false, 1_031, true),
            ("once, too late", SPAN, true, true, false, 1_032, false),
            ("once, and it was", SPAN, true, true, true, 1_010, false),
            ("silent, it never rotated", None, false, true, true, 9_000, true),
            ("silent, it rotates", None, true, true, false, 1_061, true),
            ("silent, it rotates, too late", None, true, true, false, 1_062, false),
        ];
        for (case, rule, rotates, is_good, repeated, now, sent) in cases {
            let sending = Sending {
                refresh_token: &token("rt", rotates),
                mark: Some(&lost(repeated)),
                answered_at: Some(at(500)),
                is_good,
                now: at(now),
            };
            let again = Unanswered { repeated: true, ..lost(false) };
            assert_eq!(sending.mark(rule), sent.then_some(again), "{case}");
        }
    }

    #[test]
    fn the_time_for_one_more_counts_from_the_loss() {
        // (case, when it was lost, now, sent)
        let cases = [
            ("a process that died counts from the sending", None, 1_032, false),
            ("a time-out took 40 s", Some(1_040), 1_071, true),
            ("and it is too late", Some(1_040), 1_072, false),
        ];
        for (case, lost_at, now, sent) in cases {
            let lost = Unanswered { lost_at: lost_at.map(at), ..lost(false) };
            let sending = Sending {
                refresh_token: &token("rt", true),
                mark: Some(&lost),
                answered_at: Some(at(500)),
                is_good: true,
                now: at(now),
            };
            let again = Unanswered { repeated: true, ..lost.clone() };
            assert_eq!(sending.mark(SPAN), sent.then_some(again), "{case}");
        }
    }

    #[test]
    fn what_can_be_too_late_is_urgent_once() {
        // (rule, sent again before, urgent)
        let cases = [
            (SPAN, false, true),
            (None, false, true),
            (SPAN, true, false),
            (Some(Stop), false, false),
            (Some(Retry), false, false),
        ];
        for (rule, repeated, urgent) in cases {
            assert_eq!(is_urgent(rule, &lost(repeated)), urgent, "{rule:?} {repeated}");
        }
    }

    #[test]
    fn what_was_answered_is_not_lost() {
        let mark = lost(true);
        // (case, mark, refresh token, when the token before was asked for)
        let cases = [
            ("no mark", None, "rt", None),
            ("another token since", Some(&mark), "rt-2", Some(at(500))),
            ("saved, and the mark was left", Some(&mark), "rt", Some(at(1_000))),
        ];
        for (case, mark, value, answered_at) in cases {
            let sending = Sending {
                refresh_token: &token(value, true),
                mark,
                answered_at,
                is_good: true,
                now: at(2_000),
            };
            let made = sending.mark(Some(Stop)).expect(case);
            assert_eq!((made.at, made.repeated), (at(2_000), false), "{case}");
        }
    }
}
