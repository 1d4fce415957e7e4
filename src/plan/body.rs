//! How parameters are sent, and bodies that the provider prescribes.

use super::{draft::Draft, template::pieces};
use crate::{
    config::node::Node,
    credential::{BodyFormat, BodyPart, BodyTemplate},
};

/// Parameters that a request has without being told to. What the client proves itself with is
/// among them if it goes into the body.
const OURS: [&str; 16] = [
    "actor_token",
    "actor_token_type",
    "assertion",
    "audience",
    "client_assertion",
    "client_assertion_type",
    "client_id",
    "grant_type",
    "password",
    "refresh_token",
    "requested_token_type",
    "resource",
    "scope",
    "subject_token",
    "subject_token_type",
    "username",
];

/// The body of a credential's request.
pub fn of_credential(draft: &mut Draft<'_>, node: Option<&Node>) -> BodyFormat {
    let mut names = OURS.to_vec();
    for path in [&["parameters"][..], &["refresh_request", "parameters"]] {
        names.extend(draft.entries_at(path).iter().map(|entry| &*entry.key));
    }
    names.extend(draft.find(&["refresh_request", "parameter"]).and_then(Node::text));
    let authentication = draft.find(&["client_authentication"]).and_then(Node::text);
    names.extend((authentication == Some("client_secret_post")).then_some("client_secret"));
    body(draft, node, &names)
}

/// The body of a step's request, which has no other parameters than these.
pub fn of_step(
    draft: &mut Draft<'_>,
    node: Option<&Node>,
    parameters: Option<&Node>,
) -> BodyFormat {
    let entries = parameters.map_or(&[][..], Node::entries);
    let names: Vec<&str> = entries.iter().map(|entry| &*entry.key).collect();
    body(draft, node, &names)
}

fn body(draft: &mut Draft<'_>, node: Option<&Node>, names: &[&str]) -> BodyFormat {
    match node.and_then(Node::text) {
        Some("json") => BodyFormat::Json,
        Some("query") => BodyFormat::Query,
        Some(_) => BodyFormat::Form,
        None => node.and_then(|node| template(draft, node, names)).unwrap_or(BodyFormat::Form),
    }
}

/// A body with parameters in it. What is only a variable of the credential is filled in now.
fn template(draft: &mut Draft<'_>, node: &Node, names: &[&str]) -> Option<BodyFormat> {
    let node = node.find("template")?;
    let content_type = node.find("content_type").and_then(Node::text).unwrap_or("application/xml");
    let text = node.find("text")?;
    let mut parts = Vec::new();
    for piece in pieces(text.text()?) {
        let name = match piece {
            Ok(text) => {
                parts.push(BodyPart::Text(text.into()));
                continue;
            }
            Err(name) => name,
        };
        if names.contains(&name) {
            parts.push(BodyPart::Parameter(name.into()));
        } else if let Some(value) = draft.variables.value(name) {
            parts.push(BodyPart::Text(value.into()));
        } else {
            note_unknown(draft, text, name, names);
        }
    }
    let content_type = content_type.into();
    Some(BodyFormat::Template(Box::new(BodyTemplate { content_type, parts: parts.into() })))
}

fn note_unknown(draft: &mut Draft<'_>, text: &Node, name: &str, names: &[&str]) {
    let at = draft.place(text);
    if name == "client_secret" {
        draft.error(
            at,
            "the body names `${client_secret}`, which is sent elsewhere",
            "add `client_authentication: client_secret_post`",
        );
    } else {
        draft.note(draft.variables.unknown(name, names).problem(at));
    }
}
