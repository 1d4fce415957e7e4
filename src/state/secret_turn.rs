//! Which of several client secrets is in turn, so that an old and a new one can overlap.

use serde::{Deserialize, Serialize};

/// Which of several client secrets is in turn. The places count from zero.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct SecretTurn {
    /// The one that the next request uses.
    pub next: u32,
    /// The one that last got a token; the first, until one has.
    pub accepted: u32,
}

impl SecretTurn {
    /// The provider does not know the one that was used, of this many. Whether another is left
    /// to try: once each of them was refused, it begins anew.
    pub fn refuse(&mut self, of: usize) -> bool {
        let of = u32::try_from(of).unwrap_or(u32::MAX).max(1);
        self.next = (self.next % of + 1) % of;
        self.next != self.accepted % of
    }

    /// The one that was used got a token. Whether it is another than the last time.
    pub fn accept(&mut self) -> bool {
        std::mem::replace(&mut self.accepted, self.next) != self.next
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_new_secret_takes_over_from_the_old_one() {
        let mut turn = SecretTurn::default();
        assert!(!turn.accept(), "the first, as ever");
        assert!(turn.refuse(2), "the second is left");
        assert!(turn.accept(), "and works");
        assert_eq!(turn, SecretTurn { next: 1, accepted: 1 });
        assert!(turn.refuse(2) && !turn.refuse(2), "both were refused");
        assert_eq!(turn.next, 1, "it begins with the one that worked");
    }

    proptest! {
        /// Whatever stands on record, each secret is tried once before it is said that none is
        /// left.
        #[test]
        fn each_is_tried_once(next in any::<u32>(), of in 1_usize..6) {
            let mut turn = SecretTurn { next, accepted: next };
            let mut tried = Vec::new();
            loop {
                tried.push(turn.next as usize % of);
                if !turn.refuse(of) {
                    break;
                }
            }
            tried.sort_unstable();
            prop_assert_eq!(tried, (0..of).collect::<Vec<_>>());
        }
    }
}
