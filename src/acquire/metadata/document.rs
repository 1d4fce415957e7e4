//! Reading the metadata (RFC 8414, section 2).

use serde_json::Value;
use url::Url;

use super::{DiscoveryError, error::shown};
use crate::{
    acquire::{RawResponse, pause, redaction::Redaction, reply},
    clock::Now,
    credential::{TokenEndpoint, is_loopback},
};

/// What an issuer says about itself.
#[derive(Debug, PartialEq, Eq)]
pub struct Metadata {
    /// `token_endpoint`.
    pub token_endpoint: Option<Url>,
    /// `authorization_endpoint`.
    pub authorization_endpoint: Option<Url>,
    /// `device_authorization_endpoint` (RFC 8628, section 4).
    pub device_authorization_endpoint: Option<Url>,
    /// `authorization_response_iss_parameter_supported` (RFC 9207, section 3).
    pub names_itself_in_answers: bool,
}

/// The document in a reply. Endpoints that are not there are missed only by whoever needs them.
pub(super) fn read(
    issuer: &TokenEndpoint,
    raw: &RawResponse,
    now: Now,
) -> Result<Metadata, DiscoveryError> {
    if raw.status != 200 {
        let pause = pause::asked_of_all(raw, reply::server_now(now, raw));
        let issuer = shown(&issuer.url);
        return Err(DiscoveryError::Status { issuer, status: raw.status, pause });
    }
    let document: Value = serde_json::from_slice(&raw.body).unwrap_or_default();
    if !document.is_object() {
        return Err(DiscoveryError::Malformed { issuer: shown(&issuer.url) });
    }
    check_issuer(issuer, &document)?;
    Ok(Metadata {
        token_endpoint: direct(issuer, &document, "token_endpoint")?,
        authorization_endpoint: endpoint(issuer, &document, "authorization_endpoint")?,
        device_authorization_endpoint: direct(issuer, &document, "device_authorization_endpoint")?,
        names_itself_in_answers: document
            .get("authorization_response_iss_parameter_supported")
            .is_some_and(|value| value == true),
    })
}

/// RFC 8414, section 3.3: a document of somebody else would send our secrets there. A URL without
/// a path and one with `/` are the same, and nothing else is.
fn check_issuer(issuer: &TokenEndpoint, document: &Value) -> Result<(), DiscoveryError> {
    let Some(said) = document.get("issuer").and_then(Value::as_str) else {
        return Err(DiscoveryError::Missing { issuer: shown(&issuer.url), what: "issuer" });
    };
    if is_same_issuer(&issuer.url, said) {
        return Ok(());
    }
    let said = Redaction::default().show(said);
    Err(DiscoveryError::OtherIssuer { issuer: shown(&issuer.url), said })
}

/// Whether `said` is this issuer.
pub fn is_same_issuer(issuer: &Url, said: &str) -> bool {
    let ours = issuer.as_str();
    said == ours || (issuer.path() == "/" && ours.strip_suffix('/') == Some(said))
}

/// An endpoint that we ask ourselves. Whoever shows a certificate asks at its alias, if it has one
/// (RFC 8705, section 5): there the server wants to see it, and no browser is asked for one.
fn direct(
    issuer: &TokenEndpoint,
    document: &Value,
    what: &'static str,
) -> Result<Option<Url>, DiscoveryError> {
    let aliases = document.get("mtls_endpoint_aliases");
    let aliases = aliases.filter(|aliases| {
        issuer.certificate.is_some() && aliases.get(what).is_some_and(Value::is_string)
    });
    endpoint(issuer, aliases.unwrap_or(document), what)
}

/// An endpoint of the document. Whoever asked for https is not led to anything less.
fn endpoint(
    issuer: &TokenEndpoint,
    document: &Value,
    what: &'static str,
) -> Result<Option<Url>, DiscoveryError> {
    let Some(text) = document.get(what).and_then(Value::as_str) else { return Ok(None) };
    let url = Url::parse(text).ok().filter(|url| match url.scheme() {
        "https" => true,
        "http" => issuer.url.scheme() == "http" && (is_loopback(url) || issuer.allow_insecure),
        _ => false,
    });
    url.map(Some).ok_or_else(|| DiscoveryError::Endpoint { issuer: shown(&issuer.url), what })
}
