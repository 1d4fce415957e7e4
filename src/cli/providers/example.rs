//! A configuration to start with.

use crate::{
    config::{
        node::{Entry, Node},
        write::yaml,
    },
    plan::catalogue::Preset,
};

/// The configuration of one credential that uses the preset, ready to be pasted.
pub fn configuration(preset: Preset<'_>) -> String {
    format!(
        "version: 1\nstate_directory: /var/lib/tokenward\noutput_directory: /run/tokenward\n\
         credentials:\n{}",
        credential(preset, preset.example.entries())
    )
}

/// The credential: what a user adds to the preset, and its outputs.
pub fn credential(preset: Preset<'_>, added: &[Entry]) -> String {
    let name = preset.name;
    let exports =
        preset.credential.find_path(&["response", "fields"]).map_or(&[][..], Node::entries);
    let json = if exports.is_empty() {
        String::new()
    } else {
        format!("      - json_file: {name}/token.json\n")
    };
    format!(
        "  {name}:\n    provider: {name}\n{}    outputs:\n      - token_file: {name}/token\n{json}",
        yaml(added, 4),
    )
}
