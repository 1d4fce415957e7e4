//! Which stretches of a file may be shown when a line of it is quoted.
//!
//! Only what the table of keys knows to be harmless is shown. An unknown key may be a misspelt
//! `client_secret`, so its value is hidden, and so is every comment.

use super::{
    keys::CONFIGURATION,
    node::{Node, Span, Value},
    scalar::ScalarKind,
    shape::{Choice, Kind, Names, Section},
};

/// A hidden value, however long it is.
pub const MASK: &str = "***";

/// A key or a value in a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Stretch {
    /// Its first byte.
    pub start: u32,
    /// The byte after its last.
    pub end: u32,
    /// Whether it may be shown.
    pub shown: bool,
}

/// The keys and values of every file, by file and in their order. A file that could not be parsed
/// has none.
pub fn stretches<'a>(trees: impl Iterator<Item = &'a Node>, files: usize) -> Vec<Vec<Stretch>> {
    let mut masker = Masker { files: vec![Vec::new(); files] };
    trees.for_each(|tree| masker.section(&CONFIGURATION, tree));
    masker.files.iter_mut().for_each(|file| file.sort_unstable());
    masker.files
}

/// Whether the name that a user gave to a value says that the value is a secret.
fn telling(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    ["secret", "password", "passwd", "token", "key", "auth", "cred"]
        .iter()
        .any(|word| name.contains(word))
}

/// Whether a URL surely holds no password: no user information, no query, and nothing but a port
/// after a colon. In a URL that was cut off, what looks like a port may be a password.
fn is_harmless_url(url: &str) -> bool {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let authority = rest.split('/').next().unwrap_or(rest);
    let authority = authority.split_once(']').map_or(authority, |(_, after_ipv6)| after_ipv6);
    let is_port = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    !url.contains(['@', '?', '#']) && authority.split(':').skip(1).all(is_port)
}

struct Masker {
    files: Vec<Vec<Stretch>>,
}

impl Masker {
    fn push(&mut self, at: Span, shown: bool) {
        if let Some(file) = self.files.get_mut(at.file as usize) {
            file.push(Stretch { start: at.start, end: at.end, shown });
        }
    }

    fn hide(&mut self, node: &Node) {
        match &node.value {
            Value::Null => {}
            Value::Text(_) => self.push(node.at, false),
            Value::List(items) => items.iter().for_each(|item| self.hide(item)),
            Value::Map(entries) => {
                for entry in entries {
                    self.push(entry.at, false);
                    self.hide(&entry.value);
                }
            }
        }
    }

    fn value(&mut self, kind: &Kind, node: &Node) {
        match (kind, &node.value) {
            (Kind::Scalar(ScalarKind::Url), Value::Text(text)) => {
                self.push(node.at, is_harmless_url(&text.text));
            }
            (Kind::Scalar(_) | Kind::OneOf(_), Value::Text(_)) => self.push(node.at, true),
            (Kind::List(kind) | Kind::OneOrMany(kind), Value::List(items)) => {
                for item in items {
                    self.value(kind, item);
                }
            }
            (Kind::OneOrMany(kind), _) => self.value(kind, node),
            (Kind::Map(names, kind), Value::Map(entries)) => {
                let judged = matches!(names, Names::Variable | Names::Environment);
                for entry in entries {
                    let quotable = *names == Names::Credential || entry.is_quotable();
                    self.push(entry.at, quotable);
                    if judged && telling(&entry.key) {
                        self.hide(&entry.value);
                    } else {
                        self.value(kind, &entry.value);
                    }
                }
            }
            (Kind::Section(section), _) => self.section(section, node),
            (Kind::Choice(choice), _) => self.choice(choice, node),
            _ => self.hide(node),
        }
    }

    fn section(&mut self, section: &'static Section, node: &Node) {
        let Value::Map(entries) = &node.value else { return self.hide(node) };
        for entry in entries {
            let key = section.key(&entry.key);
            self.push(entry.at, key.is_some() || entry.is_quotable());
            match key {
                Some(key) => self.value(&key.kind, &entry.value),
                None => self.hide(&entry.value),
            }
        }
    }

    fn choice(&mut self, choice: &'static Choice, node: &Node) {
        match &node.value {
            Value::Text(_) => self.push(node.at, !choice.secret),
            Value::Map(entries) => {
                for entry in entries {
                    let variant = choice.variant(&entry.key);
                    self.push(
                        entry.at,
                        variant.is_some() || (!choice.secret && entry.is_quotable()),
                    );
                    match (variant, &entry.value.value) {
                        (Some(variant), value) if !choice.secret => {
                            match (variant.long, &variant.short, value) {
                                (Some(long), _, Value::Map(_)) => self.section(long, &entry.value),
                                (_, Some(short), _) => self.value(short, &entry.value),
                                _ => self.hide(&entry.value),
                            }
                        }
                        _ => self.hide(&entry.value),
                    }
                }
            }
            _ => self.hide(node),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_that_may_hold_a_password_is_hidden() {
        for (url, shown) in [
            ("https://login.example.com/token", true),
            ("http://127.0.0.1:8080/token", true),
            ("http://[::1]/token", true),
            ("http://[::1]:80/token", true),
            ("https://${surface}.${host}/oauth2/token/${tenant}", true),
            ("https://user:password@host/token", false),
            ("https://user:password", false),
            ("user:password", false),
            ("https://user:password:80", false),
            ("https://host/token?key=password", false),
            ("https://host/token#password", false),
        ] {
            assert_eq!(is_harmless_url(url), shown, "{url}");
        }
    }

    #[test]
    fn names_that_tell_of_a_secret() {
        for (name, expected) in
            [("API_KEY", true), ("DbPassword", true), ("session", false), ("EXPIRES_AT", false)]
        {
            assert_eq!(telling(name), expected, "{name}");
        }
    }
}
