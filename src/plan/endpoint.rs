//! Where tokens are asked for.

use url::Url;

use super::draft::Draft;
use crate::{
    config::node::Span,
    credential::{ClientCertificate, Grant, TokenEndpoint, is_loopback, percent_encoded},
};

/// The token endpoint of a credential.
pub fn endpoint(draft: &mut Draft<'_>, grant: &Grant) -> Option<TokenEndpoint> {
    match grant {
        Grant::Command(program) => return nobody("exec", program.program()),
        Grant::SignedJwt(_) => return nobody("sign", draft.name),
        _ => {}
    }
    let discover = draft.find(&["token_endpoint"]).is_none() && draft.find(&["issuer"]).is_some();
    if !discover && draft.lacks("token_endpoint") {
        draft.error(
            draft.at,
            format!("the credential `{}` has no `token_endpoint`", draft.name),
            "add `token_endpoint: https://...`, an `issuer`, or a `provider` that knows it",
        );
    }
    let url = url(draft, &[if discover { "issuer" } else { "token_endpoint" }]);
    if discover && let Some(url) = &url {
        check_issuer(draft, url);
    }
    let ca_file = draft.find(&["ca_file"]).and_then(|node| draft.path(node));
    let certificate = certificate(draft).map(Box::new);
    let allow_insecure = draft.flag("allow_insecure");
    Some(TokenEndpoint { url: url?, discover, ca_file, certificate, allow_insecure })
}

/// The URL of a key, with its variables percent-encoded; `None` if there is none or it is not
/// good, which is noted.
pub fn url(draft: &mut Draft<'_>, path: &[&str]) -> Option<Url> {
    let node = draft.find(path)?;
    let at = draft.place(node);
    let text = match draft.variables.fill(node.text()?, percent_encoded) {
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
    check(draft, at, &url, draft.flag("allow_insecure"));
    Some(url)
}

/// What stands in the place of an endpoint where none is asked: those that run the same program
/// share its pauses.
fn nobody(scheme: &str, name: &str) -> Option<TokenEndpoint> {
    let url = Url::parse(&format!("{scheme}:/{}", percent_encoded(name))).ok()?;
    Some(TokenEndpoint {
        url,
        discover: false,
        ca_file: None,
        certificate: None,
        allow_insecure: false,
    })
}

/// Documentation shows the address of the metadata more often than the issuer itself.
fn check_issuer(draft: &mut Draft<'_>, url: &Url) {
    let Some(node) = draft.find(&["issuer"]) else { return };
    if url.path().contains("/.well-known/") {
        draft.error(
            draft.place(node),
            "this is where the metadata of the issuer are, not the issuer",
            "leave `/.well-known/` and what follows away",
        );
    }
}

fn certificate(draft: &mut Draft<'_>) -> Option<ClientCertificate> {
    let certificate = draft.find(&["client_certificate", "certificate"])?;
    let key = draft.find(&["client_certificate", "key"])?;
    Some(ClientCertificate { certificate: draft.path(certificate)?, key: draft.path(key)? })
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
