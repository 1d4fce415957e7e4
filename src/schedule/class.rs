//! Who shares what with whom: three classes of credentials, and how slots are split among them.

/// What a credential has shown since its last token. It decides which share of a budget it gets, so
/// that those that fail never delay those that work, nor the other way round.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Class {
    /// It has had a token and has not failed since.
    Served,
    /// It has neither a token nor a failure yet.
    New,
    /// It has had a token, and has failed since; but only just, or so has everybody else.
    Shaken,
    /// It has failed while the server answered others, or has never had a token.
    Failed,
}

impl Class {
    /// Each of them, the one that suffers first.
    pub const ALL: [Self; 4] = [Self::Served, Self::New, Self::Shaken, Self::Failed];

    /// Whether it has failed since its last token.
    pub fn has_failed(self) -> bool {
        matches!(self, Self::Shaken | Self::Failed)
    }
}

/// The turns in which classes are asked while each of them waits: every fourth is for those that
/// have failed.
const TURNS: [Class; 8] = [
    Class::New,
    Class::Served,
    Class::Shaken,
    Class::Failed,
    Class::Served,
    Class::New,
    Class::Served,
    Class::Failed,
];

/// Whose turn it is.
#[derive(Clone, Copy, Debug, Default)]
pub struct Turn(u8);

impl Turn {
    /// The class that is next among those that `may` go: the one in turn, or else the first.
    pub fn choose(self, may: impl Fn(Class) -> bool) -> Option<Class> {
        let in_turn = TURNS[usize::from(self.0) % TURNS.len()];
        [in_turn].into_iter().chain(Class::ALL).find(|class| may(*class))
    }

    /// The turn passes on.
    pub fn pass(&mut self) {
        self.0 = self.0.wrapping_add(1);
    }
}

/// How many of each class are under way.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally([usize; 4]);

impl Tally {
    /// One more.
    pub fn add(&mut self, class: Class) {
        self.0[class as usize] += 1;
    }

    /// One less.
    pub fn remove(&mut self, class: Class) {
        self.0[class as usize] = self.0[class as usize].saturating_sub(1);
    }

    /// All together.
    pub fn sum(&self) -> usize {
        self.0.iter().sum()
    }

    /// Whether one more of `class` fits below `limit`. A quarter is kept for those that are served,
    /// and those that fail while others do not have no more than one: many that hang cannot take
    /// the rest.
    pub fn has_room(&self, class: Class, limit: usize) -> bool {
        shares(class, limit).all(|(members, share)| self.count(members) < share)
    }

    fn count(&self, members: &[Class]) -> usize {
        members.iter().map(|class| self.0[*class as usize]).sum()
    }
}

/// The smallest share of `limit`: what is below it fits whatever it is.
pub fn least_share(limit: usize) -> usize {
    limit / 4
}

/// The groups that `class` is in, each with its share of `limit`; nobody's share is below one.
pub fn shares(class: Class, limit: usize) -> impl Iterator<Item = (&'static [Class], usize)> {
    let all: &'static [Class] = &Class::ALL;
    let least = limit.min(1);
    let groups = [
        (all, limit),
        (&all[Class::New as usize..], (limit * 3 / 4).max(least)),
        (&all[Class::Failed as usize..], least_share(limit).max(least)),
    ];
    groups.into_iter().filter(move |(members, _)| members.contains(&class))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_fourth_turn_is_for_those_that_failed_and_no_turn_is_lost() {
        // (case, who waits, who is asked)
        let cases: [(_, &[Class], _); 4] = [
            ("all", &Class::ALL, "N.~F.N.F"),
            ("served and failed", &[Class::Served, Class::Failed], "...F...F"),
            ("failed alone", &[Class::Failed], "FFFFFFFF"),
            ("nobody", &[], ""),
        ];
        for (case, waiting, expected) in cases {
            let mut turn = Turn::default();
            let asked = std::iter::repeat_with(|| {
                let class = turn.choose(|class| waiting.contains(&class))?;
                turn.pass();
                Some(match class {
                    Class::Served => '.',
                    Class::New => 'N',
                    Class::Shaken => '~',
                    Class::Failed => 'F',
                })
            });
            let asked: String = asked.take(8).map_while(|sign| sign).collect();
            assert_eq!(asked, expected, "{case}");
        }
    }

    #[test]
    fn a_share_is_kept_for_those_that_are_served() {
        // (limit, how many of each class fit when they come alone)
        for (limit, served, new, failed) in
            [(0, 0, 0, 0), (1, 1, 1, 1), (2, 2, 1, 1), (8, 8, 6, 2), (64, 64, 48, 16)]
        {
            for (class, expected) in
                [(Class::Served, served), (Class::New, new), (Class::Failed, failed)]
            {
                let mut tally = Tally::default();
                while tally.has_room(class, limit) {
                    tally.add(class);
                }
                assert_eq!(tally.sum(), expected, "{class:?} below {limit}");
            }
        }
    }
}
