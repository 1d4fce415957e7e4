//! The tree of a YAML document. Every node knows where it stands.

use std::{fmt, sync::Arc};

/// A stretch of a source file, in bytes. Lines and columns are counted only when a problem is
/// shown, so that a hundred thousand credentials cost nothing for them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    /// Index of the file among the loaded sources.
    pub file: u32,
    /// Its first byte.
    pub start: u32,
    /// The byte after its last.
    pub end: u32,
}

/// A value and where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Node {
    /// Where it stands.
    pub at: Span,
    /// What it is.
    pub value: Value,
}

/// What a node is. A scalar keeps the text that was written: what it means is decided by the
/// table of keys, so that `0640` stays four digits and `no` stays a word.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// Nothing, `~` or `null`.
    Null,
    /// A scalar.
    Text(Scalar),
    /// A sequence.
    List(Vec<Node>),
    /// A mapping, in its order, with duplicates.
    Map(Vec<Entry>),
}

/// A scalar as it was written.
#[derive(Clone, PartialEq, Eq)]
pub struct Scalar {
    /// Its text, without quotes.
    pub text: Box<str>,
    /// Whether it stood without quotes.
    pub plain: bool,
}

/// A key of a mapping and its value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The key.
    pub key: Arc<str>,
    /// Where the key stands.
    pub at: Span,
    /// The value.
    pub value: Node,
}

impl Entry {
    /// Whether an unknown key may be quoted. A secret that lost its key, or a comma, looks like a
    /// key without a value, or like no name at all.
    pub fn is_quotable(&self) -> bool {
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
        self.value.value != Value::Null && self.key.len() <= 64 && self.key.chars().all(plain)
    }

    /// The key as a message names it.
    pub fn quoted(&self) -> String {
        if self.is_quotable() { format!("`{}`", self.key) } else { "this key".to_owned() }
    }
}

impl Node {
    /// The value of a key; of the first, if it is given twice.
    pub fn find(&self, key: &str) -> Option<&Self> {
        self.entries().iter().find(|entry| *entry.key == *key).map(|entry| &entry.value)
    }

    /// The value at the end of a path of keys.
    pub fn find_path(&self, path: &[&str]) -> Option<&Self> {
        path.iter().try_fold(self, |node, key| node.find(key))
    }

    /// The entries of a mapping; none of anything else.
    pub fn entries(&self) -> &[Entry] {
        match &self.value {
            Value::Map(entries) => entries,
            _ => &[],
        }
    }

    /// The items of a list; a value that stands alone is a list of one.
    pub fn items(&self) -> &[Self] {
        match &self.value {
            Value::Null => &[],
            Value::List(items) => items,
            _ => std::slice::from_ref(self),
        }
    }

    /// The scalar, if it is one.
    pub fn scalar(&self) -> Option<&Scalar> {
        match &self.value {
            Value::Text(scalar) => Some(scalar),
            _ => None,
        }
    }

    /// The text of a scalar.
    pub fn text(&self) -> Option<&str> {
        self.scalar().map(|scalar| &*scalar.text)
    }

    /// What it is, in a reader's words.
    pub const fn kind(&self) -> &'static str {
        match &self.value {
            Value::Null => "nothing",
            Value::Text(_) => "a single value",
            Value::List(_) => "a list",
            Value::Map(_) => "a map of keys",
        }
    }
}

impl fmt::Debug for Scalar {
    /// A configuration may hold secrets, so its text is not shown.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.plain { "[plain]" } else { "[quoted]" })
    }
}
