//! The files in which consumers find the token.

use std::path::{Component, Path};

use super::{
    draft::{Draft, Each},
    shared::Pool,
    template::{pieces, template},
    unique::Claims,
};
use crate::{
    config::{
        keys::CREDENTIAL,
        node::{Entry, Node, Span},
        scalar::mode,
    },
    credential::{Access, Content, Output, Template, is_env_value},
};

/// Files that the publisher makes for itself begin with this.
const RESERVED: &str = ".tokenward-";

/// The variant that is no file.
pub const KUBERNETES_SECRET: &str = "kubernetes_secret";

/// Room for the publisher's own endings in a file name of at most 255 bytes.
const MAX_NAME: usize = 200;

/// The outputs of a credential, which may show `fields` besides what every token has. Each lays
/// claim to its path.
pub fn outputs(
    draft: &mut Draft<'_>,
    fields: &[&str],
    accesses: &mut Pool<Access>,
    claims: &mut Claims,
) -> Box<[Output]> {
    let mut outputs = Vec::new();
    let items = draft.find(&["outputs"]).map_or(&[][..], Node::items);
    let entries = items.iter().filter_map(|item| item.entries().first());
    for entry in entries.filter(|entry| &*entry.key != KUBERNETES_SECRET) {
        let long = entry.value.find("path").is_some();
        let Some(node) = entry.value.find("path").or((!long).then_some(&entry.value)) else {
            continue;
        };
        let Some(text) = draft.fill(node) else { continue };
        let at = draft.place(node);
        check_each(draft, at, node.text().unwrap_or_default());
        let Some(path) = plain(draft, at, &text) else { continue };
        let access = accesses.share(access(draft, &entry.value, at));
        let content = content(draft, entry, fields);
        let output = Output { path, content, access };
        claims.add(&output, draft.each.map_or(draft.name, |each| each.name), at);
        outputs.push(output);
    }
    if items.is_empty() {
        draft.warning(
            draft.at,
            format!("the credential `{}` has no outputs: nobody can read its token", draft.name),
            "add `outputs: [{ token_file: NAME/access_token }]`",
        );
    }
    outputs.into()
}

/// The tokens of a `for_each` need a path each.
pub fn check_each(draft: &mut Draft<'_>, at: Span, path: &str) {
    let Some(Each { variable, .. }) = draft.each else { return };
    if !pieces(path).any(|piece| piece == Err(variable)) {
        draft.error(
            at,
            "every token of this `for_each` would be written to the same place",
            format!("write `${{{variable}}}` somewhere in its name"),
        );
    }
}

/// A path of plain names that stays inside the output directory.
fn plain(draft: &mut Draft<'_>, at: Span, text: &str) -> Option<Box<Path>> {
    let path = Path::new(text);
    let fits = |name: &str| name.len() <= MAX_NAME && !name.starts_with(RESERVED);
    let plain = path.components().all(|part| match part {
        Component::Normal(name) => name.to_str().is_some_and(fits),
        _ => false,
    });
    // `a//b`, `a/./b` and `a/` name the same file as another text, so they are not plain.
    let canonical = path.components().collect::<std::path::PathBuf>().as_os_str() == text;
    if plain && canonical && !text.is_empty() && !text.contains(char::is_control) {
        return Some(path.into());
    }
    if text.is_empty() {
        return None; // complained about already
    }
    draft.error(
        at,
        "this path of an output would leave the output directory, or is not plain",
        format!(
            "write names with `/` between them, such as `app/access_token`: not absolute, no \
             `..`, none that begins with `{RESERVED}`, none longer than {MAX_NAME} bytes"
        ),
    );
    None
}

fn access(draft: &mut Draft<'_>, own: &Node, at: Span) -> Access {
    let node = own.find("mode").or_else(|| draft.find(&["mode"]));
    let place = node.map_or(at, |node| draft.place(node));
    let text = node.and_then(Node::text).or_else(|| CREDENTIAL.default_of("mode"));
    let mode = text.and_then(mode).unwrap_or(0o600);
    if mode & 0o002 != 0 {
        draft.error(
            place,
            "the output would be writable by everybody: anybody could replace the token",
            "take the last digit's 2 away: `\"0640\"`",
        );
    } else if mode & 0o004 != 0 {
        draft.warning(
            place,
            "the output would be readable by everybody",
            "write `\"0640\"`, and give the file to the consumers' `group`",
        );
    }
    let text = |name| {
        let node = own.find(name).or_else(|| draft.find(&[name]));
        node.and_then(Node::text).map(Box::from)
    };
    Access { mode, owner: text("owner"), group: text("group") }
}

fn content(draft: &mut Draft<'_>, entry: &Entry, fields: &[&str]) -> Content {
    match &*entry.key {
        "env_file" => Content::EnvFile { variables: variables(draft, &entry.value, fields) },
        "template_file" => Content::TemplateFile { text: text(draft, &entry.value, fields) },
        "json_file" => Content::JsonFile,
        _ => Content::TokenFile {
            newline: entry.value.find("newline").and_then(Node::text) == Some("true"),
        },
    }
}

fn text(draft: &mut Draft<'_>, node: &Node, fields: &[&str]) -> Template {
    let found = node.find("text");
    let text = found.and_then(Node::text).unwrap_or_default();
    template(text, &draft.variables, fields).unwrap_or_else(|unknown| {
        draft.note(unknown.problem(draft.place(found.unwrap_or(node))));
        Template([].into())
    })
}

fn variables(draft: &mut Draft<'_>, node: &Node, fields: &[&str]) -> Box<[(Box<str>, Template)]> {
    let mut variables = Vec::new();
    for entry in node.find("variables").map_or(&[][..], Node::entries) {
        let Some(text) = entry.value.text() else { continue };
        match template(text, &draft.variables, fields) {
            Ok(value) => {
                // Whatever the token is: does the text around it stand in the way?
                if !is_env_value(&value.fill(|_| "x".into())) {
                    draft.error(
                        draft.place(&entry.value),
                        "systemd, sh and docker do not read this text alike without quotes",
                        "leave spaces and text such as `Bearer ` to the program that reads it",
                    );
                }
                variables.push(((*entry.key).into(), value));
            }
            Err(unknown) => draft.note(unknown.problem(draft.place(&entry.value))),
        }
    }
    variables.into()
}
