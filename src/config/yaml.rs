//! From YAML text to a tree. The only file that knows the YAML parser.
//!
//! The tree is built from parser events and not through serde: serde would turn `0640` into the
//! number 416 or 640, drop the quotes and stop at the first problem.

use std::{collections::HashSet, sync::Arc};

use serde_yaml::granit_parser::{
    Event, Options, Parser, ScalarStyle, ScanError, Span as Mark, StrInput,
};

use super::{
    node::{Entry, Node, Scalar, Span, Value},
    problem::Problem,
};

/// Nothing in the table is nested deeper than ten levels. The bound keeps hostile input off the
/// stack.
const MAX_DEPTH: usize = 32;

/// Parses one document. `file` is the index of the source.
pub fn parse(text: &str, file: u32) -> Result<Node, Problem> {
    let mut options = Options::default();
    options.set_emit_comments(false);
    options.block_nesting_limit = MAX_DEPTH;
    options.flow_nesting_limit = MAX_DEPTH;
    let events = Parser::new_from_str_with_options(text, options);
    Tree { events, keys: HashSet::new(), file, end: text.len() }.document()
}

/// The tree that grows out of parser events.
struct Tree<'input> {
    events: Parser<'input, StrInput<'input>>,
    keys: HashSet<Arc<str>>,
    file: u32,
    end: usize,
}

impl<'input> Tree<'input> {
    fn document(mut self) -> Result<Node, Problem> {
        let mut root = None;
        loop {
            let (event, mark) = self.next()?;
            match event {
                Event::StreamEnd => break,
                Event::StreamStart | Event::DocumentStart(..) | Event::DocumentEnd => {}
                _ if root.is_some() => {
                    return Err(Problem::error(
                        self.span(&mark),
                        "a second document begins here",
                        "keep one document in a file: remove the `---` line, or move what \
                         follows into a file of its own and name it under `include`",
                    ));
                }
                event => root = Some(self.node(event, &mark, None)?),
            }
        }
        let nothing = Span { file: self.file, start: 0, end: 0 };
        Ok(root.unwrap_or(Node { at: nothing, value: Value::Null }))
    }

    /// The node that begins with `event`. One without text stands where its `key` stands.
    fn node(
        &mut self,
        event: Event<'input>,
        mark: &Mark,
        key: Option<Span>,
    ) -> Result<Node, Problem> {
        let mut at = self.span(mark);
        Self::refuse_extras(&event, at)?;
        let value = match event {
            Event::Scalar(text, style, ..) => {
                let plain = style == ScalarStyle::Plain;
                if plain && text.is_empty() {
                    at = key.unwrap_or(at);
                }
                if plain && matches!(&*text, "" | "~" | "null") {
                    Value::Null
                } else {
                    Value::Text(Scalar { text: text.into(), plain })
                }
            }
            Event::SequenceStart(..) => Value::List(self.items()?),
            Event::MappingStart(..) => Value::Map(self.entries()?),
            _ => return Err(Self::unsupported(at, "an alias")),
        };
        Ok(Node { at, value })
    }

    fn items(&mut self) -> Result<Vec<Node>, Problem> {
        let mut items = Vec::new();
        loop {
            match self.next()? {
                (Event::SequenceEnd, _) => {
                    items.shrink_to_fit();
                    return Ok(items);
                }
                (event, mark) => items.push(self.node(event, &mark, None)?),
            }
        }
    }

    fn entries(&mut self) -> Result<Vec<Entry>, Problem> {
        let mut entries = Vec::new();
        loop {
            let (event, mark) = self.next()?;
            let at = self.span(&mark);
            Self::refuse_extras(&event, at)?;
            let key = match event {
                Event::MappingEnd => {
                    entries.shrink_to_fit();
                    return Ok(entries);
                }
                Event::Scalar(text, ..) => self.key(&text),
                _ => {
                    return Err(Problem::error(
                        at,
                        "a key must be plain text",
                        "quote the value if it begins with `{` or `[`",
                    ));
                }
            };
            let (event, mark) = self.next()?;
            let value = self.node(event, &mark, Some(at))?;
            entries.push(Entry { key, at, value });
        }
    }

    /// The keys of a hundred thousand credentials are the same few texts.
    fn key(&mut self, text: &str) -> Arc<str> {
        if let Some(known) = self.keys.get(text) {
            return Arc::clone(known);
        }
        let key = Arc::<str>::from(text);
        self.keys.insert(Arc::clone(&key));
        key
    }

    /// Anchors would let ten lines stand for a billion nodes, and tags have no meaning here.
    fn refuse_extras(event: &Event<'_>, at: Span) -> Result<(), Problem> {
        if event.anchor_id().is_some_and(|id| id != 0) {
            Err(Self::unsupported(at, "an anchor"))
        } else if event.tag().is_some() {
            Err(Self::unsupported(at, "a tag"))
        } else {
            Ok(())
        }
    }

    fn unsupported(at: Span, what: &str) -> Problem {
        Problem::error(
            at,
            format!("{what} of YAML is not supported"),
            "write the value out, quote it if it begins with `&`, `*` or `!`, or put what many \
             credentials share under `defaults`",
        )
    }

    fn next(&mut self) -> Result<(Event<'input>, Mark), Problem> {
        match self.events.next_event() {
            Some(Ok(event)) => Ok(event),
            Some(Err(error)) => Err(self.syntax(&error)),
            None => Ok((Event::StreamEnd, Mark::default())),
        }
    }

    fn syntax(&self, error: &ScanError) -> Problem {
        let start = Self::offset(error.marker().byte_offset(), self.end);
        let at = Span { file: self.file, start, end: start };
        let what = error.kind().to_string();
        let mend = if what.contains("tab") {
            "indent with spaces; YAML refuses tabs"
        } else if what.contains("ecursion") || what.contains("nest") {
            "nothing in a configuration is nested this deep: check the brackets"
        } else {
            "check the indentation, the brackets and the quotes here and on the line above"
        };
        Problem::error(at, format!("this is not YAML: {what}"), mend)
    }

    fn span(&self, mark: &Mark) -> Span {
        Span {
            file: self.file,
            start: Self::offset(mark.start.byte_offset(), self.end),
            end: Self::offset(mark.end.byte_offset(), self.end),
        }
    }

    /// Sources are far smaller than 4 GiB (`source::MAX_BYTES`).
    fn offset(bytes: Option<usize>, end: usize) -> u32 {
        u32::try_from(bytes.unwrap_or(end).min(end)).unwrap_or(u32::MAX)
    }
}
