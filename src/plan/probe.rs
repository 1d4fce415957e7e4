//! How it is found out whether a token is still accepted.

use std::time::Duration;

use super::{calendar::calendar, draft::Draft, endpoint, template::template};
use crate::{
    clock::WallTime,
    config::keys::PROBE,
    credential::{Calendar, Probe, Template},
};

/// The probe of a credential, if it has one. `fields` are what its headers can show, as outputs
/// can; no two probes come within `min_interval`.
pub fn probe(draft: &mut Draft<'_>, fields: &[&str], min_interval: Duration) -> Option<Probe> {
    draft.find(&["probe"])?;
    let url = endpoint::url(draft, &["probe", "url"]);
    let headers = headers(draft, fields);
    let calendar = calendar(draft, &PROBE, "probe");
    if let Some(calendar) = &calendar
        && shortest(calendar).is_some_and(|span| span < min_interval)
    {
        let at = draft.find(&["probe", "schedule"]).map_or(draft.at, |node| draft.place(node));
        draft.error(
            at,
            format!("the probe would come more often than every {} s", min_interval.as_secs()),
            "write a schedule with longer spans than `refresh.min_interval`",
        );
    }
    Some(Probe { url: url?, headers, calendar: calendar? })
}

/// A line break would add a header (RFC 9110, section 5.5).
fn headers(draft: &mut Draft<'_>, fields: &[&str]) -> Box<[(Box<str>, Template)]> {
    let mut headers = Vec::new();
    for entry in draft.entries_at(&["probe", "headers"]) {
        let at = draft.place(&entry.value);
        let Some(text) = entry.value.text() else { continue };
        if text.chars().any(char::is_control) {
            draft.error(
                at,
                format!("the header `{}` has a line break or another control character", entry.key),
                "write it on one line",
            );
        }
        match template(text, &draft.variables, fields) {
            Ok(template) => headers.push(((*entry.key).into(), template)),
            Err(unknown) => draft.note(unknown.problem(at)),
        }
    }
    headers.into()
}

/// How many occurrences of a calendar are looked at: one that calls each second has as many in a
/// minute, and begins anew.
const OCCURRENCES: usize = 61;

/// The shortest span between the first occurrences of a calendar.
fn shortest(calendar: &Calendar) -> Option<Duration> {
    let first = calendar.next_after(WallTime::from_seconds(0))?;
    let occurrences = std::iter::successors(Some(first), |before| calendar.next_after(*before));
    let occurrences: Vec<_> = occurrences.take(OCCURRENCES).collect();
    occurrences.windows(2).map(|pair| pair[1].since(pair[0])).min()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::credential::Zone;

    #[test]
    fn the_shortest_span_of_a_calendar_is_found() {
        // (schedule, seconds)
        let cases = [
            ("0 */15 * * * *", Some(900)),
            ("*/5 * * * * *", Some(5)),
            ("0,2 0 3 * * *", Some(2)),
            ("0,10,20,30,40,50,58 * * * * *", Some(2)),
            ("0 0 0 30 2 *", None),
        ];
        for (schedule, expected) in cases {
            let calendar = Calendar::parse(schedule, Zone::default()).expect("a schedule");
            assert_eq!(shortest(&calendar), expected.map(Duration::from_secs), "{schedule}");
        }
    }
}
