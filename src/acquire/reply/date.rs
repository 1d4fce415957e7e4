//! Dates, in the formats in which providers write them.

use std::time::Duration;

use jiff::{Timestamp, civil::DateTime, fmt::rfc2822};
use serde_json::Value;

use crate::clock::WallTime;

/// From here on a number of seconds would be the year 5138, so it counts milliseconds.
const FIRST_MILLISECONDS: f64 = 1e11;

/// A JSON value as a date.
pub(super) fn read(value: &Value) -> Option<WallTime> {
    match value {
        Value::Number(number) => epoch(number.as_f64()?),
        Value::String(text) => {
            let text = text.trim();
            text.parse().ok().and_then(epoch).or_else(|| written(text))
        }
        _ => None,
    }
}

/// Seconds or milliseconds since 1970.
pub(in crate::acquire) fn epoch(number: f64) -> Option<WallTime> {
    let seconds = if number >= FIRST_MILLISECONDS { number / 1000.0 } else { number };
    // Whatever is no span of time is no date either: negative, infinite, not a number.
    let since_1970 = Duration::try_from_secs_f64(seconds).ok()?;
    Some(WallTime::default() + since_1970)
}

/// An HTTP date in any of its three formats (RFC 9110, section 5.6.7).
pub(in crate::acquire) fn http(text: &str) -> Option<WallTime> {
    let civil = |format| DateTime::strptime(format, text).ok().map(in_utc);
    let timestamp = rfc2822::DateTimeParser::new().parse_timestamp(text).ok();
    timestamp
        .map(instant)
        .or_else(|| civil("%A, %d-%b-%y %H:%M:%S GMT"))
        .or_else(|| civil("%a %b %e %H:%M:%S %Y"))
}

fn written(text: &str) -> Option<WallTime> {
    let zoned = |format| Timestamp::strptime(format, text).ok();
    let timestamp = text
        .parse::<Timestamp>()
        .ok()
        // Azure's two, with the month first.
        .or_else(|| zoned("%m/%d/%Y %H:%M:%S %:z"))
        .or_else(|| zoned("%m/%d/%Y %I:%M:%S %p %:z"));
    // Without a zone it can only be taken for UTC. So is the end of the year 9999, which stands
    // for "never" and is more than a `Timestamp` can hold.
    let civil = || text.trim_end_matches('Z').parse::<DateTime>().ok().map(in_utc);
    timestamp.map(instant).or_else(civil).or_else(|| http(text))
}

fn in_utc(date: DateTime) -> WallTime {
    let since_1970 = date.duration_since(DateTime::constant(1970, 1, 1, 0, 0, 0, 0));
    WallTime::from_seconds(since_1970.as_secs())
}

fn instant(timestamp: Timestamp) -> WallTime {
    WallTime::from_millis(timestamp.as_millisecond())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_read_in_every_known_format() {
        // 2021-11-05T15:18:31Z
        let expected = Some(WallTime::from_seconds(1_636_125_511));
        for text in [
            "1636125511",
            "1636125511.0",
            "1636125511000",
            "2021-11-05T15:18:31Z",
            "2021-11-05T16:18:31+01:00",
            "2021-11-05 15:18:31+00:00",
            "2021-11-05T15:18:31",
            "2021-11-05 15:18:31.000000",
            "11/05/2021 15:18:31 +00:00",
            "11/05/2021 3:18:31 PM +00:00",
            " Fri, 05 Nov 2021 15:18:31 GMT ",
            "Friday, 05-Nov-21 15:18:31 GMT",
            "Fri Nov  5 15:18:31 2021",
        ] {
            assert_eq!(read(&text.into()), expected, "{text}");
        }
        assert_eq!(read(&1_636_125_511_i64.into()), expected);
        assert_eq!(read(&1_636_125_511_000_i64.into()), expected);
    }

    #[test]
    fn what_is_no_date_is_none() {
        for text in ["", "soon", "-1", "NaN", "inf", "1e400", "2021-13-05T15:18:31Z"] {
            assert_eq!(read(&text.into()), None, "{text}");
        }
        assert_eq!(read(&Value::Bool(true)), None);
    }
}
