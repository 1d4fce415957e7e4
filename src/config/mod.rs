//! The YAML shape, its positions and problems, and noticing that it changed.
//!
//! One table of keys ([`keys`]) is the single truth: a generic [`check`] holds the parsed tree
//! against it, and the JSON [`schema`] and the [`mod@reference`] are written from it.

pub mod check;
mod include;
pub mod keys;
mod mask;
pub mod node;
pub mod problem;
pub mod reference;
mod render;
pub mod scalar;
pub mod schema;
pub mod shape;
pub mod source;
pub mod watch;
pub mod write;
mod yaml;

use std::{
    path::{Path, PathBuf},
    sync::OnceLock,
};

use mask::Stretch;
use node::{Entry, Node, Span, Value};
use problem::Problem;
use source::Source;

/// A configuration that was read and held against the table of keys.
pub struct Loaded {
    /// The tree of the main file, with the credentials of the included ones in it.
    pub root: Node,
    /// The files, the main one first. [`Span::file`] counts in them.
    pub sources: Vec<Source>,
    /// The files, and the folders in which an included file may appear: what to [`watch`].
    pub watched: Vec<PathBuf>,
    /// Everything that does not fit.
    pub problems: Vec<Problem>,
    /// What is left of the included trees.
    included: Vec<Node>,
    stretches: OnceLock<Vec<Vec<Stretch>>>,
}

/// Reads a configuration with its included files, and finds every problem of its shape at once.
pub fn load(path: &Path) -> Loaded {
    let mut loaded = Loaded::empty();
    if let Some(root) = loaded.read(path) {
        loaded.root = root;
        loaded.include();
        let found = check::check(&loaded.root, &keys::CONFIGURATION);
        loaded.problems.extend(found);
    }
    loaded
}

/// A configuration that stands in no file, as if `path` held it; includes are left out.
pub fn of_text(path: &Path, text: String) -> Loaded {
    let mut loaded = Loaded::empty();
    if let Some(root) = loaded.parse(Source::new(path.to_owned(), text)) {
        loaded.problems.extend(check::check(&root, &keys::CONFIGURATION));
        loaded.root = root;
    }
    loaded
}

/// Parses a file of the catalogue of providers, whose text is compiled in. Its nodes belong to no
/// source.
pub fn catalogue(text: &str) -> Result<Node, Vec<Problem>> {
    let root = yaml::parse(text, BUILT_IN).map_err(|problem| vec![problem])?;
    let problems = check::check(&root, &keys::CATALOGUE);
    if problems.is_empty() { Ok(root) } else { Err(problems) }
}

/// The [`Span::file`] of what is compiled in.
pub const BUILT_IN: u32 = u32::MAX;

impl Loaded {
    fn empty() -> Self {
        Self {
            root: Node { at: Span { file: 0, start: 0, end: 0 }, value: Value::Null },
            sources: Vec::new(),
            watched: Vec::new(),
            problems: Vec::new(),
            included: Vec::new(),
            stretches: OnceLock::new(),
        }
    }

    /// A problem as a person reads it; no secret is in it.
    pub fn render(&self, problem: &Problem) -> String {
        render::render(problem, |at| self.place(at))
    }

    /// The same as one line of a log, which quotes nothing.
    pub fn line(&self, problem: &Problem) -> String {
        render::line(problem, |at| self.place(at))
    }

    fn place(&self, at: Span) -> Option<render::Place<'_>> {
        let stretches = self.stretches.get_or_init(|| {
            mask::stretches(std::iter::once(&self.root).chain(&self.included), self.sources.len())
        });
        let file = at.file as usize;
        Some((self.sources.get(file)?, stretches.get(file)?.as_slice()))
    }

    /// The folder that a relative path in this place starts from.
    pub fn folder(&self, at: Span) -> &Path {
        self.sources.get(at.file as usize).map_or(Path::new(""), Source::folder)
    }

    /// The tree of a file. A problem is noted, and the file is watched all the same: its next
    /// change may mend it.
    fn read(&mut self, path: &Path) -> Option<Node> {
        self.watched.push(path.to_owned());
        let source = Source::read(path).map_err(|problem| self.problems.push(problem)).ok()?;
        self.parse(source)
    }

    fn parse(&mut self, source: Source) -> Option<Node> {
        let file = u32::try_from(self.sources.len()).unwrap_or(BUILT_IN);
        let root = yaml::parse(&source.text, file);
        self.sources.push(source);
        root.map_err(|problem| self.problems.push(problem)).ok()
    }

    fn include(&mut self) {
        for (pattern, at) in self.patterns() {
            match include::expand(&pattern, self.folder(at), at) {
                Err(problem) => self.problems.push(problem),
                Ok(included) => {
                    self.watched.extend(included.folder);
                    included.files.iter().for_each(|file| self.include_file(file));
                }
            }
        }
    }

    fn patterns(&self) -> Vec<(String, Span)> {
        let patterns = self.root.find("include").map_or(&[][..], Node::items);
        patterns.iter().filter_map(|node| Some((node.text()?.to_owned(), node.at))).collect()
    }

    fn include_file(&mut self, path: &Path) {
        let Some(mut root) = self.read(path) else { return };
        let entries = include::credentials(&mut root, &mut self.problems);
        self.included.push(root);
        self.add_credentials(entries);
    }

    fn add_credentials(&mut self, mut added: Vec<Entry>) {
        let Value::Map(entries) = &mut self.root.value else { return };
        let credentials = entries.iter_mut().find(|entry| *entry.key == *"credentials");
        match credentials.map(|entry| &mut entry.value.value) {
            Some(Value::Map(credentials)) => credentials.append(&mut added),
            Some(value @ Value::Null) => *value = Value::Map(added),
            Some(_) => {}
            None => entries.push(Entry {
                key: "credentials".into(),
                at: self.root.at,
                value: Node { at: self.root.at, value: Value::Map(added) },
            }),
        }
    }
}
