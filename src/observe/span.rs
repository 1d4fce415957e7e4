//! Spans of time as people like to read them.

use crate::clock::WallTime;

/// How long until `moment`; in words of the past if it is over.
pub fn until(moment: WallTime, at: WallTime) -> String {
    if moment > at {
        span(moment.since(at).as_secs())
    } else {
        let ago = at.since(moment).as_secs();
        if ago < 1 { "now".into() } else { format!("-{}", span(ago)) }
    }
}

/// A span in its two largest units.
pub fn span(seconds: u64) -> String {
    match seconds {
        0..60 => format!("{seconds}s"),
        60..3_600 => format!("{}m{:02}s", seconds / 60, seconds % 60),
        3_600..86_400 => format!("{}h{:02}m", seconds / 3_600, seconds / 60 % 60),
        _ => format!("{}d{:02}h", seconds / 86_400, seconds / 3_600 % 24),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_show_their_two_largest_units() {
        let spans = [0, 59, 60, 3_599, 3_600, 86_399, 90_000].map(span);
        assert_eq!(spans, ["0s", "59s", "1m00s", "59m59s", "1h00m", "23h59m", "1d01h"]);
    }
}
