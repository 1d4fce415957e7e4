//! A consumer that is to be told, and what it has not been told yet.

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use super::{Id, backoff};
use crate::{clock::BootTime, credential::Notification};

/// How long changes are gathered before a consumer is told, so that ten tokens that rotate
/// together restart it once.
const DEBOUNCE: Duration = Duration::from_secs(1);

/// One distinct notification, shared by every credential that names it.
#[derive(Debug)]
pub struct Target {
    /// Which one.
    pub notification: Arc<Notification>,
    /// Among those with something to be told, under this moment.
    pub seat: Option<BootTime>,
    /// Whose outputs changed since the consumer was last told.
    pub pending: BTreeSet<Id>,
    /// Whose changes it is being told of now.
    pub telling: BTreeSet<Id>,
    /// How many credentials use it; at zero it is forgotten.
    pub users: usize,
    due: BootTime,
    failures: u32,
}

impl Target {
    /// A consumer with nothing to be told.
    pub fn new(notification: Arc<Notification>) -> Self {
        Self {
            notification,
            seat: None,
            pending: BTreeSet::new(),
            telling: BTreeSet::new(),
            users: 0,
            due: BootTime::default(),
            failures: 0,
        }
    }

    /// When the consumer is to be told; `None` if there is nothing to tell or it is being told.
    pub fn due(&self) -> Option<BootTime> {
        (self.telling.is_empty() && !self.pending.is_empty()).then_some(self.due)
    }

    /// The outputs of `id` changed.
    pub fn add(&mut self, id: Id, now: BootTime) {
        if self.pending.is_empty() && self.telling.is_empty() {
            self.due = now + DEBOUNCE;
        }
        self.pending.insert(id);
    }

    /// The consumer is being told of everything pending.
    pub fn start(&mut self) {
        self.telling = std::mem::take(&mut self.pending);
    }

    /// It was told, or it was not; then what it was not told stays pending.
    pub fn finish(&mut self, told: bool, now: BootTime, draw: f64) {
        let telling = std::mem::take(&mut self.telling);
        if told {
            self.failures = 0;
            self.due = now + DEBOUNCE;
        } else {
            self.pending.extend(telling);
            self.failures = self.failures.saturating_add(1);
            self.due = now + backoff::NOTIFY.delay(self.failures, draw);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn target() -> Target {
        let pid_file = std::path::Path::new("/run/app.pid").into();
        Target::new(Arc::new(Notification::Signal { pid_file, signal: 1 }))
    }

    fn at(millis: u64) -> BootTime {
        BootTime::from_millis(millis)
    }

    #[test]
    fn changes_within_the_window_are_told_once() {
        let mut target = target();
        target.add(Id(1), at(0));
        target.add(Id(2), at(900));
        assert_eq!(target.due(), Some(at(1_000)), "the second change does not move the first");
        target.start();
        assert_eq!((target.due(), target.telling.len()), (None, 2));
        target.finish(true, at(1_000), 0.0);
        assert_eq!(target.due(), None);
    }

    #[test]
    fn a_failure_is_retried_by_itself_and_loses_nothing() {
        let mut target = target();
        target.add(Id(1), at(0));
        target.start();
        target.add(Id(2), at(1_100));
        target.finish(false, at(2_000), 0.0);
        assert_eq!(target.pending, [Id(1), Id(2)].into());
        assert_eq!(target.due(), Some(at(3_000)));
        target.start();
        target.finish(false, at(3_000), 0.0);
        assert_eq!(target.due(), Some(at(5_000)));
    }
}
