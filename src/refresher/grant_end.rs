//! Whether refreshing extends a grant, by the ends that its provider has said.

use std::time::Duration;

use crate::{clock::WallTime, state::Record, token::IssuedToken};

/// A grant that ends sooner than this, and is not extended, is a matter for a person.
const SOON: Duration = Duration::from_secs(7 * 86_400);

/// Replies count whole seconds: two requests that are closer say nothing.
const CLOSEST: Duration = Duration::from_secs(4);

/// What became of a grant's end between two tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GrantEnd {
    /// It moves on: with each refresh, or because the grant has just begun.
    Extended,
    /// It stays.
    Fixed,
    /// Nothing can be said.
    Unknown,
}

impl GrantEnd {
    /// Compares `token` with the one before, which is on record: an end moves on if it does so by
    /// at least half of the time between the two requests. Whole seconds and clocks that drift
    /// make less of it, and a grant that is not extended loses all of it.
    pub fn of(record: &Record, token: &IssuedToken) -> Self {
        let Some(issued_at) = record.issued_at else { return Self::Extended };
        let between = token.requested_at.wall.since(issued_at);
        match (record.grant_expires_at, end_of(token)) {
            (Some(before), Some(ends)) if between >= CLOSEST => {
                if ends.since(before) * 2 >= between { Self::Extended } else { Self::Fixed }
            }
            _ => Self::Unknown,
        }
    }

    /// Whether refreshing extends the grant, as far as is known; `before`: as far as it was.
    pub const fn extends(self, before: bool) -> bool {
        match self {
            Self::Extended => true,
            Self::Fixed => false,
            Self::Unknown => before,
        }
    }

    /// How long the grant of `token` still lives, if that is not long and nothing extends it.
    pub fn ends_soon(self, token: &IssuedToken, now: WallTime) -> Option<Duration> {
        let left = end_of(token)?.since(now);
        (self == Self::Fixed && left < SOON).then_some(left)
    }
}

fn end_of(token: &IssuedToken) -> Option<WallTime> {
    token.refresh_token.as_ref()?.expires_at
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{clock::Now, token::RefreshToken};

    fn token(requested_at: i64, ends: Option<i64>) -> IssuedToken {
        let wall = WallTime::from_seconds(requested_at);
        let token =
            IssuedToken::bearer("at".into(), Now { wall, ..Now::default() }, Duration::ZERO);
        let expires_at = ends.map(WallTime::from_seconds);
        let refresh_token = RefreshToken { expires_at, ..RefreshToken::first("rt".into()) };
        IssuedToken { refresh_token: Some(refresh_token), ..token }
    }

    fn record(issued_at: Option<i64>, ends: Option<i64>) -> Record {
        let (issued_at, grant_expires_at) =
            (issued_at.map(WallTime::from_seconds), ends.map(WallTime::from_seconds));
        Record { issued_at, grant_expires_at, ..Record::default() }
    }

    #[test]
    fn an_end_moves_on_by_half_of_what_has_passed_or_it_stays() {
        use GrantEnd::{Extended, Fixed, Unknown};
        // (case, the end before, seconds since then, the end now, what became of it)
        let cases = [
            ("a token of a minute, and it slides", Some(1_800), 45, Some(1_845), Extended),
            ("a token of an hour, and it slides", Some(1_800), 2_700, Some(4_500), Extended),
            ("slow replies", Some(1_800), 45, Some(1_840), Extended),
            ("half of it", Some(1_800), 100, Some(1_850), Extended),
            ("less than half of it", Some(1_800), 100, Some(1_849), Fixed),
            ("it stays", Some(1_800), 45, Some(1_800), Fixed),
            ("it stays, and is rounded", Some(1_800), 45, Some(1_802), Fixed),
            ("it stays, far away", Some(9_000_000), 2_700, Some(9_000_000), Fixed),
            ("it comes nearer", Some(1_800), 45, Some(900), Fixed),
            ("two requests at once", Some(1_800), 3, Some(1_803), Unknown),
            ("two requests at once, and it stays", Some(1_800), 3, Some(1_800), Unknown),
            ("the same request", Some(1_800), 0, Some(1_800), Unknown),
            ("our clock went back", Some(1_800), -60, Some(1_740), Unknown),
            ("no end before", None, 45, Some(1_800), Unknown),
            ("no end any more", Some(1_800), 45, None, Unknown),
        ];
        for (case, before, later, ends, expected) in cases {
            let end = GrantEnd::of(&record(Some(0), before), &token(later, ends));
            assert_eq!(end, expected, "{case}");
        }
        assert_eq!(GrantEnd::of(&record(None, None), &token(0, Some(1_800))), Extended);
    }

    #[test]
    fn what_was_known_counts_while_nothing_can_be_said() {
        for (end, before, expected) in [
            (GrantEnd::Extended, false, true),
            (GrantEnd::Fixed, true, false),
            (GrantEnd::Unknown, true, true),
            (GrantEnd::Unknown, false, false),
        ] {
            assert_eq!(end.extends(before), expected, "{end:?} after {before}");
        }
    }

    #[test]
    fn a_grant_that_ends_soon_is_said_unless_refreshing_extends_it() {
        let day = 86_400;
        // (case, what became of its end, its end, said to end in)
        let cases = [
            ("far away", GrantEnd::Fixed, Some(30 * day), None),
            ("near", GrantEnd::Fixed, Some(6 * day), Some(6 * day)),
            ("over", GrantEnd::Fixed, Some(-5), Some(0)),
            ("near, and extended", GrantEnd::Extended, Some(1_800), None),
            ("near, and nothing is known", GrantEnd::Unknown, Some(1_800), None),
            ("no end", GrantEnd::Fixed, None, None),
        ];
        for (case, end, ends, expected) in cases {
            let said = end.ends_soon(&token(0, ends), WallTime::from_seconds(0));
            let said = said.map(|left| i64::try_from(left.as_secs()).unwrap_or(i64::MAX));
            assert_eq!(said, expected, "{case}");
        }
    }
}
