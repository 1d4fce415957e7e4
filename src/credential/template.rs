//! Texts with fields of the token in them.

use std::borrow::Cow;

use crate::{secret::Secret, token::IssuedToken};

/// Text with fields of the token in it, written `Bearer ${access_token}`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Template(pub Box<[TemplatePart]>);

/// A part of a [`Template`].
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum TemplatePart {
    /// Text as it stands; whoever wrote it may have put a secret in.
    Text(Secret),
    /// A field of the token.
    Field(TokenField),
}

/// A field of a token that a template can show.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum TokenField {
    /// `${access_token}`.
    AccessToken,
    /// `${token_type}`.
    TokenType,
    /// `${scope}`: as granted, empty if the reply named none.
    Scope,
    /// `${expires_at}`: seconds since 1970.
    ExpiresAt,
    /// `${authorization}`: the scheme and the token, as they stand in a header.
    Authorization,
    /// A field of the reply, by the name it has in `response.fields`, or of the grant's own; empty
    /// if there was none.
    Reply(Box<str>),
}

impl Template {
    /// Whether it shows this field and nothing else.
    pub fn is(&self, field: &TokenField) -> bool {
        matches!(&*self.0, [TemplatePart::Field(only)] if only == field)
    }

    /// Whether it shows this field somewhere.
    pub fn shows(&self, field: &TokenField) -> bool {
        self.0.iter().any(|part| matches!(part, TemplatePart::Field(shown) if shown == field))
    }

    /// The text, with each field as `value` gives it.
    pub fn fill<'a>(&'a self, value: impl Fn(&'a TokenField) -> Cow<'a, str>) -> String {
        let part = |part: &'a TemplatePart| match part {
            TemplatePart::Text(text) => Cow::Borrowed(text.expose()),
            TemplatePart::Field(field) => value(field),
        };
        self.0.iter().map(part).collect()
    }

    /// The text, with each field as the token has it. `scheme` stands before the token in an
    /// `Authorization` header; without one, the token's type does.
    pub fn of<'a>(&'a self, token: &'a IssuedToken, scheme: Option<&str>) -> String {
        self.fill(|field| field.of(token, scheme))
    }
}

impl TokenField {
    fn of<'a>(&self, token: &'a IssuedToken, scheme: Option<&str>) -> Cow<'a, str> {
        match self {
            Self::AccessToken => token.access_token.expose().into(),
            Self::TokenType => (&*token.token_type).into(),
            Self::Scope => token.scope.as_deref().unwrap_or_default().into(),
            Self::ExpiresAt => token.expiry().text(),
            Self::Authorization => token.authorization(scheme).into(),
            Self::Reply(name) => token.field(name).unwrap_or_default().into(),
        }
    }
}

/// Whether systemd's `EnvironmentFile=`, a POSIX shell and `docker --env-file` read a value of an
/// env file alike without quotes, which docker does not know. It may be empty. The set is narrower
/// than it would have to be (an assignment leaves `*`, `?` and `#` alone) so that the common
/// `env $(cat FILE)` works too.
pub fn is_env_value(value: &str) -> bool {
    let mut before = b'=';
    value.bytes().all(|byte| {
        // A shell expands `~` at the start of a word, and bash after `=` and `:` as well.
        let in_word = !matches!(before, b'=' | b':');
        before = byte;
        byte.is_ascii_alphanumeric() || b"_@%+=:,./-".contains(&byte) || (byte == b'~' && in_word)
    })
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::clock::Now;

    #[test]
    fn a_template_is_filled_in_its_order() {
        let text = |text: &str| TemplatePart::Text(text.into());
        let field = TemplatePart::Field(TokenField::AccessToken);
        let template = Template([text("a="), field, text(";")].into());
        let token = IssuedToken::bearer("t".into(), Now::default(), Duration::ZERO);
        assert_eq!(template.of(&token, None), "a=t;");
        assert!(!template.is(&TokenField::AccessToken));
    }

    #[test]
    fn values_that_need_a_quote_are_told_apart() {
        for good in ["", "eyJ.a-b_c", "a~b", "https://h:1/p"] {
            assert!(is_env_value(good), "{good}");
        }
        for bad in ["Bearer t", "a?b", "~", "a:~b", "a\nB=1", "$a", "'a'", "ä"] {
            assert!(!is_env_value(bad), "{bad}");
        }
    }
}
