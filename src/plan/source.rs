//! Where a value is kept.

use super::{draft::Draft, reply};
use crate::{
    config::{
        node::{Node, Value},
        shape::Names,
    },
    credential::{
        Assertion, ClientAuthentication, CommandLine, Credential, Grant, StepValue, ValueSource,
    },
};

/// The source that a node names. Variables are filled into a value that stands here.
pub fn source(draft: &mut Draft<'_>, node: &Node) -> Option<ValueSource> {
    if let Value::Text(_) = &node.value {
        return draft.fill(node).map(|text| ValueSource::Literal(text.into()));
    }
    kept(draft, node)
}

/// The same for a secret, in which `${` has no meaning.
pub fn secret(draft: &mut Draft<'_>, node: &Node) -> Option<ValueSource> {
    match node.text() {
        Some("") => {
            draft.error(
                draft.place(node),
                "the secret is empty",
                "say where it is kept: `{ file: ... }`, `{ env: ... }`, \
                 `{ systemd_credential: ... }` or `{ command: [...] }`",
            );
            None
        }
        Some(text) => {
            draft.warning(
                draft.place(node),
                "a secret stands in the configuration itself",
                "keep it in a file that only the daemon may read, and write `{ file: ... }`",
            );
            Some(ValueSource::Literal(text.into()))
        }
        None => kept(draft, node),
    }
}

fn kept(draft: &mut Draft<'_>, node: &Node) -> Option<ValueSource> {
    let [entry] = node.entries() else { return None };
    let at = draft.place(&entry.value);
    let text = || entry.value.text();
    match &*entry.key {
        "env" => {
            let name = text()?;
            if !Names::Environment.accepts(name) {
                let mend = format!("make it of {}", Names::Environment.phrase());
                draft.error(at, "this cannot be the name of an environment variable", mend);
            }
            Some(ValueSource::Env(name.into()))
        }
        "file" => draft.path(&entry.value).map(ValueSource::File),
        "json_file" => {
            let path = draft.path(entry.value.find("path")?)?;
            let field = reply::path(draft, entry.value.find("field")?, "field");
            Some(ValueSource::JsonFile { path, field: Box::new(field) })
        }
        "systemd_credential" => {
            let name = text()?;
            if name.is_empty() || name.contains('/') || matches!(name, "." | "..") {
                draft.error(
                    at,
                    "this cannot be the name of a systemd credential",
                    "use the name in `LoadCredential=NAME:...`, which is a plain file name",
                );
            }
            Some(ValueSource::SystemdCredential(name.into()))
        }
        "command" => command_line(draft, &entry.value).map(ValueSource::Command),
        _ => None,
    }
}

/// A program and its arguments.
pub fn command_line(draft: &mut Draft<'_>, node: &Node) -> Option<CommandLine> {
    let items = match &node.value {
        Value::List(items) => items.as_slice(),
        Value::Null => &[],
        _ => return None,
    };
    let argv: Box<[Box<str>]> = items.iter().filter_map(Node::text).map(Box::from).collect();
    if argv.first().is_none_or(|program| program.is_empty()) {
        draft.error(
            draft.place(node),
            "the command names no program",
            "write the program and its arguments: `[/usr/bin/program, --option]`",
        );
    }
    Some(CommandLine(argv))
}

/// Named sources, from all layers: those of the preset first.
pub fn named(draft: &mut Draft<'_>, path: &[&str]) -> Box<[(Box<str>, ValueSource)]> {
    let mut sources = Vec::new();
    for entry in draft.entries_at(path) {
        let source = source(draft, &entry.value);
        sources.extend(source.map(|source| ((*entry.key).into(), source)));
    }
    sources.into()
}

/// Every source of a credential.
pub fn sources(credential: &Credential) -> Vec<&ValueSource> {
    let client = &credential.client;
    let mut sources: Vec<_> = client.id.iter().chain(&client.secrets).collect();
    if let ClientAuthentication::Jwt(assertion) = &client.authentication {
        sources.extend(of_assertion(assertion));
    }
    match &*credential.grant {
        Grant::RefreshToken { seed } => sources.push(seed),
        Grant::Password { username, password } => sources.extend([username, password]),
        Grant::JwtBearer(assertion) | Grant::AppJwt(assertion) | Grant::SignedJwt(assertion) => {
            sources.extend(of_assertion(assertion));
        }
        Grant::TokenExchange(exchange) => {
            sources.push(&exchange.subject_token);
            sources.extend(&exchange.actor_token);
        }
        Grant::OAuth1(oauth1) => sources.extend(oauth1.signature_method.private_key()),
        Grant::ClientCredentials
        | Grant::AuthorizationCode(_)
        | Grant::DeviceCode { .. }
        | Grant::None
        | Grant::Command(_) => {}
    }
    let parameters = &credential.parameters;
    let named = [&parameters.extra, &parameters.query, &parameters.headers].into_iter().flatten();
    sources.extend(named.map(|(_, source)| source));
    let renewal = credential.renewal.iter().flat_map(|renewal| &renewal.extra);
    sources.extend(renewal.map(|(_, source)| source));
    for step in &*credential.steps {
        let values = step.parameters.iter().chain(&step.headers);
        sources.extend(values.filter_map(|(_, value)| match value {
            StepValue::Source(source) => Some(source),
            StepValue::Text(_) => None,
        }));
    }
    sources
}

fn of_assertion(assertion: &Assertion) -> impl Iterator<Item = &ValueSource> {
    let signing = &assertion.signing;
    [Some(&signing.key), signing.key_id.as_ref(), signing.certificate.as_ref()]
        .into_iter()
        .chain([assertion.issuer.as_ref(), assertion.subject.as_ref(), assertion.audience.as_ref()])
        .flatten()
        .chain(assertion.claims.iter().map(|(_, source)| source))
}
