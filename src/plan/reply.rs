//! Where in the reply the answer stands.

use super::draft::Draft;
use crate::{
    config::{
        node::{Node, Value},
        scalar,
    },
    credential::{FieldPath, LifetimeField, LifetimeUnit, Location, ReplyShape, TokenCharacters},
};

/// The shape of a credential's replies.
pub fn reply(draft: &mut Draft<'_>) -> ReplyShape {
    let characters = draft.find(&["response", "token_characters"]).and_then(Node::text);
    ReplyShape {
        access_token: place(draft, "access_token"),
        token_characters: match characters {
            Some("visible") => TokenCharacters::Visible,
            _ => TokenCharacters::B64token,
        },
        refresh_token: place(draft, "refresh_token"),
        lifetime: lifetime(draft),
        error: field(draft, "error"),
        error_description: field(draft, "error_description"),
        fields: fields(draft),
    }
}

/// Where a value stands.
pub fn location(draft: &mut Draft<'_>, node: &Node, name: &str) -> Option<Location> {
    if let Value::Text(_) = &node.value {
        return Some(Location::Field(match node.text() {
            Some(".") => FieldPath([].into()),
            _ => path(draft, node, name),
        }));
    }
    let entry = node.entries().first()?;
    let text = entry.value.text()?.into();
    match &*entry.key {
        "header" => Some(Location::Header(text)),
        "cookie" => Some(Location::Cookie(text)),
        _ => None,
    }
}

/// A path of fields.
pub fn path(draft: &mut Draft<'_>, node: &Node, name: &str) -> FieldPath {
    let text = node.text().unwrap_or_default();
    if text.split('.').any(str::is_empty) {
        draft.error(
            draft.place(node),
            format!("`{name}` is not a path of fields"),
            "write keys or list indices with dots between them: `data.tokens.0.value`",
        );
    }
    split(text)
}

fn place(draft: &mut Draft<'_>, name: &str) -> Location {
    let node = draft.find(&["response", name]);
    let found = node.and_then(|node| location(draft, node, name));
    found.unwrap_or_else(|| Location::Field(split(name)))
}

fn lifetime(draft: &mut Draft<'_>) -> Option<LifetimeField> {
    let unit = draft.find(&["response", "expires_in_unit"]);
    let span = field(draft, "expires_in");
    let date = field(draft, "expires_at");
    if let (Some(_), Some(node)) = (&date, draft.find(&["response", "expires_in"]).or(unit)) {
        draft.error(
            draft.place(node),
            "the lifetime cannot be taken from both `expires_in` and `expires_at`",
            "keep the one that the provider sends",
        );
    }
    let fixed = draft.find(&["response", "lifetime"]).and_then(Node::text);
    if let Some(fixed) = fixed.and_then(scalar::duration) {
        return Some(LifetimeField::Fixed(fixed));
    }
    match (date, span, unit.and_then(|node| node.text())) {
        (Some(path), ..) => Some(LifetimeField::At { path, unit: LifetimeUnit::Date }),
        (None, None, None) => None,
        (None, span, unit) => Some(LifetimeField::At {
            path: span.unwrap_or_else(|| split("expires_in")),
            unit: match unit {
                Some("milliseconds") => LifetimeUnit::Milliseconds,
                Some("minutes") => LifetimeUnit::Minutes,
                _ => LifetimeUnit::Seconds,
            },
        }),
    }
}

fn fields(draft: &mut Draft<'_>) -> Box<[(Box<str>, Location)]> {
    let mut fields = Vec::new();
    for entry in draft.entries_at(&["response", "fields"]) {
        let location = location(draft, &entry.value, &entry.key);
        fields.extend(location.map(|location| ((*entry.key).into(), location)));
    }
    fields.into()
}

fn field(draft: &mut Draft<'_>, name: &str) -> Option<FieldPath> {
    let node = draft.find(&["response", name])?;
    node.text()?;
    Some(path(draft, node, name))
}

fn split(text: &str) -> FieldPath {
    FieldPath(text.split('.').map(Box::from).collect())
}
