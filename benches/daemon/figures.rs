//! Figures as people read them.

use std::time::Duration;

/// How far measurements of one thing are apart.
pub struct Spread {
    /// The smallest.
    pub least: Duration,
    /// The one in the middle.
    pub median: Duration,
    /// The largest.
    pub most: Duration,
}

impl Spread {
    /// Of these measurements, which it sorts.
    pub fn of(times: &mut [Duration]) -> Self {
        times.sort_unstable();
        let at = |index: usize| times.get(index).copied().unwrap_or_default();
        Self { least: at(0), median: at(times.len() / 2), most: at(times.len().saturating_sub(1)) }
    }
}

/// `12.3 ms`.
pub fn milliseconds(span: Duration) -> String {
    format!("{:.1} ms", span.as_secs_f64() * 1000.0)
}

/// `7.53 MiB`.
pub fn bytes(bytes: u64) -> String {
    let kibibytes = u32::try_from(bytes / 1024).unwrap_or(u32::MAX);
    format!("{:.2} MiB", f64::from(kibibytes) / 1024.0)
}
