//! Bytes on disk for consumers, and Secrets in the cluster.
//!
//! Each kind of output has its file here, which knows how its bytes are written and how an expiry
//! is read back from them. A file that cannot show its expiry gets a neighbour that does. Of a
//! Secret there is a receipt.

mod access;
mod env_file;
mod error;
mod expiry_file;
mod json_file;
mod kubernetes_secret;
mod on_disk;
mod preflight;
mod template_file;
#[cfg(test)]
mod tests;
mod token_file;
mod withdraw;

use std::{collections::BTreeSet, ffi::OsStr, path::Path};

use crate::{
    atomic::{AtomicError, Directory, Durability, Replaced, Trouble},
    credential::{Content, Output},
    token::IssuedToken,
};

pub use self::{
    access::resolve,
    env_file::VariableError,
    error::{OutputError, PublishError, both},
    kubernetes_secret::{apply, withdraw_secrets},
    on_disk::{OnDisk, expiry_on_disk},
    preflight::preflight,
    withdraw::withdraw,
};

/// What a publication has changed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Publication {
    /// The outputs that hold other bytes now or other permissions: paths below the output
    /// directory, and Secrets. Empty: nobody needs to be told.
    pub changed: Vec<Box<str>>,
}

/// Sub-folders let everybody pass, because the files in them say who may read; an output directory
/// of a narrower mode fences all of them.
const FOLDER_MODE: u32 = 0o755;

/// Writes the token into every output, each whole and durable. An output that cannot be written
/// does not stop the others, and keeps what it held. `scheme` is what stands before the token in
/// an `Authorization` header, if it is not the token's type. Blocks on the disk.
pub fn publish(
    directory: &Path,
    outputs: &[Output],
    scheme: Option<&str>,
    token: &IssuedToken,
) -> Result<Publication, PublishError> {
    let mut publication = Publication::default();
    let root = match Directory::open(directory) {
        Ok(root) => root,
        Err(error) => return Err(PublishError { publication, failures: vec![error.into()] }),
    };
    let mut failures = Vec::new();
    for output in outputs {
        match publish_one(&root, output, scheme, token) {
            Ok(Replaced::Written) => publication.changed.push(output.label()),
            Ok(Replaced::Unchanged) => {}
            Err(error) => failures.push(error),
        }
    }
    if failures.is_empty() { Ok(publication) } else { Err(PublishError { publication, failures }) }
}

/// Removes the temporary files that a killed daemon left beside these outputs, and says how many.
/// A folder that cannot be read is passed over: publishing into it will say why.
pub fn sweep<'a>(directory: &Path, outputs: impl IntoIterator<Item = &'a Output>) -> usize {
    let Ok(root) = Directory::open(directory) else { return 0 };
    let folders: BTreeSet<_> =
        outputs.into_iter().filter_map(|output| output.path.parent()).collect();
    let swept = |folder: &Path| root.open_below(folder).and_then(|folder| folder.sweep());
    folders.into_iter().filter_map(|folder| swept(folder).ok()).sum()
}

fn publish_one(
    root: &Directory,
    output: &Output,
    scheme: Option<&str>,
    token: &IssuedToken,
) -> Result<Replaced, OutputError> {
    let bytes = render(output, scheme, token)?;
    let access = access::resolve(&output.path, &output.access)?;
    let (folder, name) = place(&output.path)?;
    let folder = root.create_below(folder, FOLDER_MODE)?;
    let mut files = vec![(name.to_owned(), bytes)];
    if let Some(path) = output.expiry_path() {
        let (_, name) = place(&path)?;
        let expiry = token.expiry();
        // A daemon that gives its files away need not be able to read them; then the common order
        // is right, because a new token mostly expires later.
        let on_disk = expiry_file::read(&folder, name).unwrap_or_default();
        files.push((name.to_owned(), expiry_file::render(expiry)));
        // Whoever reads between the two writes, or after a failed second one, must not believe
        // that a token lives longer than it does.
        let earlier = on_disk.is_some_and(|on_disk| expiry < on_disk);
        if earlier {
            files.reverse();
        }
    }
    let mut replaced = Replaced::Unchanged;
    for (name, bytes) in files {
        if folder.replace(&name, &bytes, access, Durability::Durable)? == Replaced::Written {
            replaced = Replaced::Written;
        }
    }
    Ok(replaced)
}

fn render(
    output: &Output,
    scheme: Option<&str>,
    token: &IssuedToken,
) -> Result<Vec<u8>, OutputError> {
    match &output.content {
        Content::TokenFile { newline } => Ok(token_file::render(token, *newline)),
        Content::EnvFile { variables } => env_file::render(variables, scheme, token)
            .map_err(|error| OutputError::Variable { path: output.path.clone(), error }),
        Content::JsonFile => Ok(json_file::render(token)),
        Content::TemplateFile { text } => Ok(template_file::render(text, scheme, token)),
    }
}

/// The folder and the name of an output. `plan` has refused what is not of plain names, and so
/// does `atomic`; a path without a last name is refused here.
fn place(path: &Path) -> Result<(&Path, &OsStr), OutputError> {
    path.parent()
        .zip(path.file_name())
        .ok_or_else(|| AtomicError { path: path.into(), trouble: Trouble::Outside }.into())
}
