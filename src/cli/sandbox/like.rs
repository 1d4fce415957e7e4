//! A configuration for the sandbox in a provider's place: the example of the preset, with secrets
//! that are made up and with the sandbox's endpoints.

use std::path::Path;

use super::likeness::likeness;
use crate::{
    cli::providers::example,
    config::{
        self, BUILT_IN,
        node::{Entry, Node, Scalar, Span, Value},
    },
    plan::{self, Environment, catalogue::Preset},
    sandbox::{Likeness, RSA_CERTIFICATE, RSA_KEY},
};

/// Where a value may be kept other than in the configuration itself.
const SOURCES: [&str; 5] = ["env", "file", "json_file", "systemd_credential", "command"];

const NOWHERE: Span = Span { file: BUILT_IN, start: 0, end: 0 };

/// A configuration with one credential for each preset; `base` is the sandbox's URL.
pub fn configuration(presets: &[Preset<'_>], base: &str) -> String {
    let credentials = presets.iter().map(|preset| {
        example::credential(*preset, &[endpoints(*preset, base), made_up(*preset)].concat())
    });
    format!(
        "version: 1\nstate_directory: state\noutput_directory: out\ncredentials:\n{}",
        credentials.collect::<String>()
    )
}

/// What the sandbox must know to play the providers of such a configuration.
pub fn likenesses(presets: &[Preset<'_>], configuration: &str) -> Result<Vec<Likeness>, String> {
    let loaded = config::of_text(Path::new("sandbox.yaml"), configuration.to_owned());
    let (plan, problems) = plan::build(&loaded, &Environment::default());
    let plan = plan.ok_or_else(|| {
        let problems: Vec<_> = problems.iter().map(|problem| loaded.render(problem)).collect();
        problems.join("\n")
    })?;
    let pairs = presets.iter().filter_map(|it| Some((it, plan.credential(it.name)?)));
    Ok(pairs.map(|(preset, credential)| likeness(*preset, credential)).collect())
}

/// The endpoints that the preset has, at the sandbox.
fn endpoints(preset: Preset<'_>, base: &str) -> Vec<Entry> {
    let at = |last: &str| text(&format!("{base}/like/{}/{last}", preset.name));
    let mut entries = vec![entry("token_endpoint", at("token"))];
    for (key, last) in
        [("authorization_endpoint", "authorize"), ("device_authorization_endpoint", "device")]
    {
        if preset.credential.find(key).is_some() {
            entries.push(entry(key, at(last)));
        }
    }
    entries
}

/// What a user adds, with values that stand in the configuration. The sandbox speaks plain HTTP
/// and sees no certificate.
fn made_up(preset: Preset<'_>) -> Vec<Entry> {
    let shown = preset.example.entries().iter().filter(|it| *it.key != *"client_certificate");
    shown.map(|it| entry(&it.key, value(&it.key, &it.value))).collect()
}

fn value(key: &str, node: &Node) -> Node {
    match &node.value {
        Value::Map(entries) => match entries.as_slice() {
            [only] if SOURCES.contains(&&*only.key) => secret(key),
            entries => {
                let entries = entries.iter().map(|it| entry(&it.key, value(&it.key, &it.value)));
                Node { at: NOWHERE, value: Value::Map(entries.collect()) }
            }
        },
        _ => node.clone(),
    }
}

fn secret(key: &str) -> Node {
    match key {
        "key" => text(RSA_KEY),
        "certificate" => text(RSA_CERTIFICATE),
        _ => text(&format!("sandbox-{}", key.replace('_', "-"))),
    }
}

fn entry(key: &str, value: Node) -> Entry {
    Entry { key: key.into(), at: NOWHERE, value }
}

fn text(text: &str) -> Node {
    Node { at: NOWHERE, value: Value::Text(Scalar { text: text.into(), plain: true }) }
}
