//! What is asked, and how it is sent.

use super::{body, draft::Draft, source};
use crate::{
    config::{keys::CREDENTIAL, node::Node},
    credential::{BodyFormat, Method, Parameters, ValueSource},
};

/// The parameters of a credential's requests.
pub fn parameters(draft: &mut Draft<'_>) -> Parameters {
    let timeout = draft.duration(&CREDENTIAL, &["timeout"]);
    if timeout.is_zero() {
        let at = draft.find(&["timeout"]).map_or(draft.at, |node| draft.place(node));
        draft.error(at, "`timeout` is zero: no request could succeed", "write `30s`");
    }
    let headers = sources(draft, "headers");
    let method = method(draft.find(&["method"]));
    let written = draft.find(&["body"]);
    Parameters {
        method,
        // RFC 9110, section 9.3.1: a GET has no body.
        body: match (method, written) {
            (Method::Get, None) => BodyFormat::Query,
            _ => body::of_credential(draft, written),
        },
        grant_type: draft.find(&["grant_type"]).and_then(Node::text).map(Box::from),
        audience: boxed(&draft.fill_list("audience")),
        resource: boxed(&draft.fill_list("resource")),
        extra: sources(draft, "parameters"),
        query: sources(draft, "query"),
        headers,
        timeout,
    }
}

/// A method.
pub fn method(node: Option<&Node>) -> Method {
    match node.and_then(Node::text) {
        Some("GET") => Method::Get,
        _ => Method::Post,
    }
}

/// The values of `scope`, also those out of one text with spaces, with the separator between them.
pub fn scope(draft: &mut Draft<'_>) -> Box<str> {
    let texts = draft.fill_list("scope");
    let values: Vec<&str> = texts.iter().flat_map(|text| text.split_whitespace()).collect();
    values.join(draft.text(&CREDENTIAL, &["scope_separator"]).unwrap_or(" ")).into()
}

fn boxed(texts: &[String]) -> Box<[Box<str>]> {
    texts.iter().map(|text| text.as_str().into()).collect()
}

/// A header that stands here must be one that HTTP can carry (RFC 9110, section 5.5).
fn sources(draft: &mut Draft<'_>, name: &str) -> Box<[(Box<str>, ValueSource)]> {
    let mut sources = Vec::new();
    for entry in draft.entries(name) {
        let Some(source) = source::source(draft, &entry.value) else { continue };
        if let ValueSource::Literal(text) = &source
            && name == "headers"
            && text.expose().chars().any(char::is_control)
        {
            draft.error(
                draft.place(&entry.value),
                format!("the header `{}` has a line break or another control character", entry.key),
                "write it on one line",
            );
        }
        sources.push(((*entry.key).into(), source));
    }
    sources.into()
}
