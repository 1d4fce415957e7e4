//! Spans of time, in the formats in which providers write them.

use std::time::Duration;

use jiff::{Span, SpanRelativeTo};
use serde_json::Value;

use super::lifetime::Stated;
use crate::token::Assumption;

/// A JSON value as a span that counts `unit`s.
pub(super) fn read(value: &Value, unit: Duration) -> Stated {
    match value {
        Value::Null => Err(Assumption::Missing),
        Value::Number(number) => counted(number.as_f64().unwrap_or(f64::NAN), unit),
        Value::String(text) => {
            let text = text.trim();
            match text.parse() {
                Ok(number) => counted(number, unit),
                Err(_) if text.is_empty() => Err(Assumption::Missing),
                Err(_) => clock_face(text).or_else(|| in_words(text)).ok_or(Assumption::Unreadable),
            }
        }
        _ => Err(Assumption::Unreadable),
    }
}

/// A fraction of a unit is dropped: a token is never taken for fresher than it is.
fn counted(number: f64, unit: Duration) -> Stated {
    if number.is_nan() {
        Err(Assumption::Unreadable)
    } else if number < 0.0 {
        Err(Assumption::Negative)
    } else if number < 1.0 {
        Err(Assumption::Zero)
    } else {
        let seconds = number.floor() * unit.as_secs_f64();
        Ok(Duration::try_from_secs_f64(seconds).unwrap_or(Duration::MAX))
    }
}

/// `177:05:38`: Tableau's days, hours and minutes. Where it can as well be hours, minutes and
/// seconds it is read so: the shorter reading is the safe one.
fn clock_face(text: &str) -> Option<Duration> {
    let mut parts = text.split(':').map(|part| part.parse::<u32>().ok());
    let (first, second, third) = (parts.next()??, parts.next()??, parts.next()??);
    if parts.next().is_some() || second >= 60 || third >= 60 {
        return None;
    }
    let (first, second, third) = (u64::from(first), u64::from(second), u64::from(third));
    let seconds = if first >= 24 && second < 24 {
        ((first * 24 + second) * 60 + third) * 60
    } else {
        (first * 60 + second) * 60 + third
    };
    (seconds > 0).then(|| Duration::from_secs(seconds))
}

/// `1h`, `2 days`, `PT1H`.
fn in_words(text: &str) -> Option<Duration> {
    let span: Span = text.parse().ok()?;
    let signed = span.to_duration(SpanRelativeTo::days_are_24_hours()).ok()?;
    Duration::try_from(signed).ok().filter(|duration| !duration.is_zero())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_in_words_are_read() {
        for (text, expected) in [
            ("1h", Ok(3600)),
            ("90 minutes", Ok(5400)),
            ("2 days", Ok(172_800)),
            ("PT1H", Ok(3600)),
            ("177:05:38", Ok(15_313_080)),
            ("01:00:00", Ok(3600)),
            ("24:30:00", Ok(88_200)),
            ("00:00:00", Err(Assumption::Unreadable)),
            ("-1h", Err(Assumption::Unreadable)),
            ("1 month", Err(Assumption::Unreadable)),
            ("never", Err(Assumption::Unreadable)),
        ] {
            let read = read(&text.into(), Duration::from_secs(1));
            assert_eq!(read, expected.map(Duration::from_secs), "{text}");
        }
    }
}
