//! Finds what would stop a publication before there is a token to lose by it. Writes nothing that
//! lasts.

use std::{
    collections::HashSet,
    path::{Path, PathBuf},
    time::Duration,
};

use super::{OutputError, access, place, render};
use crate::{
    atomic::{AtomicError, Directory, Trouble},
    clock::Now,
    credential::{Access, Output},
    token::IssuedToken,
};

/// Every problem of these outputs that can be known now; empty if there is none.
pub fn preflight(directory: &Path, outputs: &[Output]) -> Vec<OutputError> {
    let root = match Directory::open(directory) {
        Ok(root) => root,
        Err(error) => return vec![error.into()],
    };
    let mut tried = HashSet::new();
    outputs.iter().filter_map(|output| check(&root, output, &mut tried).err()).collect()
}

/// `tried` holds the folders that have been written in: a folder is told once, not for each of its
/// files.
fn check(
    root: &Directory,
    output: &Output,
    tried: &mut HashSet<(PathBuf, Access)>,
) -> Result<(), OutputError> {
    render(output, None, &specimen())?;
    let access = access::resolve(&output.path, &output.access)?;
    let (parent, name) = place(&output.path)?;
    let (folder, path) = deepest(root, parent)?;
    if path == parent {
        folder.check_target(name)?;
        if let Some(neighbour) = output.expiry_path() {
            folder.check_target(place(&neighbour)?.1)?;
        }
    }
    if tried.insert((path.to_path_buf(), Access::clone(&output.access))) {
        folder.check_writing(access)?;
    }
    Ok(())
}

/// The deepest folder on the way that exists: publishing will create the others in it.
fn deepest<'a>(root: &Directory, path: &'a Path) -> Result<(Directory, &'a Path), AtomicError> {
    let mut missing = None;
    for ancestor in path.ancestors() {
        match root.open_below(ancestor) {
            Ok(folder) => return Ok((folder, ancestor)),
            Err(error) if error.trouble == Trouble::MissingFolder => missing = Some(error),
            Err(error) => return Err(error),
        }
    }
    // An absolute path, of which even the root is outside.
    Err(missing.unwrap_or(AtomicError { path: path.into(), trouble: Trouble::Outside }))
}

/// A token that fits everywhere: what is refused with it is refused with every other.
fn specimen() -> IssuedToken {
    IssuedToken::bearer("token".into(), Now::default(), Duration::ZERO)
}
