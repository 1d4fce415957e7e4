//! The Secrets of Kubernetes in which consumers find the token.

use super::{draft::Draft, outputs, template::template, unique::Claims};
use crate::{
    config::node::{Entry, Node, Span},
    credential::{KubernetesSecret, Template, TemplatePart, TokenField},
};

/// Of a Secret (`DNS subdomain`), and of a key in it.
const MAX_NAME: usize = 253;

/// Of a namespace (`DNS label`), and of the value of a label.
const MAX_LABEL: usize = 63;

/// The Secrets of a credential, whose data may show `fields` besides what every token has. Each
/// lays claim to its name.
pub fn secrets(
    draft: &mut Draft<'_>,
    fields: &[&str],
    claims: &mut Claims,
) -> Box<[KubernetesSecret]> {
    let mut secrets = Vec::new();
    let items = draft.find(&["outputs"]).map_or(&[][..], Node::items);
    let entries = items.iter().filter_map(|item| item.entries().first());
    for entry in entries.filter(|entry| &*entry.key == outputs::KUBERNETES_SECRET) {
        let node = entry.value.find("name").unwrap_or(&entry.value);
        let at = draft.place(node);
        let Some(name) = draft.fill(node) else { continue };
        outputs::check_each(draft, at, node.text().unwrap_or_default());
        if !is_subdomain(&name) {
            refuse_name(draft, at, "Secret", ", `-` and `.`", MAX_NAME);
            continue;
        }
        let secret = KubernetesSecret {
            name: name.into(),
            namespace: namespace(draft, &entry.value),
            data: data(draft, &entry.value, fields),
            labels: labels(draft, &entry.value),
        };
        claims.add_secret(&secret, draft.each.map_or(draft.name, |each| each.name), at);
        secrets.push(secret);
    }
    secrets.into()
}

fn namespace(draft: &mut Draft<'_>, node: &Node) -> Option<Box<str>> {
    let node = node.find("namespace")?;
    let name = draft.fill(node)?;
    if !is_label(&name) {
        refuse_name(draft, draft.place(node), "namespace", " and `-`", MAX_LABEL);
    }
    Some(name.into())
}

/// Names in the cluster are those of RFC 1123.
fn refuse_name(draft: &mut Draft<'_>, at: Span, what: &str, signs: &str, most: usize) {
    draft.error(
        at,
        format!("no {what} of Kubernetes can have this name"),
        format!(
            "write small letters, digits{signs}, at most {most} of them, with a letter or a digit \
             at each end"
        ),
    );
}

fn data(draft: &mut Draft<'_>, node: &Node, fields: &[&str]) -> Box<[(Box<str>, Template)]> {
    let Some(written) = node.find("data") else {
        let token = TemplatePart::Field(TokenField::AccessToken);
        return [("access_token".into(), Template([token].into()))].into();
    };
    let mut data = Vec::new();
    for entry in written.entries() {
        let text = entry.value.text().unwrap_or_default();
        match template(text, &draft.variables, fields) {
            Ok(value) => data.push(((*entry.key).into(), value)),
            Err(unknown) => draft.note(unknown.problem(draft.place(&entry.value))),
        }
    }
    if written.entries().is_empty() {
        let mend = "write `access_token: ${access_token}`, or leave `data` out";
        draft.error(draft.place(written), "the Secret would hold nothing", mend);
    }
    data.into()
}

fn labels(draft: &mut Draft<'_>, node: &Node) -> Box<[(Box<str>, Box<str>)]> {
    let entries = node.find("labels").map_or(&[][..], Node::entries);
    entries.iter().filter_map(|entry| label(draft, entry)).collect()
}

fn label(draft: &mut Draft<'_>, entry: &Entry) -> Option<(Box<str>, Box<str>)> {
    let value = draft.fill(&entry.value)?;
    if !is_label_value(&value) {
        draft.error(
            draft.place(&entry.value),
            format!("the label `{}` cannot have this value", entry.key),
            format!(
                "write letters, digits, `-`, `_` and `.`, at most {MAX_LABEL} of them, with a \
                 letter or a digit at each end"
            ),
        );
    }
    Some(((*entry.key).into(), value.into()))
}

fn is_label_value(value: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    let ends = |c: char| c.is_ascii_alphanumeric();
    value.is_empty()
        || value.len() <= MAX_LABEL
            && value.starts_with(ends)
            && value.ends_with(ends)
            && value.chars().all(plain)
}

/// RFC 1123, as Kubernetes reads it: labels with dots between them.
pub fn is_subdomain(name: &str) -> bool {
    name.len() <= MAX_NAME && name.split('.').all(is_part)
}

fn is_label(name: &str) -> bool {
    name.len() <= MAX_LABEL && is_part(name)
}

fn is_part(name: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    !name.is_empty() && name.bytes().all(plain) && !name.starts_with('-') && !name.ends_with('-')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_of_the_cluster() {
        let long = "a".repeat(64);
        for good in ["a", "reports-token", "a.b-c.9", &long] {
            assert!(is_subdomain(good), "{good}");
        }
        for bad in ["", "A", "a_b", "-a", "a-", "a..b", "a/b", "a.-b", &"a".repeat(254)] {
            assert!(!is_subdomain(bad), "{bad}");
        }
        assert!(is_label("apps"));
        assert!(!is_label("a.b"));
        assert!(!is_label(&long));
        for good in ["", "a", "Reports_1.2-b", "9"] {
            assert!(is_label_value(good), "{good}");
        }
        for bad in ["-a", "a.", "a b", "a/b", &long] {
            assert!(!is_label_value(bad), "{bad}");
        }
    }
}
