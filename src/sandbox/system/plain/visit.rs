//! One request to one server: what every part of the answer looks at.

use super::manner::Manner;
use crate::sandbox::{occasion::Occasion, request::Request};

/// One request to one server.
#[derive(Clone, Copy)]
pub(in crate::sandbox) struct Visit<'a> {
    /// The path that the endpoints of the server have in common: `/plain`, `/habit/NAME`.
    pub(in crate::sandbox) site: &'a str,
    pub(in crate::sandbox) manner: &'a Manner,
    pub(in crate::sandbox) request: &'a Request,
    pub(in crate::sandbox) occasion: &'a Occasion<'a>,
}

impl Visit<'_> {
    /// Which endpoint is visited: the path below the site.
    pub(in crate::sandbox) fn endpoint(&self) -> &str {
        self.request.path.strip_prefix(self.site).unwrap_or_default()
    }

    /// The name of the server as a URL (RFC 8414, section 2).
    pub(in crate::sandbox) fn issuer(&self) -> String {
        self.url("")
    }

    /// The URL of an endpoint.
    pub(in crate::sandbox) fn url(&self, endpoint: &str) -> String {
        format!("{}{}{endpoint}", self.occasion.base, self.site)
    }

    /// A name in the sandbox's memory for something of this server alone.
    pub(super) fn mark(&self, kind: &str, name: &str) -> String {
        format!("{} {kind} {name}", self.site)
    }
}
