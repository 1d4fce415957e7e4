//! Further files with credentials: `include: conf.d/*.yaml`.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use super::{
    check::listed,
    node::{Entry, Node, Span, Value},
    problem::Problem,
};

/// What a pattern stands for.
pub struct Included {
    /// The files, sorted by name.
    pub files: Vec<PathBuf>,
    /// The folder in which a new file may appear, if the pattern has a `*`.
    pub folder: Option<PathBuf>,
}

/// The files that `pattern`, written at `at`, stands for. Only the file name may hold `*`.
pub fn expand(pattern: &str, folder: &Path, at: Span) -> Result<Included, Problem> {
    let path = folder.join(pattern);
    let parent = path.parent().unwrap_or(folder).to_owned();
    let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    if parent.to_string_lossy().contains('*') {
        return Err(Problem::error(
            at,
            "only the file name of an include may hold `*`",
            "name each folder on its own: `include: [a/*.yaml, b/*.yaml]`",
        ));
    }
    if !name.contains('*') {
        return Ok(Included { files: vec![path], folder: None });
    }
    let mut files = matching(&parent, name).map_err(|error| {
        Problem::error(
            at,
            format!("cannot list {}: {error}", parent.display()),
            "create the folder and let the daemon's user read it, or remove the include",
        )
    })?;
    files.sort_unstable();
    Ok(Included { files, folder: Some(parent) })
}

/// Names with a dot in front are left out: editors and Kubernetes (`..data`) keep theirs there.
fn matching(folder: &Path, pattern: &str) -> io::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder)? {
        let name = entry?.file_name();
        let fits = name.to_str().is_some_and(|name| !name.starts_with('.') && fits(pattern, name));
        if fits {
            files.push(folder.join(name));
        }
    }
    Ok(files)
}

/// Whether `name` fits a pattern in which `*` stands for any text.
fn fits(pattern: &str, name: &str) -> bool {
    let Some((head, tail)) = pattern.split_once('*') else { return pattern == name };
    name.strip_prefix(head).is_some_and(|rest| {
        let ends = rest.char_indices().map(|(at, _)| at).chain([rest.len()]);
        ends.filter_map(|at| rest.get(at..)).any(|rest| fits(tail, rest))
    })
}

/// Takes the credentials out of an included file, which may hold nothing else.
pub fn credentials(root: &mut Node, problems: &mut Vec<Problem>) -> Vec<Entry> {
    let mut credentials = Vec::new();
    match &mut root.value {
        Value::Null => {}
        Value::Map(entries) => {
            for entry in entries {
                if *entry.key != *"credentials" {
                    problems.push(Problem::error(
                        entry.at,
                        format!("{} cannot stand in an included file", entry.quoted()),
                        "move it into the main file; an included file holds `credentials` only",
                    ));
                } else if let Value::Map(found) = &mut entry.value.value {
                    credentials.append(found);
                } else if entry.value.value != Value::Null {
                    problems.push(not_a_map(&entry.value));
                }
            }
        }
        _ => problems.push(not_a_map(root)),
    }
    credentials
}

fn not_a_map(node: &Node) -> Problem {
    let message = format!("an included file holds {} where it needs a map", node.kind());
    Problem::error(node.at, message, format!("begin it with {}:", listed(["credentials"])))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_stands_for_any_text() {
        for (pattern, name, expected) in [
            ("*.yaml", "a.yaml", true),
            ("*.yaml", ".yaml", true),
            ("*.yaml", "a.yml", false),
            ("a*b*c", "a-b-b-c", true),
            ("a*b*c", "a-c-b", false),
            ("*", "anything", true),
        ] {
            assert_eq!(fits(pattern, name), expected, "{pattern} {name}");
        }
    }
}
