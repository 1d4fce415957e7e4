//! Bodies that the provider prescribes: a text with the values of parameters in it.

use crate::{
    acquire::forms,
    credential::{BodyPart, BodyTemplate},
    secret::Secret,
};

/// The text, with the value of each parameter escaped so that it stays one value.
pub(super) fn fill(body: &BodyTemplate, parameters: &[(Box<str>, Secret)]) -> Secret {
    let escape = escape(&body.content_type);
    let mut text = String::new();
    for part in &body.parts {
        match part {
            BodyPart::Text(piece) => text.push_str(piece.expose()),
            BodyPart::Parameter(name) => {
                let found = parameters.iter().find(|(other, _)| other == name);
                text.extend(found.map(|(_, value)| escape(value.expose())));
            }
        }
    }
    Secret::from(text)
}

/// How a value is written in a text of this media type: `application/soap+xml` is XML, and
/// `application/vnd.api+json` is JSON (RFC 6838, section 4.2.8).
fn escape(content_type: &str) -> fn(&str) -> String {
    let kind = content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    if kind.ends_with("xml") {
        forms::html
    } else if kind.ends_with("json") {
        forms::json
    } else {
        str::to_owned
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_stays_one_value() {
        for (content_type, value, expected) in [
            ("application/xml", r#"a<b>&"c'"#, "a&lt;b&gt;&amp;&quot;c&#39;"),
            ("text/xml; charset=utf-8", "</p><p>", "&lt;/p&gt;&lt;p&gt;"),
            ("Application/SOAP+XML", "&amp;", "&amp;amp;"),
            ("application/json", "a\"b\\c\n", r#"a\"b\\c\n"#),
            ("application/vnd.api+json", r#"","x":""#, r#"\",\"x\":\""#),
            ("text/plain", r#"a<b"c"#, r#"a<b"c"#),
        ] {
            let text = |text: &str| BodyPart::Text(text.into());
            let named = |name: &str| BodyPart::Parameter(name.into());
            let parts = [text("["), named("p"), text("|"), named("absent"), text("]")].into();
            let body = BodyTemplate { content_type: content_type.into(), parts };
            let parameters = [("other".into(), "x".into()), ("p".into(), value.into())];
            let filled = fill(&body, &parameters);
            assert_eq!(filled.expose(), format!("[{expected}|]"), "{content_type}");
        }
    }
}
