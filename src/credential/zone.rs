//! Time zones of the IANA database.
//!
//! jiff knows them, croner counts in those of chrono, and this is the bridge. The usual one,
//! `chrono_tz`, is a megabyte of tables with forty thousand pointers, which the loader has to
//! correct, and so to copy, in every process, even where no credential has a calendar.

use std::hash::{Hash, Hasher};

use chrono::{FixedOffset, MappedLocalTime, NaiveDate, NaiveDateTime, NaiveTime, Offset};
use jiff::{
    Timestamp,
    tz::{AmbiguousOffset, TimeZone},
};

/// A zone of the IANA database.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Zone(TimeZone);

/// How far a zone is from UTC at some moment.
#[derive(Clone, Debug)]
pub struct ZoneOffset {
    zone: Zone,
    fixed: FixedOffset,
}

impl Zone {
    /// The zone of this name, such as `Europe/London`.
    pub fn find(name: &str) -> Option<Self> {
        jiff::tz::db().get(name).ok().map(Self)
    }

    /// Every name.
    pub fn names() -> Vec<String> {
        jiff::tz::db().available().map(|name| name.to_string()).collect()
    }

    fn at(&self, offset: jiff::tz::Offset) -> ZoneOffset {
        let fixed = FixedOffset::east_opt(offset.seconds());
        ZoneOffset { zone: self.clone(), fixed: fixed.unwrap_or_else(|| chrono::Utc.fix()) }
    }
}

impl Default for Zone {
    /// UTC.
    fn default() -> Self {
        Self(TimeZone::UTC)
    }
}

impl Hash for Zone {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.iana_name().hash(state);
    }
}

impl Offset for ZoneOffset {
    fn fix(&self) -> FixedOffset {
        self.fixed
    }
}

impl chrono::TimeZone for Zone {
    type Offset = ZoneOffset;

    fn from_offset(offset: &ZoneOffset) -> Self {
        offset.zone.clone()
    }

    fn offset_from_local_date(&self, local: &NaiveDate) -> MappedLocalTime<ZoneOffset> {
        self.offset_from_local_datetime(&local.and_time(NaiveTime::MIN))
    }

    fn offset_from_local_datetime(&self, local: &NaiveDateTime) -> MappedLocalTime<ZoneOffset> {
        let local = TimeZone::UTC.to_datetime(timestamp(local));
        match self.0.to_ambiguous_timestamp(local).offset() {
            AmbiguousOffset::Unambiguous { offset } => MappedLocalTime::Single(self.at(offset)),
            AmbiguousOffset::Gap { .. } => MappedLocalTime::None,
            AmbiguousOffset::Fold { before, after } => {
                MappedLocalTime::Ambiguous(self.at(before), self.at(after))
            }
        }
    }

    fn offset_from_utc_date(&self, utc: &NaiveDate) -> ZoneOffset {
        self.offset_from_utc_datetime(&utc.and_time(NaiveTime::MIN))
    }

    fn offset_from_utc_datetime(&self, utc: &NaiveDateTime) -> ZoneOffset {
        self.at(self.0.to_offset(timestamp(utc)))
    }
}

/// A date as if it were one of UTC. jiff ends with the year 9999, and so do its offsets.
fn timestamp(date: &NaiveDateTime) -> Timestamp {
    Timestamp::from_second(date.and_utc().timestamp()).unwrap_or(Timestamp::MAX)
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, Duration, TimeZone as _, Utc};

    use super::*;

    #[test]
    fn zones_are_found_by_name() {
        for (name, expected) in
            [("Europe/London", true), ("UTC", true), ("Mars/Olympus", false), ("", false)]
        {
            assert_eq!(Zone::find(name).is_some(), expected, "{name}");
        }
        assert!(Zone::names().iter().any(|name| name == "Asia/Kathmandu"));
    }

    #[test]
    fn a_clock_that_is_put_forward_and_back_has_no_or_two_such_hours() {
        let zone = Zone::find("Europe/Berlin").expect("a zone");
        // (case, month, day, hour, hours from UTC)
        let cases: [(_, _, _, _, &[i32]); 5] = [
            ("winter", 1, 10, 12, &[1]),
            ("summer", 7, 10, 12, &[2]),
            ("an hour that is left out", 3, 28, 2, &[]),
            ("the hour after it", 3, 28, 3, &[2]),
            ("an hour that comes twice", 10, 31, 2, &[2, 1]),
        ];
        for (case, month, day, hour, expected) in cases {
            let local =
                NaiveDate::from_ymd_opt(2027, month, day).and_then(|d| d.and_hms_opt(hour, 30, 0));
            let found = zone.offset_from_local_datetime(&local.expect("a date"));
            let found = [found.clone().earliest(), found.latest()].into_iter().flatten();
            let mut hours: Vec<_> =
                found.map(|offset| offset.fix().local_minus_utc() / 3600).collect();
            hours.dedup();
            assert_eq!(hours, expected, "{case}");
        }
    }

    #[test]
    fn every_moment_comes_back_from_the_local_date() {
        let zone = Zone::find("Australia/Lord_Howe").expect("a zone");
        let start = DateTime::<Utc>::from_timestamp(1_790_000_000, 0).expect("a date");
        for hours in 0..9_000 {
            let moment = start + Duration::hours(hours);
            let local = moment.with_timezone(&zone).naive_local();
            let back = zone.from_local_datetime(&local);
            let found = [back.clone().earliest(), back.latest()].into_iter().flatten();
            assert!(found.into_iter().any(|date| date == moment), "{moment}");
        }
    }
}
