//! Waiting for other processes, which can only be asked again and again.

use std::time::Duration;

use tokenward::clock::{BootTime, Clock, SystemClock};

/// Long enough for a busy machine; a check that passes never waits for it.
const PATIENCE: Duration = Duration::from_secs(30);
const INTERVAL: Duration = Duration::from_millis(20);

/// Asks until the answer is yes.
pub fn until(what: &str, mut happened: impl FnMut() -> bool) {
    until_some(what, || happened().then_some(()));
}

/// Asks until there is an answer, and gives it.
#[expect(clippy::disallowed_methods, reason = "other processes cannot be waited for otherwise")]
pub fn until_some<T>(what: &str, mut answer: impl FnMut() -> Option<T>) -> T {
    let started = now();
    loop {
        if let Some(answer) = answer() {
            return answer;
        }
        assert!(now().since(started) < PATIENCE, "waited in vain for {what}");
        std::thread::sleep(INTERVAL);
    }
}

/// For measuring how long something takes.
pub fn now() -> BootTime {
    SystemClock.now().boot
}
