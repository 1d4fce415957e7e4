//! The rules of the house that the compiler does not know: which room may import which, and a few
//! about size and names. Sources are read as tokens, so that comments and strings do not count.

use std::{
    fmt, fs,
    path::{Path, PathBuf},
    str::FromStr,
};

use proc_macro2::{Delimiter, Ident, TokenStream, TokenTree};

const LEAVES: &[&str] = &["atomic", "clock", "cluster", "error", "secret", "source"];
const VALUES: &[&str] = &["credential", "token", "waiting"];

/// What each other room may import besides itself, the leaves and the values.
/// `sandbox` may import the leaves only, and `cli` everything.
const ROOMS: &[(&str, &[&str])] = &[
    ("config", &[]),
    ("plan", &["config"]),
    ("schedule", &[]),
    ("acquire", &[]),
    ("login", &["acquire"]),
    ("state", &[]),
    ("publish", &[]),
    ("notify", &[]),
    ("observe", &[]),
    ("refresher", &["schedule", "acquire", "state", "publish", "notify", "observe"]),
    (
        "daemon",
        &["config", "plan", "refresher", "acquire", "state", "publish", "notify", "observe"],
    ),
    ("main", &["cli"]),
];

const MAX_LINES: usize = 450;
const MAX_LINES_OF_MAIN: usize = 40;
const EMPTY_WORDS: &[&str] = &["manager", "handler", "helper", "service", "util", "utils"];

/// A place where a rule is broken.
#[derive(Debug, PartialEq, Eq)]
struct Breach {
    file: PathBuf,
    line: usize,
    rule: String,
}

impl fmt::Display for Breach {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.file.display(), self.line, self.rule)
    }
}

#[test]
fn the_sources_keep_the_rules_of_the_house() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut breaches = Vec::new();
    for folder in ["src", "tests", "benches"] {
        for file in rust_files(&root.join(folder)) {
            let text = fs::read_to_string(&file).unwrap();
            breaches.extend(check(file.strip_prefix(root).unwrap(), &text));
        }
    }
    let list: Vec<_> = breaches.iter().map(|breach| format!("\n  {breach}")).collect();
    assert!(list.is_empty(), "rules broken:{}", list.concat());
}

fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten();
    let paths = entries.map(|entry| entry.unwrap().path());
    paths
        .flat_map(|path| if path.is_dir() { rust_files(&path) } else { vec![path] })
        .filter(|path| path.extension().is_some_and(|extension| extension == "rs"))
        .collect()
}

/// Every breach in one file, whose path is relative to the repository.
fn check(file: &Path, text: &str) -> Vec<Breach> {
    let tokens = TokenStream::from_str(text).unwrap_or_else(|e| panic!("{}: {e}", file.display()));
    let mut reader = Reader { file, breaches: Vec::new() };
    match file.strip_prefix("src") {
        Ok(inside) => {
            reader.check_size(text.lines().count());
            reader.read(&tokens, &Place::of(inside));
        }
        Err(_) => reader.check_for_ignored_tests(&tokens),
    }
    reader.breaches
}

/// Where in the tree of modules some tokens stand.
struct Place {
    /// The room: the first module below the crate; `main` or `lib` for the roots themselves.
    room: String,
    /// How many `super::` lead to the root of the crate.
    depth: usize,
}

impl Place {
    fn of(inside_src: &Path) -> Self {
        let module = inside_src.with_extension("");
        let names: Vec<_> = module.iter().map(|name| name.to_string_lossy()).collect();
        let is_root = names == ["main"] || names == ["lib"];
        let is_folder = names.last().is_some_and(|name| name == "mod");
        let depth = names.len() - usize::from(is_root || is_folder);
        Self { room: names[0].to_string(), depth }
    }

    fn may_import(&self, other: &str) -> bool {
        let is_basic = |name: &str| LEAVES.contains(&name) || VALUES.contains(&name);
        match self.room.as_str() {
            room if room == other => true,
            "lib" | "cli" => true,
            "sandbox" => LEAVES.contains(&other),
            room if is_basic(room) => is_basic(other),
            room => ROOMS
                .iter()
                .find(|(name, _)| *name == room)
                .is_some_and(|(_, arrows)| is_basic(other) || arrows.contains(&other)),
        }
    }
}

struct Reader<'a> {
    file: &'a Path,
    breaches: Vec<Breach>,
}

