//! `env_file`: lines of `NAME=value` that systemd's `EnvironmentFile=`, a POSIX shell and
//! `docker --env-file` read alike.
//!
//! Docker takes the rest of a line as it stands: it knows no quotes and no escapes. systemd and
//! the shell know both, and take quotes away. So nothing that needs a quote can be written for all
//! three, and a value is either safe as it stands or refused. `tests/env_file.rs` asks the three
//! themselves.

use thiserror::Error;

use crate::{
    credential::{Template, TokenField, is_env_value},
    token::{Expiry, IssuedToken},
};

/// Docker reads lines with a buffer of 64 KiB, and refuses the file if one does not fit.
const LONGEST_LINE: usize = 64 * 1024 - 1;

/// Why a variable cannot be written.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum VariableError {
    /// Not `[A-Za-z_][A-Za-z0-9_]*`.
    #[error(
        "{name:?} is not the name of a variable in every shell; use letters, digits and `_`, and \
         begin with no digit"
    )]
    Name {
        /// As configured.
        name: Box<str>,
    },
    /// It has a character that one of the three readers takes for something else.
    #[error(
        "the value of {name} has a character that systemd, sh and docker do not read alike (they \
         do: letters, digits and `_@%+=:,./-`, and `~` inside a word); write a token_file or a \
         json_file instead, or leave text such as `Bearer ` to the program that reads the variable"
    )]
    Value {
        /// The variable.
        name: Box<str>,
    },
    /// Longer than docker reads.
    #[error(
        "the line of {name} is longer than the {LONGEST_LINE} bytes that docker reads; write a \
         token_file or a json_file instead"
    )]
    TooLong {
        /// The variable.
        name: Box<str>,
    },
}

impl VariableError {
    /// A label for logs and metrics.
    pub(super) const fn reason(&self) -> &'static str {
        match self {
            Self::Name { .. } => "variable_name",
            Self::Value { .. } => "variable_value",
            Self::TooLong { .. } => "variable_too_long",
        }
    }
}

/// One line for each variable, in the order of the configuration.
pub(super) fn render(
    variables: &[(Box<str>, Template)],
    scheme: Option<&str>,
    token: &IssuedToken,
) -> Result<Vec<u8>, VariableError> {
    let mut bytes = Vec::new();
    for (name, template) in variables {
        let value = template.of(token, scheme);
        let refused = |why: fn(Box<str>) -> VariableError| Err(why(name.clone()));
        if !is_name(name) {
            return refused(|name| VariableError::Name { name });
        }
        if !is_env_value(&value) {
            return refused(|name| VariableError::Value { name });
        }
        let line = format!("{name}={value}");
        if line.len() > LONGEST_LINE {
            return refused(|name| VariableError::TooLong { name });
        }
        bytes.extend(line.bytes());
        bytes.push(b'\n');
    }
    Ok(bytes)
}

/// The expiry that a file shows, if one of its variables is for that. A reader takes the last of
/// two lines with one name, and so do we.
pub(super) fn expiry(variables: &[(Box<str>, Template)], bytes: &[u8]) -> Option<Expiry> {
    let (variable, _) =
        variables.iter().find(|(_, template)| template.is(&TokenField::ExpiresAt))?;
    let lines = str::from_utf8(bytes).ok()?.lines().rev();
    let value =
        lines.filter_map(|line| line.split_once('=')).find(|(name, _)| **name == **variable);
    Expiry::parse(value?.1)
}

fn is_name(name: &str) -> bool {
    !name.starts_with(|first: char| first.is_ascii_digit())
        && !name.is_empty()
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}
