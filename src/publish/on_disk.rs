//! What a consumer would read now. `wait`, `/ready` and `status` answer from this and from nothing
//! that the daemon remembers.

use std::path::Path;

use super::{OutputError, env_file, expiry_file, json_file, place};
use crate::{
    atomic::{Directory, Trouble},
    credential::{Content, Output},
    token::Expiry,
};

/// Above every file that a reply of 1 MiB can lead to.
const LIMIT: usize = 16 * 1024 * 1024;

/// What stands in an output's place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OnDisk {
    /// Nothing.
    Missing,
    /// Something that we have not written, or whose expiry cannot be told.
    Foreign,
    /// A token of ours, which may have expired since.
    Valid {
        /// The expiry, to the second.
        expiry: Expiry,
    },
}

/// Reads the expiry of an output from its file or from its neighbour.
pub fn expiry_on_disk(directory: &Path, output: &Output) -> Result<OnDisk, OutputError> {
    let (folder, name) = place(&output.path)?;
    let folder = match Directory::open(directory).and_then(|root| root.open_below(folder)) {
        Ok(folder) => folder,
        Err(error) if error.trouble == Trouble::MissingFolder => return Ok(OnDisk::Missing),
        Err(error) => return Err(error.into()),
    };
    let bytes = match folder.read(name, LIMIT) {
        Ok(Some(bytes)) => bytes,
        Ok(None) => return Ok(OnDisk::Missing),
        Err(error) if error.trouble.is_foreign() => return Ok(OnDisk::Foreign),
        Err(error) => return Err(error.into()),
    };
    let expiry = match (output.expiry_path(), &output.content) {
        _ if bytes.is_empty() => None,
        (Some(neighbour), _) => expiry_file::read(&folder, place(&neighbour)?.1)?,
        (None, Content::EnvFile { variables }) => env_file::expiry(variables, &bytes),
        (None, Content::JsonFile) => json_file::expiry(&bytes),
        (None, Content::TokenFile { .. } | Content::TemplateFile { .. }) => None,
    };
    Ok(expiry.map_or(OnDisk::Foreign, |expiry| OnDisk::Valid { expiry }))
}
