//! Notices that a watched file has other content than before.
//!
//! Events only say *when* to look; *whether* something changed is decided by content. That is
//! what survives an editor's rename, the `..data` swap of Kubernetes (which replaces a folder two
//! links away), a lost event, and our own writing beside a watched file.

mod content;
mod places;
#[cfg(test)]
mod tests;

use std::{
    collections::{BTreeMap, BTreeSet},
    path::PathBuf,
    sync::Arc,
    time::Duration,
};

use ::notify::{self, RecommendedWatcher, RecursiveMode, Watcher, event::EventKind};
use tokio::{sync::Notify, time::timeout};

use crate::error::Fault;
use content::Content;
use places::places;

/// A change is looked at when it has been quiet for this long: a rename-save is several events.
const QUIET: Duration = Duration::from_millis(200);

/// Steady writing beside a watched file must not put a change off for longer.
const AT_MOST: Duration = Duration::from_secs(2);

/// Network file systems and some bind mounts send no events.
const BACKSTOP: Duration = Duration::from_secs(30);

/// Watches files and folders for other content.
pub struct Watch {
    paths: BTreeSet<PathBuf>,
    contents: BTreeMap<PathBuf, Content>,
    events: Option<Events>,
    /// An event was seen and its change was not looked for yet.
    suspicious: bool,
}

/// The kernel's events for the folders that matter.
struct Events {
    watcher: RecommendedWatcher,
    watched: BTreeSet<PathBuf>,
    dirty: Arc<Notify>,
}

/// The kernel's events cannot be had. Changes are still noticed, within half a minute.
#[derive(Debug, thiserror::Error)]
#[error(
    "file changes are noticed only every 30 s: {0}; \
     raise fs.inotify.max_user_instances or fs.inotify.max_user_watches"
)]
pub struct WatchError(#[from] notify::Error);

impl WatchError {
    /// It concerns this machine alone.
    pub const fn fault(&self) -> Fault {
        Fault::Local
    }
}

impl Watch {
    /// Watches these files and folders from their content now. The error, if any, says why
    /// changes will be noticed late.
    pub fn new(paths: impl IntoIterator<Item = PathBuf>) -> (Self, Option<WatchError>) {
        let (events, error) = match Events::new() {
            Ok(events) => (Some(events), None),
            Err(error) => (None, Some(error)),
        };
        let mut watch =
            Self { paths: BTreeSet::new(), contents: BTreeMap::new(), events, suspicious: false };
        let later = watch.set_paths(paths).err();
        (watch, error.or(later))
    }

    /// Watches other files and folders from now on. What was watched before keeps the content it
    /// had, so that no change is lost in between; set the paths before reading the files.
    pub fn set_paths(
        &mut self,
        paths: impl IntoIterator<Item = PathBuf>,
    ) -> Result<(), WatchError> {
        self.paths = paths.into_iter().collect();
        let result = self.resolve();
        let mut before = std::mem::take(&mut self.contents);
        for path in &self.paths {
            let content = before.remove(path).unwrap_or_else(|| Content::read(path, None));
            self.contents.insert(path.clone(), content);
        }
        result
    }

    /// Waits until the content of a watched file, or the names in a watched folder, are different
    /// from what they were at the last report. It can be dropped at any time without losing a
    /// change.
    pub async fn changed(&mut self) {
        loop {
            self.quiet_after_event().await;
            // Links may lead elsewhere now. A failure leaves the backstop.
            let _ = self.resolve();
            let suspicious = std::mem::take(&mut self.suspicious);
            if self.compare(suspicious) {
                return;
            }
        }
    }

    /// Waits for an event, or for the backstop, and then until it is quiet.
    async fn quiet_after_event(&mut self) {
        let Some(events) = &self.events else {
            return tokio::time::sleep(BACKSTOP).await;
        };
        let event = timeout(BACKSTOP, events.dirty.notified());
        self.suspicious = self.suspicious || event.await.is_ok();
        if self.suspicious {
            let quiet = async { while timeout(QUIET, events.dirty.notified()).await.is_ok() {} };
            let _ = timeout(AT_MOST, quiet).await;
        }
    }

    /// Watches the folders that matter now, and no others.
    fn resolve(&mut self) -> Result<(), WatchError> {
        let wanted = self.paths.iter().flat_map(|path| places(path)).collect();
        self.events.as_mut().map_or(Ok(()), |events| events.watch(wanted))
    }

    fn compare(&mut self, suspicious: bool) -> bool {
        let mut changed = false;
        for (path, before) in &mut self.contents {
            let after = Content::read(path, (!suspicious).then_some(*before));
            changed |= after.digest != before.digest;
            *before = after;
        }
        changed
    }
}

impl Events {
    fn new() -> Result<Self, WatchError> {
        let dirty = Arc::new(Notify::new());
        let bell = Arc::clone(&dirty);
        // Reading is what we do ourselves; every other event, and every error, may mean anything.
        let watcher = notify::recommended_watcher(move |event: notify::Result<notify::Event>| {
            if !matches!(event, Ok(notify::Event { kind: EventKind::Access(_), .. })) {
                bell.notify_one();
            }
        })?;
        Ok(Self { watcher, watched: BTreeSet::new(), dirty })
    }

    fn watch(&mut self, wanted: BTreeSet<PathBuf>) -> Result<(), WatchError> {
        for path in self.watched.difference(&wanted) {
            // It fails if the folder is gone, and then there is nothing to unwatch.
            let _ = self.watcher.unwatch(path);
        }
        let mut failure = None;
        for path in &wanted {
            // A folder that was replaced by another of its name needs a new watch, so even those
            // that are watched already are watched again.
            match self.watcher.watch(path, RecursiveMode::NonRecursive) {
                Ok(()) => {}
                Err(error) => failure = Some(error),
            }
        }
        self.watched = wanted;
        failure.map_or(Ok(()), |error| Err(error.into()))
    }
}
