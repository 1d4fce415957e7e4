//! How it is found out whether a token is still accepted.

use url::Url;

use super::{Calendar, Template};

/// A GET that tells whether a resource still takes the token.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Probe {
    /// The resource.
    pub url: Url,
    /// Headers besides `Authorization`, or in its place.
    pub headers: Box<[(Box<str>, Template)]>,
    /// When.
    pub calendar: Calendar,
}
