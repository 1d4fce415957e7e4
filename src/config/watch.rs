//! Notices that a watched file has other content than before.
//!
//! Events only say *when* to look; *whether* something changed is decided by content. That is
//! what survives an editor's rename, the `..data` swap of Kubernetes (which replaces a folder two
//! links away), a lost event, and our own writing beside a watched file.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs, io,
    path::{Component, Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use aws_lc_rs::digest::{Context, SHA256};
use notify::{RecommendedWatcher, RecursiveMode, Watcher, event::EventKind};
use tokio::{sync::Notify, time::timeout};

use crate::{credential::Fingerprint, error::Fault};

/// A change is looked at when it has been quiet for this long: a rename-save is several events.
const QUIET: Duration = Duration::from_millis(200);

/// Steady writing beside a watched file must not put a change off for longer.
const AT_MOST: Duration = Duration::from_secs(2);

/// Network file systems and some bind mounts send no events.
const BACKSTOP: Duration = Duration::from_secs(30);

/// Links that are followed from one path, as `SYMLOOP_MAX` has it.
const MAX_LINKS: usize = 40;

/// Watches files and folders for other content.
pub struct Watch {
    paths: BTreeSet<PathBuf>,
    contents: BTreeMap<PathBuf, Content>,
    events: Option<Events>,
    /// An event was seen and its change was not looked for yet.
    suspicious: bool,
}

/// What stands at a path, and what the file system says of it.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Content {
    stamp: Stamp,
    digest: Option<Fingerprint>,
}

/// Device, inode, size, and the dates of content and inode. Without an event, a file that keeps
/// all of them is not read again. With one it is: two writes in one tick have equal dates.
type Stamp = Option<(u64, u64, u64, i64, i64, i64, i64)>;

/// The kernel's events for the folders that matter.
struct Events {
    watcher: RecommendedWatcher,
    watched: BTreeSet<PathBuf>,
    dirty: Arc<Notify>,
}

/// The kernel's events cannot be had. Changes are still noticed, within half a minute.
#[derive(Debug, thiserror::Error)]
#[error(
    "file changes are noticed only every 30 s: {0}; raise fs.inotify.max_user_instances or max_user_watches"
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

impl Content {
    /// What stands at a path. It is not read if it looks the same as `before`.
    fn read(path: &Path, before: Option<Self>) -> Self {
        let stamp = stamp(path);
        match before {
            Some(before) if stamp.is_some() && before.stamp == stamp => before,
            _ => Self { stamp, digest: digest(path).ok() },
        }
    }
}

fn stamp(path: &Path) -> Stamp {
    use std::os::unix::fs::MetadataExt;
    let it = fs::metadata(path).ok()?;
    let dates = (it.mtime(), it.mtime_nsec(), it.ctime(), it.ctime_nsec());
    Some((it.dev(), it.ino(), it.size(), dates.0, dates.1, dates.2, dates.3))
}

/// The digest of a file's bytes, or of the names in a folder.
fn digest(path: &Path) -> io::Result<Fingerprint> {
    let mut context = Context::new(&SHA256);
    if fs::metadata(path)?.is_dir() {
        let mut names = Vec::new();
        for entry in fs::read_dir(path)? {
            names.push(entry?.file_name());
        }
        names.sort_unstable();
        for name in names {
            context.update(name.as_encoded_bytes());
            context.update(b"/");
        }
    } else {
        let bytes = zeroize::Zeroizing::new(fs::read(path)?);
        context.update(&bytes);
    }
    let mut digest = [0; 32];
    digest.copy_from_slice(context.finish().as_ref());
    Ok(Fingerprint(digest))
}

/// The existing folders in which a change can change what `path` leads to: the folder of each
/// name on the way that is a link, and that of the file itself. A file that is a mount point of
/// its own, as in a container, is watched itself too: its folder sees nothing of it.
fn places(path: &Path) -> BTreeSet<PathBuf> {
    let mut places = BTreeSet::new();
    let mut links = 0;
    let mut walked = PathBuf::new();
    let mut ahead: Vec<PathBuf> = names(path);
    while let Some(name) = ahead.pop() {
        let here = walked.join(&name);
        match fs::read_link(&here) {
            Ok(target) if links < MAX_LINKS => {
                links += 1;
                places.insert(folder(&walked));
                ahead.extend(names(&target));
            }
            _ if ahead.is_empty() => {
                places.insert(nearest_folder(&walked));
                let own_mount = device(&here).is_some() && device(&here) != device(&walked);
                if own_mount || here.is_dir() {
                    places.insert(here.clone());
                }
                walked = here;
            }
            _ => walked = here,
        }
    }
    places
}

/// The names of a path, the first one last.
fn names(path: &Path) -> Vec<PathBuf> {
    path.components()
        .rev()
        .filter(|part| *part != Component::CurDir)
        .map(|part| PathBuf::from(part.as_os_str()))
        .collect()
}

