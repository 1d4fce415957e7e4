//! Which folders to watch for a path.

use std::{
    collections::BTreeSet,
    fs,
    os::unix::fs::MetadataExt,
    path::{Component, Path, PathBuf},
};

/// Links that are followed from one path, as `SYMLOOP_MAX` has it.
const MAX_LINKS: usize = 40;

/// The existing folders in which a change can change what `path` leads to: the folder of each
/// name on the way that is a link, and that of the file itself. A file that is a mount point of
/// its own, as in a container, is watched itself too: its folder sees nothing of it.
pub fn places(path: &Path) -> BTreeSet<PathBuf> {
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
    fs::metadata(folder(path)).ok().map(|it| it.dev())
}
