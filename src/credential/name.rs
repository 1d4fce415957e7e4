//! Names and digests: how a credential is known.

use std::{fmt, sync::Arc};

/// The name of a credential. Letters, digits, `.`, `_`, `-`, at most 128 of them, and no leading
/// dot: safe as a file name, a metric label and a log field.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Name(Arc<str>);

/// A SHA-256 digest.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Fingerprint(pub [u8; 32]);

impl Name {
    /// The longest name in bytes: `NAME.json` and a temporary name must fit into a file name.
    pub const MAX_LEN: usize = 128;

    /// `None` if `text` is not a name; see [`Name`] for what is.
    pub fn parse(text: &str) -> Option<Self> {
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
        let valid = !text.is_empty()
            && text.len() <= Self::MAX_LEN
            && !text.starts_with('.')
            && text.chars().all(plain);
        valid.then(|| Self(text.into()))
    }

    /// The text of the name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl fmt::Debug for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&*self.0, f)
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_safe_everywhere() {
        for good in ["a", "user-testing_2.eu", &"x".repeat(128)] {
            assert!(Name::parse(good).is_some(), "{good}");
        }
        for bad in ["", ".hidden", "a/b", "a b", "ä", "a\n", &"x".repeat(129)] {
            assert!(Name::parse(bad).is_none(), "{bad:?}");
        }
    }
}