impl Reader<'_> {
    fn report(&mut self, line: usize, rule: String) {
        self.breaches.push(Breach { file: self.file.to_owned(), line, rule });
    }

    fn check_size(&mut self, lines: usize) {
        let limit = if self.file.ends_with("src/main.rs") { MAX_LINES_OF_MAIN } else { MAX_LINES };
        if lines > limit {
            self.report(lines, format!("more than {limit} lines: look for the second idea in it"));
        }
    }

    /// Walks over the tokens, into groups and inline modules.
    fn read(&mut self, tokens: &TokenStream, place: &Place) {
        let tokens: Vec<_> = tokens.clone().into_iter().collect();
        let root = if place.room == "main" { "tokenward" } else { "crate" };
        for (at, token) in tokens.iter().enumerate() {
            let before = at.checked_sub(1).map(|at| &tokens[at]);
            match token {
                TokenTree::Ident(name) if name == root => {
                    self.check_imports(after_colons(&tokens[at + 1..]), place);
                }
                TokenTree::Ident(name) if name == "super" && !is_colon(before) => {
                    let (supers, rest) = skip_supers(&tokens[at..]);
                    if supers == place.depth {
                        self.check_imports(rest, place);
                    }
                }
                TokenTree::Ident(name) => self.check_name(before, name),
                TokenTree::Group(group) => {
                    if is_ignore(before, token) {
                        self.report(token.span().start().line, IGNORED.into());
                    }
                    let is_module = at >= 2 && is_word(&tokens[at - 2], "mod");
                    let depth = place.depth + usize::from(is_module);
                    self.read(&group.stream(), &Place { room: place.room.clone(), depth });
                }
                _ => {}
            }
        }
    }

    /// `rest` is what follows the path of the crate's root: a room, or a group of rooms.
    fn check_imports(&mut self, rest: Option<&[TokenTree]>, place: &Place) {
        let imported = match rest.and_then(<[_]>::first) {
            Some(TokenTree::Group(group)) => heads(group.stream()),
            Some(first) => vec![first.clone()],
            None => return,
        };
        for token in imported {
            let (other, room) = (token.to_string(), &place.room);
            if !place.may_import(&other) {
                let rule = format!("`{room}` may not import `{other}` (docs/architecture.md)");
                self.report(token.span().start().line, rule);
            }
        }
    }

    fn check_name(&mut self, before: Option<&TokenTree>, name: &Ident) {
        const DECLARING: &[&str] = &["enum", "fn", "mod", "struct", "trait", "type"];
        if !before.is_some_and(|word| DECLARING.iter().any(|declaring| is_word(word, declaring))) {
            return;
        }
        let (text, line) = (name.to_string(), name.span().start().line);
        // `get_mut` is what the collections of the standard library call it.
        if text.starts_with("get_") && text != "get_mut" {
            self.report(line, format!("`{text}`: name it after what it gives, without `get_`"));
        }
        if words(&text).iter().any(|word| EMPTY_WORDS.contains(&word.as_str())) {
            self.report(line, format!("`{text}`: say what it does; that word says nothing"));
        }
    }

    fn check_for_ignored_tests(&mut self, tokens: &TokenStream) {
        let tokens: Vec<_> = tokens.clone().into_iter().collect();
        for (at, token) in tokens.iter().enumerate() {
            if is_ignore(at.checked_sub(1).map(|at| &tokens[at]), token) {
                self.report(token.span().start().line, IGNORED.into());
            } else if let TokenTree::Group(group) = token {
                self.check_for_ignored_tests(&group.stream());
            }
        }
    }
}

const IGNORED: &str = "an ignored test tests nothing: mend it or remove it";

fn is_ignore(before: Option<&TokenTree>, token: &TokenTree) -> bool {
    let TokenTree::Group(group) = token else { return false };
    matches!(before, Some(TokenTree::Punct(punct)) if punct.as_char() == '#')
        && group.delimiter() == Delimiter::Bracket
        && group.stream().into_iter().next().is_some_and(|first| is_word(&first, "ignore"))
}

fn is_word(token: &TokenTree, word: &str) -> bool {
    matches!(token, TokenTree::Ident(name) if name == word)
}

fn is_colon(token: Option<&TokenTree>) -> bool {
    matches!(token, Some(TokenTree::Punct(punct)) if punct.as_char() == ':')
}

/// What follows `::` at the start of `tokens`, if that stands there.
fn after_colons(tokens: &[TokenTree]) -> Option<&[TokenTree]> {
    (is_colon(tokens.first()) && is_colon(tokens.get(1))).then(|| &tokens[2..])
}

/// How many times `super` stands at the start of the path, and what follows the last `::`.
fn skip_supers(tokens: &[TokenTree]) -> (usize, Option<&[TokenTree]>) {
    let (mut supers, mut rest) = (0, Some(tokens));
    while let Some([first, after @ ..]) = rest
        && is_word(first, "super")
    {
        supers += 1;
        rest = after_colons(after);
    }
    (supers, rest)
}

