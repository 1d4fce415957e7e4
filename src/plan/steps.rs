//! Requests that follow the first one.

use super::{body, draft::Draft, parameters, reply, source, template::pieces};
use crate::{
    config::node::Node,
    credential::{FollowUp, Location, StepPart, StepText, StepValue},
};

/// The steps of a credential.
pub fn steps(draft: &mut Draft<'_>) -> Vec<FollowUp> {
    let mut taken = Vec::new();
    let items = draft.find(&["steps"]).map_or(&[][..], Node::items);
    items.iter().filter_map(|node| step(draft, node, &mut taken)).collect()
}

fn step<'a>(draft: &mut Draft<'a>, node: &'a Node, taken: &mut Vec<&'a str>) -> Option<FollowUp> {
    let mut take: Vec<(Box<str>, Location)> = Vec::new();
    for entry in node.find("take").map_or(&[][..], Node::entries) {
        if let Some(location) = reply::location(draft, &entry.value, &entry.key) {
            take.push(((*entry.key).into(), location));
            taken.push(&entry.key);
        }
    }
    let url = text(draft, node.find("url")?, taken)?;
    Some(FollowUp {
        take: take.into(),
        url,
        method: parameters::method(node.find("method")),
        body: body::of_step(draft, node.find("body"), node.find("parameters")),
        parameters: values(draft, node.find("parameters"), taken),
        headers: values(draft, node.find("headers"), taken),
    })
}

fn values(
    draft: &mut Draft<'_>,
    node: Option<&Node>,
    taken: &[&str],
) -> Box<[(Box<str>, StepValue)]> {
    let mut values = Vec::new();
    for entry in node.map_or(&[][..], Node::entries) {
        let value = match entry.value.text() {
            Some(_) => text(draft, &entry.value, taken).map(StepValue::Text),
            None => source::source(draft, &entry.value).map(StepValue::Source),
        };
        values.extend(value.map(|value| ((*entry.key).into(), value)));
    }
    values.into()
}

/// A text with the variables of the credential filled in, and what was taken left to be.
fn text(draft: &mut Draft<'_>, node: &Node, taken: &[&str]) -> Option<StepText> {
    let mut parts: Vec<StepPart> = Vec::new();
    for piece in pieces(node.text()?) {
        parts.push(match piece {
            Ok(text) => StepPart::Text(text.into()),
            Err(name) if taken.contains(&name) => StepPart::Taken(name.into()),
            Err(name) => {
                let Some(value) = draft.variables.value(name) else {
                    let unknown = draft.variables.unknown(name, taken);
                    draft.note(unknown.problem(draft.place(node)));
                    return None;
                };
                StepPart::Text(value.into())
            }
        });
    }
    Some(StepText(parts.into()))
}
