//! Who may take a Lease, and when.

use std::time::Duration;

use crate::{
    clock::{BootTime, Now},
    cluster::Lease,
};

/// A Lease that its holder has not renewed for so long, while we looked, is free.
pub const DURATION: Duration = Duration::from_secs(15);

/// One who wants a Lease. No date of another machine is believed: a Lease is as old as we have
/// seen it unchanged.
pub struct Candidate {
    /// Unlike that of any other process, of the same pod before a restart too.
    identity: Box<str>,
    seen: Option<(Lease, BootTime)>,
}

impl Candidate {
    /// One that has seen nothing yet.
    pub fn new(identity: Box<str>) -> Self {
        Self { identity, seen: None }
    }

    /// The Lease as it is to be written, if it is ours to take now.
    pub fn take(&mut self, lease: Lease, now: Now) -> Option<Lease> {
        let unchanged_since = match &self.seen {
            Some((seen, since)) if *seen == lease => *since,
            _ => now.boot,
        };
        let is_free = lease.holder.is_empty()
            || lease.holder == self.identity
            || now.boot.since(unchanged_since) >= DURATION;
        let taken = is_free.then(|| Lease {
            holder: self.identity.clone(),
            transitions: lease.transitions.saturating_add(i32::from(lease.version.is_some())),
            acquired_at: now.wall,
            version: lease.version.clone(),
        });
        self.seen = Some((lease, unchanged_since));
        taken
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::WallTime;

    fn now(seconds: u64) -> Now {
        Now { wall: WallTime::from_seconds(7), boot: BootTime::from_millis(seconds * 1000) }
    }

    fn held_by(holder: &str, version: &str) -> Lease {
        let version = Some(version.into());
        Lease { holder: holder.into(), transitions: 3, version, ..Lease::default() }
    }

    #[test]
    fn a_lease_is_taken_when_it_is_free() {
        // (case, what is seen and when, whether it is taken at the last look)
        let cases: [(_, &[(Lease, u64)], _); 8] = [
            ("there is none", &[(Lease::default(), 0)], true),
            ("nobody holds it", &[(held_by("", "1"), 0)], true),
            ("we hold it", &[(held_by("we", "1"), 0)], true),
            ("another, at the first look", &[(held_by("they", "1"), 0)], false),
            ("not long enough", &[(held_by("they", "1"), 0), (held_by("they", "1"), 14)], false),
            ("long enough", &[(held_by("they", "1"), 0), (held_by("they", "1"), 15)], true),
            ("renewed", &[(held_by("they", "1"), 0), (held_by("they", "2"), 60)], false),
            (
                "renewed, then abandoned",
                &[(held_by("they", "1"), 0), (held_by("they", "2"), 9), (held_by("they", "2"), 24)],
                true,
            ),
        ];
        for (case, looks, expected) in cases {
            let mut candidate = Candidate::new("we".into());
            let mut taken = None;
            for (lease, at) in looks {
                taken = candidate.take(lease.clone(), now(*at));
            }
            assert_eq!(taken.is_some(), expected, "{case}");
        }
    }

    #[test]
    fn what_is_written_names_what_was_read() {
        let mut candidate = Candidate::new("we".into());
        let taken = candidate.take(held_by("", "41"), now(0)).unwrap();
        assert_eq!(&*taken.holder, "we");
        assert_eq!(taken.version.as_deref(), Some("41"), "or another may have been faster");
        assert_eq!(taken.transitions, 4);
        assert_eq!(taken.acquired_at, WallTime::from_seconds(7));
        assert_eq!(candidate.take(Lease::default(), now(0)).unwrap().transitions, 0);
    }
}
