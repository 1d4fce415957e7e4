//! `docs/providers.md`: each row of its table names keys, and leads to examples that use them.

#[path = "shared/write.rs"]
mod write;

use std::path::Path;

use tokenward::{
    config::{
        self,
        node::{Node, Value},
    },
    daemon::{Reading, Surroundings},
};
use write::write;

/// A row of the table: the keys that it names, and the anchor that it leads to.
struct Row {
    keys: Vec<String>,
    anchor: String,
}

fn document() -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/providers.md");
    std::fs::read_to_string(path).expect("docs/providers.md")
}

fn rows(text: &str) -> Vec<Row> {
    let rows = text.lines().filter(|line| line.starts_with("| ")).skip(1);
    rows.map(|line| {
        let cells: Vec<_> = line.split('|').map(str::trim).collect();
        let keys = cells[3].split('`').skip(1).step_by(2).map(str::to_owned).collect();
        let (_, anchor) = cells[4].split_once("](#").expect(line);
        Row { keys, anchor: anchor.trim_end_matches(')').to_owned() }
    })
    .collect()
}

/// The examples below each heading, by its anchor.
fn sections(text: &str) -> Vec<(String, Vec<String>)> {
    let sections = text.split("\n## ").skip(1).map(|section| {
        let (heading, body) = section.split_once('\n').expect("a heading");
        let blocks = body.split("```yaml\n").skip(1);
        let blocks = blocks.map(|block| block.split("```").next().unwrap_or_default().to_owned());
        (heading.to_lowercase().replace('.', "").replace(' ', "-"), blocks.collect())
    });
    sections.collect()
}

/// The example as a configuration, and what is wrong with it.
fn load(example: &str, folder: &Path) -> (Node, Vec<String>) {
    let indented = example.lines().flat_map(|line| ["  ", line, "\n"]).collect::<String>();
    let head = "version: 1\nstate_directory: /state\noutput_directory: /outputs\n";
    let path = folder.join("config.yaml");
    write(&path, format!("{head}credentials:\n{indented}"));
    let reading = Reading::of_text(&path, &Surroundings::default());
    let mut errors = reading.report();
    errors.truncate(reading.errors());
    let credentials = config::load(&path).root.find("credentials").cloned();
    (credentials.expect("credentials"), errors)
}

/// Whether a key such as `response.lifetime` stands anywhere in a tree.
fn uses(node: &Node, key: &str) -> bool {
    let path: Vec<_> = key.split('.').collect();
    let below = match &node.value {
        Value::Map(entries) => entries.iter().any(|entry| uses(&entry.value, key)),
        Value::List(items) => items.iter().any(|item| uses(item, key)),
        _ => false,
    };
    node.find_path(&path).is_some() || below
}

#[test]
fn every_example_is_good_and_every_row_has_one() {
    let text = document();
    let folder = tempfile::tempdir().expect("a folder");
    let mut trees = Vec::new();
    for (anchor, examples) in sections(&text) {
        for example in examples {
            let (tree, errors) = load(&example, folder.path());
            assert!(errors.is_empty(), "{anchor}:\n{example}\n{}", errors.join("\n"));
            assert_eq!(tree.entries().len(), 1, "{anchor}: one credential an example");
            trees.push((anchor.clone(), tree));
        }
    }
    let rows = rows(&text);
    assert!(rows.len() > 20, "only {} rows were found", rows.len());
    for Row { keys, anchor } in rows {
        let own: Vec<_> = trees.iter().filter(|(of, _)| *of == anchor).collect();
        assert!(!own.is_empty(), "no example below #{anchor}");
        for key in keys {
            let used = own.iter().any(|(_, tree)| uses(tree, &key));
            assert!(used, "no example below #{anchor} uses `{key}`");
        }
    }
}
