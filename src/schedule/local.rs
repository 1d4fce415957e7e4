//! What a credential has to do on this machine: save, take over a log-in, publish.

use std::time::Duration;

use super::backoff;
use crate::clock::BootTime;

/// A step on this machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Local {
    /// Make what is in hand durable.
    Save,
    /// Take over a log-in.
    Adopt,
    /// Write the token to its outputs.
    Publish,
}

/// When each of them is to be done, if it is.
#[derive(Clone, Copy, Debug, Default)]
pub struct LocalWork {
    save_at: Option<BootTime>,
    adopt_at: Option<BootTime>,
    publish_at: Option<BootTime>,
    failures: u32,
}

impl LocalWork {
    /// A publication, and nothing else.
    pub fn publication(at: Option<BootTime>) -> Self {
        Self { publish_at: at, ..Self::default() }
    }

    /// What comes next, and when. What is in hand is saved first, since it would overwrite a log-in;
    /// then a log-in is taken over, since it would be published over.
    pub fn next(&self) -> Option<(Local, BootTime)> {
        let save = self.save_at.map(|at| (Local::Save, at));
        save.or_else(|| match (self.adopt_at, self.publish_at) {
            (Some(adopt_at), Some(publish_at)) if publish_at < adopt_at => {
                Some((Local::Publish, publish_at))
            }
            (Some(adopt_at), _) => Some((Local::Adopt, adopt_at)),
            (None, publish_at) => publish_at.map(|at| (Local::Publish, at)),
        })
    }

    /// What comes next goes under way: what is wanted from here on comes after it.
    pub fn start(&mut self) -> Option<Local> {
        let (local, _) = self.next()?;
        *self.moment_of(local) = None;
        Some(local)
    }

    /// A save is wanted.
    pub fn save(&mut self, now: BootTime) {
        self.save_at = Some(now);
    }

    /// A log-in waits.
    pub fn adopt(&mut self, now: BootTime) {
        self.adopt_at = Some(now);
    }

    /// A publication is wanted; one that is tried again later stays where it is.
    pub fn publish(&mut self, now: BootTime) {
        self.publish_at.get_or_insert(now);
    }

    /// What was in hand is durable: it is published now, whatever failed before.
    pub fn saved(&mut self, now: BootTime) {
        self.publish_at = Some(now);
    }

    /// A step succeeded.
    pub fn succeeded(&mut self) {
        self.failures = 0;
    }

    /// A step failed, and is tried again.
    pub fn failed(&mut self, local: Local, now: BootTime, draw: f64) {
        self.failures = self.failures.saturating_add(1);
        let delay: Duration = backoff::LOCAL.delay(self.failures, draw);
        *self.moment_of(local) = Some(now + delay);
    }

    fn moment_of(&mut self, local: Local) -> &mut Option<BootTime> {
        match local {
            Local::Save => &mut self.save_at,
            Local::Adopt => &mut self.adopt_at,
            Local::Publish => &mut self.publish_at,
        }
    }
}
