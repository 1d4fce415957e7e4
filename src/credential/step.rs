//! Requests that follow the first one, for providers that give a token only in several steps.

use super::{BodyFormat, Location, Method, ValueSource};
use crate::secret::Secret;

/// A request that is sent with what the reply before it said.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct FollowUp {
    /// What is taken from the reply before: a name, and where its value stands.
    pub take: Box<[(Box<str>, Location)]>,
    /// Where it is sent to. What was taken is percent-encoded in it, except at its front.
    pub url: StepText,
    /// How it is sent.
    pub method: Method,
    /// How its parameters are sent.
    pub body: BodyFormat,
    /// Its parameters.
    pub parameters: Box<[(Box<str>, StepValue)]>,
    /// Its headers.
    pub headers: Box<[(Box<str>, StepValue)]>,
}

/// A value of a following request.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum StepValue {
    /// Kept somewhere.
    Source(ValueSource),
    /// A text with values of earlier replies.
    Text(StepText),
}

/// Text with values of earlier replies in it, written `Bearer ${session}`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct StepText(pub Box<[StepPart]>);

/// A part of a [`StepText`].
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum StepPart {
    /// Text as it stands; whoever wrote it may have put a secret in.
    Text(Secret),
    /// What was taken under this name, in this step or an earlier one.
    Taken(Box<str>),
}
