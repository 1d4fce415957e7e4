//! What is asked, and how it is sent.

use super::{draft::Draft, source};
use crate::{
    config::keys::CREDENTIAL,
    credential::{BodyFormat, Parameters, ValueSource},
};

/// The parameters of a credential's requests.
pub fn parameters(draft: &mut Draft<'_>) -> Parameters {
    let timeout = draft.duration(&CREDENTIAL, &["timeout"]);
    if timeout.is_zero() {
        let at = draft.find(&["timeout"]).map_or(draft.at, |node| draft.place(node));
        draft.error(at, "`timeout` is zero: no request could succeed", "write `30s`");
    }
    let headers = sources(draft, "headers");
    Parameters {
        body: match draft.text(&CREDENTIAL, &["body"]) {
            Some("json") => BodyFormat::Json,
            Some("query") => BodyFormat::Query,
            _ => BodyFormat::Form,
        },
        scope: scope(draft),
        audience: boxed(&draft.fill_list("audience")),
        resource: boxed(&draft.fill_list("resource")),
        extra: sources(draft, "parameters"),
        headers,
        timeout,
    }
}

/// The values of `scope`, also those out of one text with spaces, with the separator between them.
fn scope(draft: &mut Draft<'_>) -> Box<str> {
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
