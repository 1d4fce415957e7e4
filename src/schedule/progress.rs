//! How the requests of a credential went since its last token, and what that says of it.

use super::{Refusal, breaker::Breaker, class::Class};
use crate::{
    clock::BootTime,
    error::{Evidence, Fault},
};

/// So many failures in a row say nothing of a credential, though its endpoint works.
const FORGIVEN: u32 = 2;

/// How requests went since the last token.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Progress {
    /// None has failed.
    #[default]
    Well,
    /// Some have failed, and it is asked for again.
    Failing(Streak),
    /// Some have failed, and asking again is of little use until an input changes.
    Parked(Streak),
}

/// Failures with no token between.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Streak {
    failures: u32,
    /// When the first of these requests was sent.
    since: BootTime,
    /// Whether the server had answered others since then when the last one was sent.
    others_had_answers: bool,
    /// [`Class::Shaken`] or [`Class::Failed`].
    class: Class,
}

impl Progress {
    /// The failures, if there are any.
    fn streak(self) -> Option<Streak> {
        match self {
            Self::Well => None,
            Self::Failing(streak) | Self::Parked(streak) => Some(streak),
        }
    }

    /// How many there are.
    pub fn failures(self) -> u32 {
        self.streak().map_or(0, |streak| streak.failures)
    }

    /// What they make of it; `None` if there are none.
    pub fn class(self) -> Option<Class> {
        self.streak().map(|streak| streak.class)
    }

    /// Whether asking again is of little use until an input changes.
    pub fn is_parked(self) -> bool {
        matches!(self, Self::Parked(_))
    }

    /// A request is sent to the endpoint of `breaker`.
    pub fn asked(&mut self, breaker: &Breaker) {
        if let Self::Failing(streak) | Self::Parked(streak) = self {
            streak.others_had_answers |= breaker.has_answered_since(streak.since);
        }
    }

    /// A request that was sent at `asked_at` was refused. `has_had_token`: once, in this process or
    /// one before it.
    pub fn refused(self, refusal: &Refusal, has_had_token: bool, asked_at: BootTime) -> Self {
        let streak = self.longer(refusal, has_had_token, asked_at);
        match refusal.fault {
            Fault::Permanent => Self::Parked(streak),
            Fault::Transient | Fault::Local => Self::Failing(streak),
        }
    }

    /// The streak with one more. It counts as shaken if there has been a token, and either nobody
    /// else has had an answer since, or the endpoint failed once or twice: that befalls everybody.
    fn longer(self, refusal: &Refusal, has_had_token: bool, asked_at: BootTime) -> Streak {
        let before = self.streak();
        let failures = self.failures().saturating_add(1);
        let since = before.map_or(asked_at, |streak| streak.since);
        let others_had_answers = before.is_some_and(|streak| streak.others_had_answers);
        let is_own = match refusal.evidence {
            Evidence::Working => true,
            Evidence::Unknown => others_had_answers,
            Evidence::Failing => others_had_answers && failures > FORGIVEN,
        };
        let is_own = is_own
            || refusal.fault != Fault::Transient
            || before.is_some_and(|streak| streak.class == Class::Failed);
        let class = if has_had_token && !is_own { Class::Shaken } else { Class::Failed };
        Streak { failures, since, others_had_answers, class }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schedule::Id;

    fn at(seconds: u64) -> BootTime {
        BootTime::from_millis(seconds * 1000)
    }

    /// The class after so many refusals, ten seconds apart, while others get answers or do not.
    fn class(evidence: Evidence, failures: u64, has_had_token: bool, others: bool) -> Class {
        let refusal = Refusal { fault: Fault::Transient, evidence, pause: None };
        let (mut progress, mut breaker) = (Progress::Well, Breaker::default());
        for failure in 1..=failures {
            progress.asked(&breaker);
            progress = progress.refused(&refusal, has_had_token, at(failure * 10));
            breaker.failed(Id(0), at(failure * 10), at(failure * 10));
            if others {
                breaker.close(at(failure * 10 + 5));
            }
        }
        progress.class().expect("a failure")
    }

    #[test]
    fn one_that_worked_is_believed_until_others_get_answers_and_it_does_not() {
        use Class::{Failed, Shaken};
        use Evidence::{Failing, Unknown, Working};
        // (case, evidence, failures, whether there was a token, whether others get answers, class)
        let cases = [
            ("an outage", Failing, 9, true, false, Shaken),
            ("two failures while others work", Failing, 2, true, true, Shaken),
            ("three of them", Failing, 3, true, true, Failed),
            ("never a token", Failing, 1, false, false, Failed),
            ("its own refusal", Working, 1, true, false, Failed),
            ("a rate limit", Unknown, 1, true, false, Shaken),
            ("a rate limit while others work", Unknown, 2, true, true, Failed),
        ];
        for (case, evidence, failures, has_had_token, others, expected) in cases {
            assert_eq!(class(evidence, failures, has_had_token, others), expected, "{case}");
        }
    }
}
