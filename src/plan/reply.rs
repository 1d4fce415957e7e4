//! Where in the reply the answer stands.

use super::draft::Draft;
use crate::credential::{FieldPath, LifetimeField, LifetimeUnit, ReplyShape};

/// The shape of a credential's replies.
pub fn reply(draft: &mut Draft<'_>) -> ReplyShape {
    let access_token = field(draft, "access_token");
    ReplyShape {
        access_token: access_token.unwrap_or_else(|| path("access_token")),
        lifetime: lifetime(draft),
        error: field(draft, "error"),
        error_description: field(draft, "error_description"),
    }
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
    match (date, span, unit.and_then(|node| node.text())) {
        (Some(path), ..) => Some(LifetimeField { path, unit: LifetimeUnit::Date }),
        (None, None, None) => None,
        (None, span, unit) => Some(LifetimeField {
            path: span.unwrap_or_else(|| path("expires_in")),
            unit: match unit {
                Some("milliseconds") => LifetimeUnit::Milliseconds,
                _ => LifetimeUnit::Seconds,
            },
        }),
    }
}

fn field(draft: &mut Draft<'_>, name: &str) -> Option<FieldPath> {
    let node = draft.find(&["response", name])?;
    let text = node.text()?;
    if text.split('.').any(str::is_empty) {
        draft.error(
            draft.place(node),
            format!("`{name}` is not a path of fields"),
            "write keys or list indices with dots between them: `data.tokens.0.value`",
        );
    }
    Some(path(text))
}

fn path(text: &str) -> FieldPath {
    FieldPath(text.split('.').map(Box::from).collect())
}
