//! What a single value may look like, and how it is read.

use std::{net::SocketAddr, time::Duration};

use super::node::Scalar;

/// A kind of single value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ScalarKind {
    /// Any text.
    Text,
    /// A URL. Shown in problems only without user information and query.
    Url,
    /// A path; a relative one starts at the folder of the file it stands in.
    Path,
    /// `true` or `false`.
    Bool,
    /// A whole number above zero.
    Count,
    /// A number above zero.
    Number,
    /// A number from 0 to 1.
    Fraction,
    /// A number with a unit.
    Duration,
    /// Permission bits in octal.
    Mode,
    /// An IP address and a port.
    Address,
    /// The version of the format: 1.
    Version,
}

impl ScalarKind {
    /// What it is, with an example, to follow "must be".
    pub const fn phrase(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Url => "a URL",
            Self::Path => "a path",
            Self::Bool => "`true` or `false`, without quotes",
            Self::Count => "a whole number above 0, without quotes",
            Self::Number => "a number above 0, without quotes",
            Self::Fraction => "a number from 0 to 1, without quotes, such as `0.75`",
            Self::Duration => {
                "a duration with its unit, such as `500ms`, `90s`, `5m`, `1h30m` or `2d`"
            }
            Self::Mode => "permission bits of three or four octal digits, such as `\"0640\"`",
            Self::Address => "an IP address and a port, such as `127.0.0.1:9465` or `[::1]:9465`",
            Self::Version => "`1`, the only version so far",
        }
    }

    /// Whether the value is one.
    pub fn accepts(self, scalar: &Scalar) -> bool {
        let text = &*scalar.text;
        match self {
            Self::Text => true,
            Self::Url | Self::Path => !text.is_empty() && !text.contains('\0'),
            Self::Bool => scalar.plain && matches!(text, "true" | "false"),
            Self::Count => scalar.plain && text.parse().is_ok_and(|count: u32| count > 0),
            Self::Number => scalar.plain && number(text).is_some_and(|number| number > 0.0),
            Self::Fraction => {
                scalar.plain && number(text).is_some_and(|number| (0.0..=1.0).contains(&number))
            }
            Self::Duration => duration(text).is_some(),
            Self::Mode => mode(text).is_some(),
            Self::Address => text.parse::<SocketAddr>().is_ok(),
            Self::Version => scalar.plain && text == "1",
        }
    }
}

/// A finite number.
pub fn number(text: &str) -> Option<f64> {
    text.parse().ok().filter(|number: &f64| number.is_finite())
}

/// Permission bits: three or four octal digits, at most `0777`.
pub fn mode(text: &str) -> Option<u32> {
    let digits = matches!(text.len(), 3 | 4) && text.bytes().all(|byte| byte.is_ascii_digit());
    let mode = u32::from_str_radix(text, 8).ok().filter(|_| digits)?;
    (mode <= 0o777).then_some(mode)
}

/// A duration such as `1h30m`; every number has a unit, and the whole fits into a century.
pub fn duration(text: &str) -> Option<Duration> {
    const CENTURY: Duration = Duration::from_secs(100 * 366 * 86_400);
    let mut rest = text.trim();
    let mut sum = Duration::ZERO;
    if rest.is_empty() {
        return None;
    }
    while !rest.is_empty() {
        let unit = rest.find(|c: char| !c.is_ascii_digit())?;
        let (count, tail) = rest.split_at(unit);
        let end = tail.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(tail.len());
        let (unit, tail) = tail.split_at(end);
        let millis: u64 = match unit {
            "ms" => 1,
            "s" => 1000,
            "m" => 60_000,
            "h" => 3_600_000,
            "d" => 86_400_000,
            _ => return None,
        };
        let span = Duration::from_millis(count.parse::<u64>().ok()?.checked_mul(millis)?);
        sum = sum.checked_add(span).filter(|sum| *sum <= CENTURY)?;
        rest = tail.trim_start();
    }
    Some(sum)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_need_a_unit() {
        for (text, seconds) in
            [("90s", 90), ("5m", 300), ("1h30m", 5400), ("1h 30m", 5400), ("2d", 172_800)]
        {
            assert_eq!(duration(text), Some(Duration::from_secs(seconds)), "{text}");
        }
        assert_eq!(duration("500ms"), Some(Duration::from_millis(500)));
        for bad in
            ["", "30", "s", "-5s", "1.5h", "5 m", "5M", "1h30", "99999999999999999999s", "101000d"]
        {
            assert_eq!(duration(bad), None, "{bad:?}");
        }
    }

    #[test]
    fn modes_are_octal_digits() {
        for (text, bits) in [("0640", 0o640), ("600", 0o600), ("0777", 0o777)] {
            assert_eq!(mode(text), Some(bits), "{text}");
        }
        for bad in ["", "64", "0o640", "0888", "4755", "+640", "u=rw"] {
            assert_eq!(mode(bad), None, "{bad:?}");
        }
    }

    #[test]
    fn quotes_and_odd_numbers() {
        let plain = |text: &str| Scalar { text: text.into(), plain: true };
        for (kind, good, bad) in [
            (ScalarKind::Bool, "true", "yes"),
            (ScalarKind::Count, "16", "0"),
            (ScalarKind::Number, "0.5", "inf"),
            (ScalarKind::Fraction, "1", "1.01"),
            (ScalarKind::Fraction, "0.75", "NaN"),
            (ScalarKind::Address, "[::1]:80", "localhost:80"),
            (ScalarKind::Version, "1", "2"),
        ] {
            assert!(kind.accepts(&plain(good)), "{kind:?} {good}");
            assert!(!kind.accepts(&plain(bad)), "{kind:?} {bad}");
        }
        assert!(!ScalarKind::Bool.accepts(&Scalar { text: "true".into(), plain: false }));
    }
}
