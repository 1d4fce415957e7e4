//! The connection: a good reply that comes late, in part, or not at all.

use super::{Habit, usual};
use crate::sandbox::delivery::Delivery;

pub(super) const HABITS: &[Habit] = &[
    Habit::grant("slow_headers", "the first byte comes after 3 seconds", |granted| {
        usual(granted).delivered(Delivery::LateHeaders)
    }),
    Habit::grant("slow_body", "the body comes in pieces over 3 seconds", |granted| {
        usual(granted).delivered(Delivery::SlowBody)
    }),
    Habit::grant("stalls", "half of the body comes, then nothing more", |granted| {
        usual(granted).delivered(Delivery::Stall)
    }),
    Habit::grant("cut_off", "half of the body comes, then the connection ends", |granted| {
        usual(granted).delivered(Delivery::CutOff)
    }),
    Habit::grant("hangs", "no byte ever comes", |granted| usual(granted).delivered(Delivery::Hang)),
    Habit::grant("closes_connection", "the connection ends without a reply", |granted| {
        usual(granted).delivered(Delivery::Close)
    }),
];

#[cfg(test)]
mod tests {
    use super::{
        super::tests::{asked, assert_complete},
        *,
    };

    #[test]
    fn each_habit_travels_as_it_says() {
        let rows = [
            ("slow_headers", Delivery::LateHeaders),
            ("slow_body", Delivery::SlowBody),
            ("stalls", Delivery::Stall),
            ("cut_off", Delivery::CutOff),
            ("hangs", Delivery::Hang),
            ("closes_connection", Delivery::Close),
        ];
        for (name, delivery) in rows {
            assert_eq!(asked(name, 1).delivery, delivery, "{name}");
        }
        assert_complete(HABITS, rows.iter().map(|row| row.0));
    }
}
