//! The words in which the table of keys is written.

use super::scalar::ScalarKind;
use crate::credential::Name;

/// A group of keys.
#[derive(Debug)]
pub struct Section {
    /// Its heading in the reference, and its name in the JSON Schema.
    pub title: &'static str,
    /// What it is for.
    pub doc: &'static str,
    /// Its keys, in the order of the reference.
    pub keys: &'static [Key],
}

/// A key that the user may write.
#[derive(Debug)]
pub struct Key {
    /// As it is written.
    pub name: &'static str,
    /// What its value may be.
    pub kind: Kind,
    /// Whether it may be left out, and what holds then.
    pub need: Need,
    /// What it does, in a sentence.
    pub doc: &'static str,
}

/// Whether a key may be left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Need {
    /// It may not.
    Required,
    /// It may.
    Optional,
    /// It may, and then this holds.
    Default(&'static str),
}

/// What a value may be.
#[derive(Clone, Copy, Debug)]
pub enum Kind {
    /// A single value.
    Scalar(ScalarKind),
    /// One of some words.
    OneOf(&'static [Word]),
    /// One value, or a list of them.
    OneOrMany(&'static Kind),
    /// A list.
    List(&'static Kind),
    /// A map whose keys the user names.
    Map(Names, &'static Kind),
    /// A group of keys.
    Section(&'static Section),
    /// One of several variants, each a key of its own.
    Choice(&'static Choice),
}

/// A word and what it stands for.
#[derive(Debug)]
pub struct Word {
    /// As it is written.
    pub name: &'static str,
    /// What it stands for.
    pub doc: &'static str,
}

/// Several variants, of which one is chosen: `{ file: /run/secret }`.
#[derive(Debug)]
pub struct Choice {
    /// Its heading in the reference, and its name in the JSON Schema.
    pub title: &'static str,
    /// What it is for.
    pub doc: &'static str,
    /// What a plain text in its place means.
    pub text: PlainText,
    /// Whether what stands in it is never shown.
    pub secret: bool,
    /// The variants.
    pub variants: &'static [Variant],
}

/// What a plain text in the place of a [`Choice`] means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PlainText {
    /// Nothing.
    Refused,
    /// The variant of that name.
    Variant,
    /// The value itself.
    Literal,
}

/// A variant of a [`Choice`].
#[derive(Debug)]
pub struct Variant {
    /// Its key.
    pub name: &'static str,
    /// What it does.
    pub doc: &'static str,
    /// The short form: one value that says it all.
    pub short: Option<Kind>,
    /// The long form.
    pub long: Option<&'static Section>,
}

/// The names that users give to the entries of a map.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Names {
    /// Of credentials.
    Credential,
    /// Of variables in templates.
    Variable,
    /// Of request parameters.
    Parameter,
    /// Of request headers (RFC 9110, section 5.1).
    Header,
    /// Of environment variables.
    Environment,
    /// Of the presets of the catalogue.
    Preset,
    /// Of what a Secret of Kubernetes holds.
    Datum,
    /// Of labels of Kubernetes.
    Label,
}

impl Section {
    /// The key of this name.
    pub fn key(&self, name: &str) -> Option<&'static Key> {
        self.keys.iter().find(|key| key.name == name)
    }

    /// What holds if the key is left out.
    pub fn default_of(&self, name: &str) -> Option<&'static str> {
        match self.key(name)?.need {
            Need::Default(text) => Some(text),
            Need::Required | Need::Optional => None,
        }
    }
}

impl Key {
    /// A key that must be given.
    pub const fn required(name: &'static str, kind: Kind, doc: &'static str) -> Self {
        Self { name, kind, need: Need::Required, doc }
    }

    /// A key that may be left out.
    pub const fn optional(name: &'static str, kind: Kind, doc: &'static str) -> Self {
        Self { name, kind, need: Need::Optional, doc }
    }

    /// A key that may be left out, and what holds then.
    pub const fn default(
        name: &'static str,
        kind: Kind,
        default: &'static str,
        doc: &'static str,
    ) -> Self {
        Self { name, kind, need: Need::Default(default), doc }
    }
}

impl Choice {
    /// The variant of this name.
    pub fn variant(&self, name: &str) -> Option<&'static Variant> {
        self.variants.iter().find(|variant| variant.name == name)
    }
}

impl Variant {
    /// Whether its name alone, as plain text, can stand for it.
    pub fn stands_alone(&self) -> bool {
        self.short.is_none()
            && self.long.is_none_or(|long| long.keys.iter().all(|key| key.need != Need::Required))
    }
}

impl Names {
    /// What such an entry is called.
    pub const fn noun(self) -> &'static str {
        match self {
            Self::Credential => "credential",
            Self::Variable => "variable",
            Self::Parameter => "parameter",
            Self::Header => "header",
            Self::Environment => "variable of the environment",
            Self::Preset => "preset",
            Self::Datum => "key of a Secret",
            Self::Label => "label",
        }
    }

    /// What such a name consists of.
    pub const fn phrase(self) -> &'static str {
        match self {
            Self::Credential | Self::Preset => {
                "letters, digits, `.`, `_` and `-`, at most 128 of them, without a dot at the front"
            }
            Self::Variable => "letters, digits, `_` and `-`",
            Self::Parameter => "printable characters other than spaces",
            Self::Header => "the characters of an HTTP field name: letters, digits and `-`",
            Self::Environment => "letters, digits and `_`, without a digit at the front",
            Self::Datum => "letters, digits, `-`, `_` and `.`, at most 253 of them",
            Self::Label => {
                "letters, digits, `-`, `_` and `.`, perhaps after a domain and `/`, as in \
                 `example.com/team`"
            }
        }
    }

    /// Whether `name` is one.
    pub fn accepts(self, name: &str) -> bool {
        let all = |plain: fn(char) -> bool| !name.is_empty() && name.chars().all(plain);
        match self {
            Self::Credential | Self::Preset => Name::parse(name).is_some(),
            Self::Variable => all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-')),
            Self::Parameter => all(|c| !c.is_control() && !c.is_whitespace()),
            Self::Header => all(|c| c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(c)),
            Self::Environment => {
                all(|c| c.is_ascii_alphanumeric() || c == '_')
                    && !name.starts_with(|c: char| c.is_ascii_digit())
            }
            Self::Datum => {
                all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.'))
                    && name.len() <= 253
                    && !name.starts_with("..")
                    && name != "."
            }
            Self::Label => {
                let (domain, name) = name.rsplit_once('/').unwrap_or(("a", name));
                let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
                let ends = |text: &str| {
                    text.starts_with(|c: char| c.is_ascii_alphanumeric())
                        && text.ends_with(|c: char| c.is_ascii_alphanumeric())
                        && text.chars().all(plain)
                };
                ends(name) && name.len() <= 63 && ends(domain) && domain.len() <= 253
            }
        }
    }
}
