//! What is wrong with a configuration, where, and how to mend it.

use super::node::Span;

/// Something wrong. Its texts never quote a value, since any value may be a secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Where it stands; `None` if no place in a file is to blame.
    pub at: Option<Span>,
    /// Whether the configuration can be used all the same.
    pub severity: Severity,
    /// What is wrong.
    pub message: String,
    /// What to do about it.
    pub mend: String,
    /// The other place that it is about.
    pub other: Option<Span>,
}

/// Whether a configuration with the problem can be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// It cannot.
    Error,
    /// It can, but somebody should look.
    Warning,
}

impl Problem {
    /// An error at a place.
    pub fn error(at: Span, message: impl Into<String>, mend: impl Into<String>) -> Self {
        Self { at: Some(at), ..Self::nowhere(message, mend) }
    }

    /// A warning at a place.
    pub fn warning(at: Span, message: impl Into<String>, mend: impl Into<String>) -> Self {
        Self { severity: Severity::Warning, ..Self::error(at, message, mend) }
    }

    /// An error that no place in a file is to blame for.
    pub fn nowhere(message: impl Into<String>, mend: impl Into<String>) -> Self {
        Self {
            at: None,
            severity: Severity::Error,
            message: message.into(),
            mend: mend.into(),
            other: None,
        }
    }

    /// The same, with the other place that it is about.
    #[must_use]
    pub fn with_other(self, place: Span) -> Self {
        Self { other: Some(place), ..self }
    }

    /// Whether the configuration cannot be used because of it.
    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }
}
