//! An XML body as the same tree that JSON makes: elements are keys by their local names, repeated
//! ones are lists, attributes are keys that begin with `@`.

use roxmltree::{Document, Node, ParsingOptions};
use serde_json::{Map, Value};

/// A reply is small; what has more nodes or is deeper was made to be a burden.
const MOST_NODES: u32 = 10_000;
const DEEPEST: usize = 64;

/// The key for the text of an element that has attributes or other elements beside it.
const TEXT: &str = "#text";

/// What a body that begins with `<` is.
#[derive(Debug, PartialEq)]
pub(super) enum Markup {
    /// A document, under the name of its root.
    Xml(Value),
    /// A page for people.
    Html,
    /// Neither, for example because it was cut off.
    Broken,
}

/// Elements that a page begins with, also one that is only a part of a page.
const PAGES: [&str; 12] =
    ["body", "br", "center", "div", "h1", "h2", "head", "hr", "html", "p", "pre", "title"];

/// Reads a body. A document type is refused: it could define entities that grow without end.
pub(super) fn read(text: &str) -> Markup {
    if first_name(text).is_none_or(|name| PAGES.contains(&&*name.to_ascii_lowercase())) {
        return Markup::Html;
    }
    let options =
        ParsingOptions { allow_dtd: false, nodes_limit: MOST_NODES, ..Default::default() };
    let Ok(document) = Document::parse_with_options(text, options) else { return Markup::Broken };
    let root = document.root_element();
    let Some(value) = element(root, DEEPEST) else { return Markup::Broken };
    Markup::Xml(Value::Object(Map::from_iter([(root.tag_name().name().to_owned(), value)])))
}

/// The name in the first tag that is no declaration or comment, or the one that a document type
/// says the document begins with.
fn first_name(text: &str) -> Option<&str> {
    let mut rest = text;
    let tag = loop {
        rest = rest.trim_start();
        rest = if let Some(instruction) = rest.strip_prefix("<?") {
            instruction.split_once("?>")?.1
        } else if let Some(comment) = rest.strip_prefix("<!--") {
            comment.split_once("-->")?.1
        } else {
            break rest.strip_prefix('<')?;
        };
    };
    let mut words = tag.split(|c: char| c.is_whitespace() || matches!(c, '>' | '/'));
    let first = words.next()?;
    let name = if first.eq_ignore_ascii_case("!doctype") { words.next()? } else { first };
    Some(name).filter(|name| !name.is_empty())
}

/// What an element holds: its text alone if it has nothing else. `None` if it is too deep.
fn element(node: Node<'_, '_>, deepest: usize) -> Option<Value> {
    let deeper = deepest.checked_sub(1)?;
    let mut fields = Map::new();
    for attribute in node.attributes() {
        fields.insert(format!("@{}", attribute.name()), attribute.value().into());
    }
    for child in node.children().filter(Node::is_element) {
        let value = element(child, deeper)?;
        match fields.get_mut(child.tag_name().name()) {
            None => drop(fields.insert(child.tag_name().name().to_owned(), value)),
            Some(Value::Array(values)) => values.push(value),
            Some(first) => *first = Value::Array(vec![first.take(), value]),
        }
    }
    let text: String =
        node.children().filter(Node::is_text).filter_map(|child| child.text()).collect();
    let text = text.trim();
    if fields.is_empty() {
        return Some(text.into());
    }
    if !text.is_empty() {
        fields.insert(TEXT.into(), text.into());
    }
    Some(Value::Object(fields))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_document_is_a_tree_of_keys() {
        for (text, expected) in [
            ("<a/>", json!({ "a": "" })),
            ("<a>t</a>", json!({ "a": "t" })),
            ("<a> <b>1</b>\n<c>2</c> </a>", json!({ "a": { "b": "1", "c": "2" } })),
            (
                "<a><b>1</b><c/><b>2</b><b>3</b></a>",
                json!({ "a": { "b": ["1", "2", "3"], "c": "" } }),
            ),
            ("<a x='1'>t</a>", json!({ "a": { "@x": "1", "#text": "t" } })),
            ("<a>s<b/>t</a>", json!({ "a": { "b": "", "#text": "st" } })),
            (
                "<n:a xmlns:n='urn:x' n:y='1'><n:b>t</n:b></n:a>",
                json!({ "a": { "@y": "1", "b": "t" } }),
            ),
            (
                "<?xml version='1.0'?><!-- x --><a>&lt;&#65;<![CDATA[<b>]]></a>",
                json!({ "a": "<A<b>" }),
            ),
        ] {
            assert_eq!(read(text), Markup::Xml(expected), "{text}");
        }
    }

    #[test]
    fn a_page_is_no_document_and_half_a_document_is_nothing() {
        let bomb = "<!DOCTYPE a [<!ENTITY l 'lol'><!ENTITY m '&l;&l;&l;'>]><a>&m;</a>";
        let outside = "<?xml version='1.0'?><!DOCTYPE a SYSTEM 'file:///etc/passwd'><a/>";
        let deep = format!("{}{}", "<a>".repeat(DEEPEST + 1), "</a>".repeat(DEEPEST + 1));
        let abyss = "<a>".repeat(300_000);
        let many = format!("<a>{}</a>", "<b/>".repeat(MOST_NODES as usize));
        let page = "<?xml version='1.0'?><!DOCTYPE html><html><body/></html>";
        for (name, text, expected) in [
            ("page", "<!DOCTYPE html><html></html>", Markup::Html),
            ("page in capitals", "<HTML>", Markup::Html),
            ("page as XML", page, Markup::Html),
            ("comment before a page", "<!-- x --><html/>", Markup::Html),
            ("part of a page", "<h1>Bad Gateway</h1>", Markup::Html),
            ("no tag", "< >", Markup::Html),
            ("open comment", "<!-- x", Markup::Html),
            ("cut off", "<response><token>abc", Markup::Broken),
            ("unknown entity", "<a>&x;</a>", Markup::Broken),
            ("entity bomb", bomb, Markup::Broken),
            ("another file", outside, Markup::Broken),
            ("too deep", &deep, Markup::Broken),
            ("far too deep", &abyss, Markup::Broken),
            ("too many", &many, Markup::Broken),
        ] {
            assert_eq!(read(text), expected, "{name}");
        }
    }
}
