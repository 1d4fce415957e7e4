//! Refreshes by the calendar, for what has no expiry of its own.

use croner::{
    Cron,
    parser::{CronParser, Seconds},
};
use jiff::Timestamp;

use super::Zone;
use crate::clock::WallTime;

/// A schedule by the calendar.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Calendar {
    /// A cron expression of six fields: second, minute, hour, day, month, weekday.
    schedule: Box<str>,
    timezone: Zone,
}

impl Calendar {
    /// `None` if `schedule` is no cron expression of six fields.
    pub fn parse(schedule: &str, timezone: Zone) -> Option<Self> {
        cron(schedule).map(|_| Self { schedule: schedule.into(), timezone })
    }

    /// The first occurrence after `moment`, by the zone's own clock: at three in the morning is
    /// at three in summer and in winter. `None` if there is none.
    pub fn next_after(&self, moment: WallTime) -> Option<WallTime> {
        let moment = Timestamp::from_second(moment.seconds()).ok()?;
        let local = moment.to_zoned(self.timezone.time_zone());
        let next = cron(&self.schedule)?.find_next_occurrence(&local, false).ok()?;
        Some(WallTime::from_seconds(next.timestamp().as_second()))
    }
}

fn cron(schedule: &str) -> Option<Cron> {
    CronParser::builder().seconds(Seconds::Required).build().parse(schedule).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seconds(date: &str) -> WallTime {
        let date: Timestamp = date.parse().expect("a date");
        WallTime::from_seconds(date.as_second())
    }

    fn calendar(schedule: &str, zone: &str) -> Option<Calendar> {
        Calendar::parse(schedule, Zone::find(zone).expect("a zone"))
    }

    #[test]
    fn occurrences_follow_the_zone_through_summer_time() {
        // (case, schedule, zone, after, next)
        let cases = [
            (
                "winter",
                "0 0 3 * * *",
                "Europe/London",
                "2027-01-10T12:00:00Z",
                "2027-01-11T03:00:00Z",
            ),
            (
                "summer",
                "0 0 3 * * *",
                "Europe/London",
                "2027-07-10T12:00:00Z",
                "2027-07-11T02:00:00Z",
            ),
            (
                "over the change",
                "0 0 9 * * *",
                "Europe/Berlin",
                "2027-03-27T20:00:00Z",
                "2027-03-28T07:00:00Z",
            ),
            (
                "strictly after",
                "0 0 3 * * *",
                "UTC",
                "2027-01-10T03:00:00Z",
                "2027-01-11T03:00:00Z",
            ),
        ];
        for (case, schedule, zone, after, next) in cases {
            let calendar = calendar(schedule, zone).expect("a schedule");
            assert_eq!(calendar.next_after(seconds(after)), Some(seconds(next)), "{case}");
        }
    }

    #[test]
    fn an_hour_that_does_not_exist_is_not_skipped_for_a_day() {
        let calendar = calendar("0 30 2 * * *", "Europe/Berlin").expect("a schedule");
        let next = calendar.next_after(seconds("2027-03-27T20:00:00Z")).expect("an occurrence");
        assert!(next < seconds("2027-03-28T20:00:00Z"), "{next}");
    }

    #[test]
    fn five_fields_are_refused() {
        assert_eq!(calendar("0 3 * * *", "UTC"), None);
        assert_eq!(calendar("0 0 25 * * *", "UTC"), None);
    }
}
