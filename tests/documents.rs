//! What the documents say is true: their links lead somewhere, their verbs exist, their
//! configurations are good, and every reason that the code can give is explained.

#[path = "shared/write.rs"]
mod write;

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
    process::Command,
    sync::Arc,
};

use tokenward::{
    credential::{Access, Output, UnitAction},
    daemon::{Reading, Surroundings},
    publish,
};
use write::write;

/// A Markdown file of the repository.
struct Document {
    path: PathBuf,
    text: String,
}

/// A block between fences.
struct Block<'a> {
    language: &'a str,
    text: String,
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Every file below `folder` with this extension, but not what is built or installed there.
fn files(folder: &Path, extension: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        if path.is_dir() {
            if !name.starts_with('.') && !["target", "node_modules"].contains(&name) {
                found.extend(files(&path, extension));
            }
        } else if path.extension().is_some_and(|own| own == extension) {
            found.push(path);
        }
    }
    found
}

fn documents() -> Vec<Document> {
    let read = |path: PathBuf| Document { text: fs::read_to_string(&path).expect("text"), path };
    files(root(), "md").into_iter().map(read).collect()
}

fn document(name: &str) -> String {
    fs::read_to_string(root().join(name)).expect(name)
}

fn blocks(text: &str) -> Vec<Block<'_>> {
    let mut blocks = Vec::new();
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        let Some(language) = line.strip_prefix("```") else { continue };
        let inside = lines.by_ref().take_while(|line| *line != "```");
        let text = inside.flat_map(|line| [line, "\n"]).collect();
        blocks.push(Block { language, text });
    }
    blocks
}

fn tokenward(arguments: &[&str]) -> std::process::Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tokenward"));
    command.args(arguments).output().expect("the program runs")
}

/// The verbs that `--help` lists.
fn verbs() -> BTreeSet<String> {
    let help = String::from_utf8(tokenward(&["--help"]).stdout).expect("UTF-8");
    let rows = help.lines().skip_while(|line| *line != "Verbs:").skip(1);
    let rows = rows.take_while(|line| !line.is_empty());
    // A description that goes on in a second row stands further in.
    let rows = rows.filter_map(|row| row.strip_prefix("  ").filter(|row| !row.starts_with(' ')));
    let verbs: BTreeSet<_> =
        rows.filter_map(|row| row.split(' ').next()).map(str::to_owned).collect();
    assert!(verbs.contains("run"), "no verbs in:\n{help}");
    verbs
}

/// The words between backticks that stand first in the rows of a table.
fn first_column(table: &str) -> BTreeSet<String> {
    let cells = table.lines().filter_map(|line| line.strip_prefix("| `")?.split('|').next());
    let words = cells.flat_map(|cell| cell.split(['`', ',', ' ']));
    words.filter(|word| !word.is_empty()).map(str::to_owned).collect()
}

/// What stands under a heading, to the next one of its level.
fn section<'a>(text: &'a str, heading: &str) -> &'a str {
    let (_, after) = text.split_once(&format!("\n## {heading}\n")).expect(heading);
    after.split("\n## ").next().expect("a section")
}

#[test]
fn the_readme_has_every_verb_and_no_other() {
    let mut verbs = verbs();
    verbs.remove("help");
    assert_eq!(first_column(section(&document("README.md"), "Verbs")), verbs);
}

#[test]
fn every_command_in_the_documents_is_a_verb() {
    let verbs = verbs();
    let mut unknown = Vec::new();
    for Document { path, text } in documents() {
        for start in ["`tokenward ", "cargo run --release -- ", "bin/tokenward ", "[tokenward, "] {
            let words = text.split(start).skip(1).filter_map(|rest| {
                rest.split(|c: char| !c.is_ascii_alphanumeric() && c != '-').next()
            });
            let words = words.filter(|word| !word.is_empty() && !word.starts_with('-'));
            unknown.extend(
                words
                    .filter(|word| !verbs.contains(*word))
                    .map(|word| format!("{}: `tokenward {word}` is no verb", path.display())),
            );
        }
    }
    assert!(unknown.is_empty(), "{}", unknown.join("\n"));
}

#[test]
fn every_command_in_a_shell_block_is_a_verb_with_its_options() {
    let verbs = verbs();
    let mut unknown = Vec::new();
    let mut seen = 0;
    for Document { path, text } in documents() {
        let blocks = blocks(&text);
        let shell = blocks.iter().filter(|block| block.language == "sh");
        for line in shell.flat_map(|block| block.text.lines()) {
            let mut words = line.split(' ').skip_while(|word| *word != "tokenward").skip(1);
            let Some(verb) = words.next() else { continue };
            if verbs.contains(verb) {
                let help = String::from_utf8(tokenward(&[verb, "--help"]).stdout).expect("UTF-8");
                let options: Vec<_> = words.filter(|word| word.starts_with("--")).collect();
                seen += options.len();
                let absent = options.into_iter().filter(|option| !help.contains(option));
                unknown.extend(absent.map(|word| format!("{}: {word}: {line}", path.display())));
            } else if line.starts_with("tokenward ") {
                unknown.push(format!("{}: {verb}: {line}", path.display()));
            }
        }
    }
    assert!(seen > 1, "only {seen} options were found");
    assert!(unknown.is_empty(), "{}", unknown.join("\n"));
}