fn folder(path: &Path) -> PathBuf {
    if path.as_os_str().is_empty() { PathBuf::from(".") } else { path.to_owned() }
}

/// The folder, or the nearest one above it that exists: there it will appear.
fn nearest_folder(path: &Path) -> PathBuf {
    path.ancestors().map(folder).find(|folder| folder.is_dir()).unwrap_or_else(|| ".".into())
}

fn device(path: &Path) -> Option<u64> {
    use std::os::unix::fs::MetadataExt;
    fs::metadata(folder(path)).ok().map(|it| it.dev())
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    /// Long enough for a slow machine; a test that passes never waits for it.
    const DEADLINE: Duration = Duration::from_secs(20);

    /// Long enough for an event to be looked at, and reported if it were a change.
    const LONGER_THAN_A_LOOK: Duration = Duration::from_millis(600);

    #[expect(clippy::disallowed_methods, reason = "a file of a test is no output")]
    fn write(path: &Path, text: &str) {
        fs::write(path, text).expect("a file");
    }

    fn rename_save(path: &Path, text: &str) {
        let new = path.with_extension("new");
        write(&new, text);
        fs::rename(new, path).expect("a rename");
    }

    fn watch(paths: &[&Path]) -> Watch {
        let (watch, error) = Watch::new(paths.iter().map(|path| path.to_path_buf()));
        assert!(error.is_none(), "{error:?}");
        watch
    }

    async fn reports(watch: &mut Watch) -> bool {
        timeout(DEADLINE, watch.changed()).await.is_ok()
    }

    async fn stays_silent(watch: &mut Watch) -> bool {
        timeout(LONGER_THAN_A_LOOK, watch.changed()).await.is_err()
    }

    #[tokio::test]
    async fn every_way_to_change_a_file_is_noticed() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("config.yaml");
        write(&file, "0");
        let mut watch = watch(&[&file]);
        let changes: [(&str, fn(&Path)); 6] = [
            ("in place", |file| write(file, "1")),
            ("in place, of the same size", |file| write(file, "2")),
            ("rename-save", |file| rename_save(file, "3")),
            ("rename-save again", |file| rename_save(file, "4")),
            ("delete", |file| fs::remove_file(file).expect("a file")),
            ("create again", |file| write(file, "5")),
        ];
        for (name, change) in changes {
            change(&file);
            assert!(reports(&mut watch).await, "{name}");
        }
    }

    #[tokio::test]
    async fn what_leaves_the_content_alone_is_no_change() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("config.yaml");
        write(&file, "same");
        let mut watch = watch(&[&file]);
        write(&file, "same");
        rename_save(&file, "same");
        write(&folder.path().join("output of ours"), "token");
        assert!(stays_silent(&mut watch).await);
        write(&file, "other");
        assert!(reports(&mut watch).await, "and it still listens");
    }

    #[tokio::test]
    async fn the_data_swap_of_kubernetes_is_noticed_each_time() {
        let folder = tempfile::tempdir().expect("a folder");
        let swap = |version: u32| {
            let data = folder.path().join(format!("..v{version}"));
            fs::create_dir(&data).expect("a folder");
            write(&data.join("config.yaml"), &version.to_string());
            let link = folder.path().join("..data_tmp");
            symlink(format!("..v{version}"), &link).expect("a link");
            fs::rename(link, folder.path().join("..data")).expect("a rename");
            if let Some(before) = version.checked_sub(1) {
                fs::remove_dir_all(folder.path().join(format!("..v{before}"))).expect("a folder");
            }
        };
        fs::create_dir(folder.path().join("..v0")).expect("a folder");
        swap(1);
        let file = folder.path().join("config.yaml");
        symlink("..data/config.yaml", &file).expect("a link");
        let mut watch = watch(&[&file]);
        for version in 2..=4 {
            swap(version);
            assert!(reports(&mut watch).await, "swap to {version}");
        }
    }

    #[tokio::test]
    async fn a_file_may_appear_in_a_watched_folder_or_in_one_that_is_not_there_yet() {
        let folder = tempfile::tempdir().expect("a folder");
        let included = folder.path().join("conf.d");
        fs::create_dir(&included).expect("a folder");
        let later = folder.path().join("a/b/secret");
        let mut watch = watch(&[&included, &later]);
        write(&included.join("new.yaml"), "credentials: {}");
        assert!(reports(&mut watch).await, "a new file in the folder");
        fs::create_dir_all(folder.path().join("a/b")).expect("a folder");
        assert!(stays_silent(&mut watch).await, "a folder alone is no secret");
        write(&later, "secret");
        assert!(reports(&mut watch).await, "the secret appears");
    }

    #[tokio::test]
    async fn a_dropped_wait_loses_no_change() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("config.yaml");
        write(&file, "0");
        let mut watch = watch(&[&file]);
        write(&file, "1");
        // Dropped in the quiet time, when the event has been taken already.
        assert!(timeout(QUIET / 2, watch.changed()).await.is_err());
        assert!(reports(&mut watch).await);
    }
}
