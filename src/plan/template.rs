//! Texts with `${name}` in them.

use super::variables::{Unknown, Variables};
use crate::credential::{Template, TemplatePart, TokenField};

/// The fields of a token that a template can show.
const FIELDS: [(&str, TokenField); 5] = [
    ("access_token", TokenField::AccessToken),
    ("token_type", TokenField::TokenType),
    ("scope", TokenField::Scope),
    ("expires_at", TokenField::ExpiresAt),
    ("authorization", TokenField::Authorization),
];

/// The pieces of a text: `Ok` is text as it stands, `Err` the name in a `${name}`. A `${` that is
/// never closed is text.
pub fn pieces(text: &str) -> impl Iterator<Item = Result<&str, &str>> {
    let mut rest = text;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        if let Some(tail) = rest.strip_prefix("${")
            && let Some((name, tail)) = tail.split_once('}')
        {
            rest = tail;
            return Some(Err(name));
        }
        // Not the one at the front, which is never closed.
        let next = rest.match_indices("${").map(|(at, _)| at).find(|at| *at > 0);
        let next = next.unwrap_or(rest.len());
        let (text, tail) = rest.split_at(next);
        rest = tail;
        Some(Ok(text))
    })
}

/// A template of what every token has and of `fields`, with the variables of the credential filled
/// in.
pub fn template(
    text: &str,
    variables: &Variables<'_>,
    fields: &[&str],
) -> Result<Template, Unknown> {
    let mut parts: Vec<TemplatePart> = Vec::new();
    for piece in pieces(text) {
        let text = match piece {
            Ok(text) => text,
            Err(name) => match field(name, fields) {
                Some(field) => {
                    parts.push(TemplatePart::Field(field));
                    continue;
                }
                None => variables
                    .value(name)
                    .ok_or_else(|| variables.unknown(name, &FIELDS.map(|(field, _)| field)))?,
            },
        };
        match parts.last_mut() {
            Some(TemplatePart::Text(before)) => *before = [before.expose(), text].concat().into(),
            _ => parts.push(TemplatePart::Text(text.into())),
        }
    }
    Ok(Template(parts.into()))
}

fn field(name: &str, fields: &[&str]) -> Option<TokenField> {
    if let Some((_, field)) = FIELDS.iter().find(|(field, _)| *field == name) {
        return Some(field.clone());
    }
    fields.contains(&name).then(|| TokenField::Reply(name.into()))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn texts_fall_into_pieces() {
        let rows: [(&str, &[Result<&str, &str>]); 6] = [
            ("", &[]),
            ("plain $ {} text", &[Ok("plain $ {} text")]),
            ("${a}", &[Err("a")]),
            ("x${a}${b}y", &[Ok("x"), Err("a"), Err("b"), Ok("y")]),
            ("open ${a", &[Ok("open "), Ok("${a")]),
            ("ä${}", &[Ok("ä"), Err("")]),
        ];
        for (text, expected) in rows {
            assert_eq!(pieces(text).collect::<Vec<_>>(), expected, "{text}");
        }
    }

    proptest! {
        #[test]
        fn nothing_gets_lost_between_pieces(text in "[a${}ä]{0,12}") {
            let again: String = pieces(&text)
                .map(|piece| piece.map_or_else(|name| format!("${{{name}}}"), str::to_owned))
                .collect();
            prop_assert_eq!(again, text);
        }
    }
}
