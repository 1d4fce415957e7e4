//! Programs that the configuration names.

use std::fmt;

/// A program and its arguments; no shell. The arguments are never shown: there are programs that
/// take a secret as one.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CommandLine(pub Box<[Box<str>]>);

impl CommandLine {
    /// The program, as it may be shown: the first word. Whoever writes a whole command line as one
    /// item has its arguments, and the secrets among them, in there too.
    pub fn program(&self) -> &str {
        self.0.first().and_then(|item| item.split_whitespace().next()).unwrap_or_default()
    }
}

impl fmt::Debug for CommandLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.program(), f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::credential::fixture::words;

    #[test]
    fn only_the_program_is_shown() {
        for (items, program) in [
            (&["/usr/bin/vault", "-token=s3cret"][..], "/usr/bin/vault"),
            (&["vault login -token=s3cret", "s3cret"], "vault"),
            (&[], ""),
        ] {
            let line = CommandLine(words(items));
            assert_eq!((line.program(), format!("{line:?}")), (program, format!("{program:?}")));
        }
    }
}
