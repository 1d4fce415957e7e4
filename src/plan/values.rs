//! The values of a `for_each`, and what is said of those that are left out.

use std::{collections::HashSet, path::Path};

use super::Environment;
use crate::{
    config::{
        Loaded,
        node::{Node, Span},
        problem::Problem,
    },
    source::List,
};

/// The values of a `for_each`.
pub struct Values<'a> {
    /// The variable that has them.
    pub variable: &'a str,
    /// Each once, in the order in which they stand.
    pub items: Vec<Value>,
    /// Whether all are known: when only texts are checked, lists are not read.
    pub complete: bool,
    /// The list outside of the configuration, if they stand in one.
    pub list: Option<List>,
    /// Where it is named.
    pub at: Span,
}

/// A value of a `for_each`.
pub struct Value {
    /// The value itself.
    pub text: Box<str>,
    /// Where it stands: in the configuration, or where its list is named.
    at: Span,
    /// On which line of its list; the first is 1.
    line: usize,
}

/// So many lines are named one by one.
const NAMED: usize = 10;

impl<'a> Values<'a> {
    /// What a `for_each` names; `None` if that makes no sense, which is noted. A list outside of
    /// the configuration is not read yet.
    pub fn named(node: &'a Node, loaded: &Loaded, problems: &mut Vec<Problem>) -> Option<Self> {
        let [entry] = node.entries() else {
            problems.push(Problem::error(
                node.at,
                "`for_each` must name exactly one variable",
                "write `for_each: { VARIABLE: { file: ... } }`",
            ));
            return None;
        };
        let choice = entry.value.entries().first()?;
        let place = &choice.value;
        let path = || Some(Box::from(loaded.folder(place.at).join(place.text()?)));
        let list = match &*choice.key {
            "file" => Some(List::Lines(path()?)),
            "folder" => Some(List::Names(path()?)),
            "list" => None,
            _ => return None, // complained about already
        };
        let mut values =
            Self { variable: &entry.key, items: Vec::new(), complete: true, list, at: place.at };
        if values.list.is_none() {
            values.keep_each_once(place.items().iter().filter_map(item).collect(), problems);
        }
        Some(values)
    }

    /// Reads the list, if there is one; says whether the values are known now. A list that cannot
    /// be read is an error: a reload then keeps the plan before it, because what was not read must
    /// not take tokens away.
    pub fn read(&mut self, environment: &Environment<'_>, problems: &mut Vec<Problem>) -> bool {
        let Some(list) = &self.list else { return true };
        match (environment.values)(list) {
            Some(Ok(items)) => {
                let lines = items.into_iter().zip(1..).map(|item| line(item, self.at));
                self.keep_each_once(lines.collect(), problems);
                true
            }
            Some(Err(error)) => {
                let mend = "then it is read again; meanwhile a running daemon keeps its plan";
                problems.push(Problem::error(self.at, error.to_string(), mend));
                false
            }
            None => {
                self.complete = false;
                true
            }
        }
    }

    /// Drops what says nothing, and what is there already.
    fn keep_each_once(&mut self, found: Vec<Value>, problems: &mut Vec<Problem>) {
        let of_file = matches!(self.list, Some(List::Lines(_)));
        let says_something =
            |it: &Value| !(of_file && (it.text.is_empty() || it.text.starts_with('#')));
        let mut seen = HashSet::with_capacity(found.len());
        let (values, again): (Vec<_>, Vec<_>) =
            found.into_iter().filter(says_something).partition(|it| seen.insert(it.text.clone()));
        self.items = values;
        let again: Vec<_> = again.iter().collect();
        self.leave_out(&again, "it stands there already", "remove it", problems);
    }

    /// Says which values are left out, and why: by their lines, because a line that is no value
    /// may be a secret that was pasted into the wrong file.
    pub fn leave_out(&self, values: &[&Value], why: &str, mend: &str, problems: &mut Vec<Problem>) {
        let Some(first) = values.first() else { return };
        let Some(list) = &self.list else {
            let warning = |value: &&Value| {
                Problem::warning(value.at, format!("this value is left out: {why}"), mend)
            };
            return problems.extend(values.iter().map(warning));
        };
        let message = format!("{} left out: {why}", places(list, values));
        problems.push(Problem::warning(first.at, message, mend));
    }

    /// The file or folder in which they stand.
    pub fn path(&self) -> Option<&Path> {
        self.list.as_ref().map(List::path)
    }
}

fn item(node: &Node) -> Option<Value> {
    Some(Value { text: node.text()?.into(), at: node.at, line: 0 })
}

fn line((text, line): (Box<str>, usize), at: Span) -> Value {
    let trimmed = text.trim();
    let text = if trimmed.len() == text.len() { text } else { trimmed.into() };
    Value { text, at, line }
}

/// `lines 3, 7 of /list are`; of a folder, only how many.
fn places(list: &List, values: &[&Value]) -> String {
    let path = list.path().display();
    let one = values.len() == 1;
    if let List::Names(_) = list {
        let names = if one { "a name".to_owned() } else { format!("{} names", values.len()) };
        return format!("{names} in {path} {}", if one { "is" } else { "are" });
    }
    let lines: Vec<_> = values.iter().take(NAMED).map(|value| value.line.to_string()).collect();
    let more = match values.len().saturating_sub(NAMED) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    let (noun, are) = if one { ("line", "is") } else { ("lines", "are") };
    format!("{noun} {}{more} of {path} {are}", lines.join(", "))
}
