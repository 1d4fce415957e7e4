//! Where a token is written.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use super::{Template, TokenField};

/// A file that consumers read.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Output {
    /// Relative to the output directory, of plain names only.
    pub path: Box<Path>,
    /// What is written into it.
    pub content: Content,
    /// Owner, group and mode.
    pub access: Arc<Access>,
}

/// What an output holds.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Content {
    /// The token alone.
    TokenFile {
        /// Whether a line break follows it.
        newline: bool,
    },
    /// Lines of `NAME=value` for `EnvironmentFile=`, `sh` and `docker --env-file`.
    EnvFile {
        /// Names and the templates of their values.
        variables: Box<[(Box<str>, Template)]>,
    },
    /// One JSON object.
    JsonFile,
    /// A text with fields of the token in it.
    TemplateFile {
        /// The text.
        text: Template,
    },
}

/// What becomes of the outputs of a credential that leaves the configuration.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum OnRemove {
    /// They stay: their consumers may still be there.
    #[default]
    Keep,
    /// They are removed.
    Remove,
}

/// Who may read an output.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Access {
    /// Permission bits.
    pub mode: u32,
    /// A user's name or number; the daemon's own if absent.
    pub owner: Option<Box<str>>,
    /// A group's name or number; the daemon's own if absent.
    pub group: Option<Box<str>>,
}

impl Output {
    /// As the log, `status` and problems name it.
    pub fn label(&self) -> Box<str> {
        self.path.display().to_string().into()
    }

    /// Whether a reader of the file can learn the expiry from it; if not, it stands beside it.
    pub fn carries_expiry(&self) -> bool {
        match &self.content {
            Content::TokenFile { .. } | Content::TemplateFile { .. } => false,
            Content::JsonFile => true,
            Content::EnvFile { variables } => {
                variables.iter().any(|(_, value)| value.is(&TokenField::ExpiresAt))
            }
        }
    }

    /// Whether it shows this field somewhere.
    pub fn shows(&self, field: &TokenField) -> bool {
        match &self.content {
            Content::TokenFile { .. } | Content::JsonFile => false,
            Content::EnvFile { variables } => variables.iter().any(|(_, it)| it.shows(field)),
            Content::TemplateFile { text } => text.shows(field),
        }
    }

    /// The files that it consists of.
    pub fn files(&self) -> impl Iterator<Item = PathBuf> + use<> {
        std::iter::once(self.path.to_path_buf()).chain(self.expiry_path())
    }

    /// The neighbour that holds the expiry, if the output itself does not: `NAME.expires_at`.
    pub fn expiry_path(&self) -> Option<PathBuf> {
        let mut path = self.path.as_os_str().to_owned();
        path.push(".expires_at");
        (!self.carries_expiry()).then(|| path.into())
    }
}
