//! Schedules by the calendar.

use super::draft::Draft;
use crate::{
    config::{check::nearest, shape::Section},
    credential::{Calendar, Zone},
};

/// The calendar in the `schedule` and `timezone` of a section, which stands under `key`.
pub fn calendar(
    draft: &mut Draft<'_>,
    section: &'static Section,
    key: &'static str,
) -> Option<Calendar> {
    let schedule = draft.text(section, &[key, "schedule"])?;
    let timezone = draft.text(section, &[key, "timezone"])?;
    let place = |draft: &Draft<'_>, name| {
        draft.find(&[key, name]).map_or(draft.at, |node| draft.place(node))
    };
    let zone = Zone::find(timezone);
    if zone.is_none() {
        let known = Zone::names();
        draft.error(
            place(draft, "timezone"),
            "`timezone` is not a zone of the IANA database",
            match nearest(timezone, known.iter().map(String::as_str)) {
                Some(zone) => format!("did you mean `{zone}`?"),
                None => "write a name such as `Europe/London` or `UTC`".to_owned(),
            },
        );
    }
    // The schedule is looked at in any case: every problem is told at once.
    let calendar = Calendar::parse(schedule, zone.unwrap_or_default());
    if calendar.is_none() {
        draft.error(
            place(draft, "schedule"),
            "`schedule` is not a cron expression of six fields",
            "write second, minute, hour, day, month, weekday: `0 0 3 * * *` is each day at three",
        );
    }
    calendar
}