/// The first token of each item of a group: `{a::b, c}` gives `a` and `c`.
fn heads(group: TokenStream) -> Vec<TokenTree> {
    let mut heads = Vec::new();
    let mut is_start = true;
    for token in group {
        let is_comma = matches!(&token, TokenTree::Punct(punct) if punct.as_char() == ',');
        if is_start && !is_comma && !is_word(&token, "self") {
            heads.push(token);
        }
        is_start = is_comma;
    }
    heads
}

/// The words of `snake_case` or `CamelCase`, in lower case.
fn words(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    for letter in name.chars() {
        if letter == '_' || letter.is_uppercase() {
            words.push(String::new());
        }
        if let (Some(word), true) = (words.last_mut(), letter != '_') {
            word.extend(letter.to_lowercase());
        }
    }
    words
}

/// A file, its text, and the line and some words of each breach in it.
type Row = (&'static str, &'static str, &'static [(usize, &'static str)]);

#[test]
fn a_broken_rule_is_found_with_its_place() {
    let rows: &[Row] = &[
        ("src/acquire/http.rs", "use crate::{clock::Now,\n state::Lock};", &[(2, "`state`")]),
        ("src/acquire/mod.rs", "fn f() {\n let x = crate::plan::Plan;\n}", &[(2, "`plan`")]),
        ("src/acquire/mod.rs", "use super::notify::tell;", &[(1, "`notify`")]),
        ("src/acquire/grant/a.rs", "use super::super::super::publish;", &[(1, "`publish`")]),
        ("src/acquire/mod.rs", "mod tests {\n use super::super::state;\n}", &[(2, "`state`")]),
        ("src/acquire/mod.rs", "use crate::*;", &[(1, "`*`")]),
        ("src/state/mod.rs", "select! { _ = crate::cli::run() => {} }", &[(1, "`cli`")]),
        ("src/clock.rs", "use crate::observe::Event;", &[(1, "`observe`")]),
        ("src/sandbox/mod.rs", "use crate::{clock, token};", &[(1, "`token`")]),
        ("src/daemon/mod.rs", "use crate::{plan, sandbox};", &[(1, "`sandbox`")]),
        ("src/novelty.rs", "use crate::clock;", &[(1, "`clock`")]),
        ("src/main.rs", "fn main() { tokenward::daemon::run() }", &[(1, "`daemon`")]),
        ("src/plan/mod.rs", "fn get_name() {}", &[(1, "`get_name`")]),
        ("src/plan/mod.rs", "struct TokenManager;\nmod util;", &[(1, "Manager"), (2, "`util`")]),
        ("src/plan/mod.rs", "#[test]\n#[ignore = \"slow\"]\nfn f() {}", &[(2, "ignored")]),
        ("tests/real/main.rs", "mod a {\n #[ignore] fn f() {} }", &[(2, "ignored")]),
    ];
    for (file, text, expected) in rows {
        let breaches = check(Path::new(file), text);
        assert_eq!(breaches.len(), expected.len(), "{file}: {text}: {breaches:?}");
        for (breach, (line, words)) in breaches.iter().zip(*expected) {
            assert_eq!((breach.line, breach.rule.contains(words)), (*line, true), "{breach}");
        }
    }
}

#[test]
fn what_keeps_the_rules_passes() {
    let rows = [
        ("src/acquire/http.rs", "use crate::{acquire::{Reply, state}, clock::Now, token};"),
        (
            "src/acquire/http.rs",
            "// crate::state\n/// [`crate::state`]\nconst A: &str = \"crate::state\";",
        ),
        ("src/acquire/http.rs", "use super::state;\nmod tests { use super::*; }"),
        ("src/plan/mod.rs", "use crate::config::Config;"),
        ("src/sandbox/mod.rs", "use crate::clock::Now;"),
        ("src/cli/mod.rs", "use crate::{daemon, sandbox};\nfn utilisation() {}"),
        ("src/main.rs", "fn main() { tokenward::cli::main() }"),
        ("src/lib.rs", "pub mod acquire;"),
        ("tests/whole.rs", "use tokenward::{daemon, sandbox}; fn get_it() {}"),
    ];
    for (file, text) in rows {
        assert_eq!(check(Path::new(file), text), [], "{file}: {text}");
    }
}

#[test]
fn long_files_are_found() {
    let rows = [("src/plan/mod.rs", MAX_LINES), ("src/main.rs", MAX_LINES_OF_MAIN)];
    for (file, limit) in rows {
        assert_eq!(check(Path::new(file), &"\n".repeat(limit)), []);
        assert_eq!(check(Path::new(file), &"\n".repeat(limit + 1)).len(), 1, "{file}");
    }
}
