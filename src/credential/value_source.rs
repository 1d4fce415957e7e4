//! Where a value is kept.

use std::path::Path;

use super::{CommandLine, FieldPath};
use crate::secret::Secret;

/// Where a value is kept. It is read again at each use.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum ValueSource {
    /// In the configuration itself.
    Literal(Secret),
    /// An environment variable of the daemon.
    Env(Box<str>),
    /// A file; one trailing line break is not part of the value.
    File(Box<Path>),
    /// A field of a JSON file, such as the key of a service account.
    JsonFile {
        /// The file.
        path: Box<Path>,
        /// The field.
        field: Box<FieldPath>,
    },
    /// A file of this name in `$CREDENTIALS_DIRECTORY` (systemd's `LoadCredential=`).
    SystemdCredential(Box<str>),
    /// What a program prints; one trailing line break is dropped.
    Command(CommandLine),
}