/// systemctl and polkit put the words of a verb in another order.
#[test]
fn the_polkit_rule_allows_each_action_for_no_unit_yet() {
    let sorted = |verb: &str| verb.split('-').map(str::to_owned).collect::<BTreeSet<_>>();
    let rule = document("systemd/polkit/tokenward.rules");
    let list = |name: &str| {
        let (_, list) = rule.split_once(&format!("var {name} = [")).expect(name);
        list.split(']').next().expect("a list").to_owned()
    };
    let allowed: BTreeSet<_> = list("verbs").split('"').skip(1).step_by(2).map(sorted).collect();
    let actions: BTreeSet<_> = UnitAction::ALL.iter().map(|one| sorted(one.verb())).collect();
    assert_eq!(allowed, actions);
    assert_eq!(list("units"), "");
}

#[test]
fn every_relative_link_leads_somewhere() {
    let mut broken = Vec::new();
    let mut seen = 0;
    for Document { path, text } in documents() {
        let folder = path.parent().expect("a folder");
        for link in text.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            if link.contains("://") {
                continue;
            }
            seen += 1;
            let (file, anchor) = link.split_once('#').unwrap_or((link, ""));
            let target = if file.is_empty() { path.clone() } else { folder.join(file) };
            if !target.exists() || !(anchor.is_empty() || has_anchor(&target, anchor)) {
                broken.push(format!("{}: {link}", path.display()));
            }
        }
    }
    assert!(seen > 20, "only {seen} links were found");
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

/// Whether a heading of the file becomes this anchor.
fn has_anchor(file: &Path, anchor: &str) -> bool {
    let text = fs::read_to_string(file).expect("text");
    text.lines().filter(|line| line.starts_with('#')).any(|line| {
        let heading = line.trim_start_matches('#').trim().to_lowercase().replace(' ', "-");
        let slug = heading.chars().filter(|c| c.is_alphanumeric() || "-_".contains(*c));
        slug.collect::<String>() == anchor
    })
}

#[test]
fn every_configuration_in_the_documents_is_good() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut seen = 0;
    for Document { path, text } in documents() {
        let whole =
            |block: &Block<'_>| block.language == "yaml" && block.text.starts_with("version: 1\n");
        for block in blocks(&text).iter().filter(|block| whole(block)) {
            seen += 1;
            let file = folder.path().join(format!("{seen}.yaml"));
            write(&file, &block.text);
            let checked =
                tokenward(&["check", "--syntax", "--config", file.to_str().expect("a path")]);
            let said = String::from_utf8_lossy(&checked.stderr);
            assert!(
                checked.status.success() && said.is_empty(),
                "{}: {said}\n{}",
                path.display(),
                block.text
            );
        }
    }
    assert!(seen > 0, "no configuration was found");
}

/// As the daemon's own files: whether this machine has the owners and groups is another matter.
#[test]
fn every_output_of_the_example_can_be_written() {
    let example = root().join("config.example.yaml");
    let reading = Reading::of_text(&example, &Surroundings::default());
    let plan = reading.plan.expect("the example is good");
    let directory = tempfile::tempdir().expect("a folder");
    let outputs: Vec<_> = plan.credentials.iter().flat_map(|one| one.outputs.clone()).collect();
    let refused: Vec<_> = outputs
        .into_iter()
        .map(|output| Output {
            access: Arc::new(Access { mode: output.access.mode, owner: None, group: None }),
            ..output
        })
        .flat_map(|output| publish::preflight(directory.path(), &[output]))
        .map(|error| error.to_string())
        .collect();
    assert!(refused.is_empty(), "{}", refused.join("\n"));
}

#[test]
fn every_reason_is_explained() {
    let mut reasons = BTreeSet::new();
    for path in files(&root().join("src"), "rs") {
        let source = fs::read_to_string(path).expect("text");
        for start in ["fn reason(", "fn name(self) -> &'static str"] {
            for body in source.split(start).skip(1) {
                let body = body.split("\n    }\n").next().unwrap_or_default();
                reasons.extend(quoted(body).map(str::to_owned));
            }
        }
    }
    assert!(reasons.len() > 50, "only {} reasons were found", reasons.len());
    let explained = first_column(section(&document("docs/operations.md"), "Reasons"));
    let missing: Vec<_> = reasons.difference(&explained).collect();
    assert!(missing.is_empty(), "docs/operations.md does not explain {missing:?}");
    let stale: Vec<_> = explained.difference(&reasons).collect();
    assert!(stale.iter().all(|word| *word == "reason"), "nothing in the code says {stale:?}");
}

/// The words in quotation marks.
fn quoted(source: &str) -> impl Iterator<Item = &str> {
    let word =
        |text: &&str| !text.is_empty() && text.chars().all(|c| c.is_ascii_lowercase() || c == '_');
    source.split('"').skip(1).step_by(2).filter(word)
}
