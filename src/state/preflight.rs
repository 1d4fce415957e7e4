//! Finds what would stop a daemon from keeping tokens, before it is started. Writes nothing that
//! lasts.

use std::path::Path;

use super::{ACCESS, StateError};
use crate::atomic::{Directory, Trouble};

/// Whether files can be made in the state directory or, if it is not there yet, in the folder in
/// which it will be created.
pub fn preflight(path: &Path) -> Result<(), StateError> {
    let there = path.ancestors().find(|folder| folder.exists()).unwrap_or(Path::new("."));
    let root = Directory::open(there)?;
    root.check_writing(ACCESS)?;
    if there != path {
        return Ok(());
    }
    for folder in ["tokens", "records", super::login::FOLDER] {
        match root.open_below(Path::new(folder)) {
            Ok(folder) => folder.check_writing(ACCESS)?,
            Err(error) if error.trouble == Trouble::MissingFolder => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}
