//! The programs that read env files, each with its own parser.

mod docker;
mod shell;
mod systemd;

use std::{collections::BTreeMap, path::Path};

/// What a reader made of a file.
pub type Variables = BTreeMap<String, String>;

/// What each reader that is installed here makes of the file.
pub fn read_with_all(file: &Path) -> Vec<(&'static str, Variables)> {
    [
        ("sh", shell::read("sh", file)),
        ("dash", shell::read("dash", file)),
        ("bash", shell::read("bash", file)),
        ("systemd's EnvironmentFile=", systemd::read_with_manager(file)),
        ("systemd's environment.d", systemd::read_with_generator(file)),
        ("docker --env-file", docker::read_with_client(file)),
        ("docker's documented rules", Ok(docker::read_by_the_rules(file))),
    ]
    .into_iter()
    .filter_map(|(reader, read)| match read {
        Ok(variables) => Some((reader, variables)),
        Err(why) => {
            crate::left_out(reader, &why);
            None
        }
    })
    .collect()
}

/// Entries of `NAME=value`.
fn variables<'a>(entries: impl IntoIterator<Item = &'a str>) -> Variables {
    entries
        .into_iter()
        .filter_map(|entry| entry.split_once('='))
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect()
}
