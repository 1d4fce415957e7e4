//! Where a value is kept.

use std::{fmt, path::Path};

use super::FieldPath;
use crate::secret::Secret;

/// Where a value is kept. It is read again at each use.
#[derive(Clone, PartialEq, Eq, Hash)]
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
    /// What a program prints (argument list, no shell); one trailing line break is dropped.
    Command(Box<[Box<str>]>),
}

impl fmt::Debug for ValueSource {
    /// Where, and never with which arguments: there are programs that take a secret as one.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Literal(value) => f.debug_tuple("Literal").field(value).finish(),
            Self::Env(name) => f.debug_tuple("Env").field(name).finish(),
            Self::File(path) => f.debug_tuple("File").field(path).finish(),
            Self::JsonFile { path, field } => {
                write!(f, "JsonFile({path:?}, {field})")
            }
            Self::SystemdCredential(name) => {
                f.debug_tuple("SystemdCredential").field(name).finish()
            }
            Self::Command(argv) => f.debug_tuple("Command").field(&program(argv)).finish(),
        }
    }
}

/// The program of an argument list, as it may be shown: its first word. Whoever writes a whole
/// command line as one item has its arguments, and the secrets among them, in there too.
pub fn program(argv: &[Box<str>]) -> &str {
    argv.first().and_then(|program| program.split_whitespace().next()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_command_line_in_one_item_only_the_program_is_shown() {
        let argv =
            |items: &[&str]| -> Box<[Box<str>]> { items.iter().map(|&i| i.into()).collect() };
        assert_eq!(program(&argv(&["vault login -token=s3cret", "s3cret"])), "vault");
        assert_eq!(program(&argv(&["/usr/bin/vault"])), "/usr/bin/vault");
        assert_eq!(program(&[]), "");
        let source = ValueSource::Command(argv(&["/usr/bin/vault", "-token=s3cret"]));
        assert_eq!(format!("{source:?}"), r#"Command("/usr/bin/vault")"#);
    }
}
