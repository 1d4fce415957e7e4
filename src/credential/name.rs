//! Names and digests: how a credential is known.

use std::{fmt, sync::Arc};

use aws_lc_rs::digest;

/// The name of a credential. Letters, digits, `.`, `_`, `-`, at most 128 of them, and no leading
/// dot; after an `@`, the value of a `for_each`. Safe as a file name, a metric label and a log
/// field.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Name(Arc<str>);

/// A SHA-256 digest of something secret or long.
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

    /// The name of the token that `base` has for `value` of its `for_each`: `base@value`. `None` if
    /// the value is too long, begins with a dot or has other characters than those of a name and
    /// `@`, `+`, `=`, `~`, `,` and `:`.
    pub fn instance(base: &str, value: &str) -> Option<Self> {
        let base = Self::parse(base)?;
        let plain = |c: char| c.is_ascii_alphanumeric() || "._-@+=~,:".contains(c);
        let valid = !value.is_empty() && !value.starts_with('.') && value.chars().all(plain);
        let name = format!("{base}@{value}");
        (valid && name.len() <= Self::MAX_LEN).then(|| Self(name.into()))
    }

    /// A name of either kind, as it is written; `None` if `text` is none.
    pub fn written(text: &str) -> Option<Self> {
        match text.split_once('@') {
            Some((base, value)) => Self::instance(base, value),
            None => Self::parse(text),
        }
    }

    /// Whether it is that of a token of `base`'s `for_each`.
    pub fn is_instance_of(&self, base: &str) -> bool {
        self.0.strip_prefix(base).is_some_and(|rest| rest.starts_with('@'))
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

impl Fingerprint {
    /// The digest of `bytes`.
    pub fn of(bytes: &[u8]) -> Self {
        let mut digest = [0; 32];
        digest.copy_from_slice(digest::digest(&digest::SHA256, bytes).as_ref());
        Self(digest)
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
    fn a_value_cannot_lead_anywhere() {
        for good in ["eu-west-2_AbcdEfghI", "user@example.com", "a:b~c"] {
            assert_eq!(Name::instance("x", good).unwrap().as_str(), format!("x@{good}"));
        }
        assert_eq!(Name::written("x@a@b"), Name::instance("x", "a@b"));
        assert_eq!(Name::written("x"), Name::parse("x"));
        assert!(Name::instance("x", "a").unwrap().is_instance_of("x"));
        assert!(!Name::instance("xy", "a").unwrap().is_instance_of("x"));
        for bad in ["", ".", "..", "../x", "a/b", "a b", "a\n", "a$b", &"x".repeat(127)] {
            assert!(Name::instance("x", bad).is_none(), "{bad:?}");
        }
    }

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
