//! Where tokens are asked for.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use url::{Host, Url};

use super::draft::Draft;
use crate::{config::node::Span, credential::TokenEndpoint};

/// Everything but the unreserved characters of RFC 3986, section 2.3: a tenant with a `/` in it
/// must not change the path.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// The token endpoint of a credential.
pub fn endpoint(draft: &mut Draft<'_>) -> Option<TokenEndpoint> {
    if draft.lacks("token_endpoint") {
        draft.error(
            draft.at,
            format!("the credential `{}` has no `token_endpoint`", draft.name),
            "add `token_endpoint: https://...`, or a `provider` that knows it",
        );
    }
    let node = draft.find(&["token_endpoint"])?;
    let at = draft.place(node);
    let escape = |value: &str| utf8_percent_encode(value, RESERVED).to_string();
    let text = match draft.variables.fill(node.text()?, escape) {
        Ok(text) => text,
        Err(unknown) => {
            draft.note(unknown.problem(at));
            return None;
        }
    };
    let Ok(url) = Url::parse(&text) else {
        draft.error(at, "this is not an absolute URL", "write it like `https://host/path`");
        return None;
    };
    let allow_insecure = draft.flag("allow_insecure");
    check(draft, at, &url, allow_insecure);
    let ca_file = draft.find(&["ca_file"]).and_then(|node| draft.path(node));
    Some(TokenEndpoint { url, ca_file, allow_insecure })
}

fn check(draft: &mut Draft<'_>, at: Span, url: &Url, allow_insecure: bool) {
    match url.scheme() {
        "https" => {}
        "http" if allow_insecure || is_loopback(url) => {}
        "http" => draft.error(
            at,
            "plain `http` would send the secret and the token unprotected",
            "write `https`; if the network between is yours alone, add `allow_insecure: true`",
        ),
        _ => draft.error(at, "the URL is neither `https` nor `http`", "write `https://...`"),
    }
    if url.host().is_none() {
        draft.error(at, "the URL names no host", "write it like `https://host/path`");
    }
    if !url.username().is_empty() || url.password().is_some() {
        draft.error(
            at,
            "the URL holds a user or a password",
            "move them to `client_id` and `client_secret`: URLs appear in logs",
        );
    }
    if url.fragment().is_some() {
        draft.error(
            at,
            "the URL has a fragment",
            "remove the `#` and what follows (RFC 6749, section 3.2)",
        );
    }
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}
