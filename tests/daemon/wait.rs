//! Waiting for other processes, which can only be asked again and again.

use std::time::Duration;

use tokenward::clock::{BootTime, Clock, SystemClock, WallTime};

/// Long enough for a busy machine; a test that passes never waits for it.
const PATIENCE: Duration = Duration::from_secs(30);
const INTERVAL: Duration = Duration::from_millis(10);

/// Asks until the answer is yes.
#[expect(clippy::disallowed_methods, reason = "other processes cannot be waited for otherwise")]
pub fn until(what: &str, mut happened: impl FnMut() -> bool) {
    let started = boot();
    while !happened() {
        assert!(boot().since(started) < PATIENCE, "waited in vain for {what}");
        std::thread::sleep(INTERVAL);
    }
}

/// For measuring how long something takes.
pub fn boot() -> BootTime {
    SystemClock.now().boot
}

/// The date.
pub fn wall() -> WallTime {
    SystemClock.now().wall
}
