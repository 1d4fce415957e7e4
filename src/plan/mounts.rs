//! Files whose changes would never arrive, because of how they are mounted.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use super::Environment;
use crate::{
    config::{
        Loaded,
        node::{Node, Span, Value},
        problem::{Problem, Severity},
    },
    source::Mounted,
};

/// What is wrong with the mounts of these files and folders, each where a key names it.
pub fn check(
    loaded: &Loaded,
    environment: &Environment<'_>,
    watched: &[PathBuf],
    problems: &mut Vec<Problem>,
) {
    let mounted = |path: &PathBuf| Some((path.clone(), (environment.mounted)(path)?));
    let found: BTreeMap<PathBuf, Mounted> = watched.iter().filter_map(mounted).collect();
    if found.is_empty() {
        return;
    }
    let mut places = BTreeMap::new();
    locate(loaded, &loaded.root, &found, &mut places);
    let problem = |(path, mounted): (&PathBuf, &Mounted)| Problem {
        at: places.get(path).copied(),
        ..described(path, *mounted)
    };
    problems.extend(found.iter().map(problem));
}

/// Where each of these paths stands first. A path with a variable in it stands nowhere.
fn locate(
    loaded: &Loaded,
    node: &Node,
    wanted: &BTreeMap<PathBuf, Mounted>,
    places: &mut BTreeMap<PathBuf, Span>,
) {
    match &node.value {
        Value::Map(entries) => {
            for entry in entries {
                locate(loaded, &entry.value, wanted, places);
            }
        }
        Value::List(items) => {
            for item in items {
                locate(loaded, item, wanted, places);
            }
        }
        _ => {
            let path = node.text().map(|text| loaded.folder(node.at).join(text));
            if let Some(path) = path.filter(|path| wanted.contains_key(path)) {
                places.entry(path).or_insert(node.at);
            }
        }
    }
}

fn described(path: &Path, mounted: Mounted) -> Problem {
    let path = path.display();
    match mounted {
        Mounted::Version => Problem::nowhere(
            format!("{path} is mounted with subPath: it never changes until the pod is replaced"),
            "mount the whole ConfigMap or Secret as a folder, without subPath, and name the file \
             in that folder",
        ),
        Mounted::Alone => Problem {
            severity: Severity::Warning,
            ..Problem::nowhere(
                format!(
                    "{path} is mounted by itself: what is written into it is seen, but not a file \
                     that takes its place"
                ),
                "mount the folder that holds it",
            )
        },
    }
}
