//! A tree as YAML text: for what the program shows and a user pastes.

use super::node::{Entry, Node, Value};

/// What a nested block is indented by.
const STEP: usize = 2;
/// A map or a list of plain values is written on one line if it is no longer.
const ONE_LINE: usize = 72;

/// Entries of a map, each line with this many spaces before it.
pub fn yaml(entries: &[Entry], indent: usize) -> String {
    entries.iter().map(|entry| line(entry, indent)).collect()
}

fn line(entry: &Entry, indent: usize) -> String {
    let head = format!("{:indent$}{}:", "", entry.key);
    if let Some(short) = flow(&entry.value).filter(|text| text.len() <= ONE_LINE) {
        return format!("{head} {short}\n");
    }
    match &entry.value.value {
        Value::Map(entries) => format!("{head}\n{}", yaml(entries, indent + STEP)),
        Value::List(items) => {
            let items = items.iter().map(|item| {
                format!("{:1$}- {2}\n", "", indent + STEP, flow(item).unwrap_or_default())
            });
            format!("{head}\n{}", items.collect::<String>())
        }
        Value::Text(scalar) if scalar.text.contains('\n') => {
            let lines = scalar.text.lines().map(|line| match line {
                "" => "\n".to_owned(),
                line => format!("{:1$}{line}\n", "", indent + STEP),
            });
            format!("{head} |\n{}", lines.collect::<String>())
        }
        Value::Text(scalar) => format!("{head} {}\n", scalar_text(&scalar.text, scalar.plain)),
        Value::Null => format!("{head}\n"),
    }
}

/// The value on one line; `None` if it has several lines.
fn flow(node: &Node) -> Option<String> {
    match &node.value {
        Value::Null => Some("null".to_owned()),
        Value::Text(scalar) if scalar.text.contains('\n') => None,
        // In flow style a comma or a bracket ends a plain text.
        Value::Text(scalar) => Some(scalar_text(
            &scalar.text,
            scalar.plain && !scalar.text.contains([',', '[', ']', '{', '}']),
        )),
        Value::List(items) => {
            let items: Option<Vec<_>> = items.iter().map(flow).collect();
            Some(format!("[{}]", items?.join(", ")))
        }
        Value::Map(entries) => {
            let entries =
                entries.iter().map(|entry| Some(format!("{}: {}", entry.key, flow(&entry.value)?)));
            Some(format!("{{ {} }}", entries.collect::<Option<Vec<_>>>()?.join(", ")))
        }
    }
}

/// A scalar as it stood, or in quotes: a JSON string is a YAML string (YAML 1.2, section 1.3).
fn scalar_text(text: &str, plain: bool) -> String {
    if plain { text.to_owned() } else { serde_json::Value::from(text).to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::yaml;

    /// The values of a tree, without the places where they stand.
    fn values(node: &Node) -> String {
        match &node.value {
            Value::Null => "null".to_owned(),
            Value::Text(scalar) => format!("{:?}/{}", scalar.text, scalar.plain),
            Value::List(items) => format!("{:?}", items.iter().map(values).collect::<Vec<_>>()),
            Value::Map(entries) => {
                let entries = entries.iter().map(|e| format!("{}={}", e.key, values(&e.value)));
                format!("{:?}", entries.collect::<Vec<_>>())
            }
        }
    }

    #[test]
    fn what_is_written_reads_as_what_it_was() {
        let text = "\
a: plain
b: 'quoted: # \"x\" \\\\'
c: { file: /run/secret }
d: [one, 'two, three', { e: f }]
g:
  - token_file: name/token
  - json_file: { path: 'a,b', mode: 0640 }
h: |
  first

    second
i: { j: { k: 'a text that is long enough', l: 'for the map to need several lines', m: n } }
n:
o: \"\"
";
        let before = yaml::parse(text, 0).unwrap();
        let written = super::yaml(before.entries(), 0);
        let after = yaml::parse(&written, 0).unwrap();
        assert_eq!(values(&after).replace("\"null\"", "null"), values(&before), "{written}");
        assert!(written.contains("\nc: { file: /run/secret }\n"), "{written}");
    }
}
