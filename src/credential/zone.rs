//! Time zones of the IANA database.

use std::hash::{Hash, Hasher};

use jiff::tz::TimeZone;

/// A zone of the IANA database, which is compiled in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Zone(TimeZone);

impl Zone {
    /// The zone of this name, such as `Europe/London`.
    pub fn find(name: &str) -> Option<Self> {
        jiff::tz::db().get(name).ok().map(Self)
    }

    /// Every name.
    pub fn names() -> Vec<String> {
        jiff::tz::db().available().map(|name| name.to_string()).collect()
    }

    /// For reckoning with it.
    pub(super) fn time_zone(&self) -> TimeZone {
        self.0.clone()
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

#[cfg(test)]
mod tests {
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
}
