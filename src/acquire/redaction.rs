//! Showing what a server says, without what it should not have said: servers repeat secrets in
//! their errors, plain or encoded.

use std::{collections::HashSet, fmt};

use super::forms::forms;
use crate::secret::Secret;

/// The longest text of a server that is shown, in characters.
const SHOWN: usize = 200;

/// Extra parameters and headers shorter than this are words and numbers, not secrets.
const SHORT: usize = 4;

/// The values that must not be shown, in every form in which a server may repeat them.
#[derive(Default)]
pub(super) struct Redaction(HashSet<Secret>);

impl Redaction {
    /// Hides `secret` in all its forms.
    pub(super) fn hide(&mut self, secret: &Secret) {
        let raw = secret.expose();
        // Bodies are trimmed before they are read.
        self.0.extend(forms(raw).chain(forms(raw.trim())).map(Secret::from));
    }

    /// Hides `value` unless it is so short that it can hardly be a secret.
    pub(super) fn hide_unless_short(&mut self, value: &Secret) {
        if value.expose().len() >= SHORT {
            self.hide(value);
        }
    }

    /// `text` on one line, without secrets and control characters, cut after 200 characters.
    pub(super) fn show(&self, text: &str) -> Box<str> {
        self.redact(text, SHOWN).into()
    }

    /// The same, cut after `most` characters.
    pub(super) fn redact(&self, text: &str, most: usize) -> String {
        let mut shown = String::new();
        let mut length = 0;
        let mut rest = text;
        while let Some(next) = rest.chars().next() {
            if length >= most {
                shown.push('…');
                break;
            }
            let before = shown.len();
            if let Some(length) = self.longest_prefix_of(rest) {
                shown.push_str("[redacted]");
                rest = &rest[length..];
            } else {
                if next.is_control() || matches!(next, '\u{2028}'..='\u{202e}') {
                    shown.extend(next.escape_default());
                } else {
                    shown.push(next);
                }
                rest = &rest[next.len_utf8()..];
            }
            length += shown[before..].chars().count();
        }
        shown
    }

    fn longest_prefix_of(&self, text: &str) -> Option<usize> {
        let forms = self.0.iter().filter(|form| text.starts_with(form.expose()));
        forms.map(|form| form.expose().len()).max()
    }
}

impl fmt::Debug for Redaction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Redaction({} forms)", self.0.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_repeated_secret_is_not_shown() {
        let mut redaction = Redaction::default();
        redaction.hide(&Secret::from("s:e%c+r/e=t &"));
        for (name, said, expected) in [
            ("raw", "expected: b's:e%c+r/e=t &'", "expected: b'[redacted]'"),
            ("form", "=s%3Ae%25c%2Br%2Fe%3Dt+%26.", "=[redacted]."),
            ("percent", "s%3Ae%25c%2Br%2Fe%3Dt%20%26", "[redacted]"),
            ("lower case", "s%3ae%25c%2br%2fe%3dt%20%26", "[redacted]"),
            ("base64", "Basic czplJWMrci9lPXQgJg==", "Basic [redacted]=="),
            ("twice", "s:e%c+r/e=t &s:e%c+r/e=t &", "[redacted][redacted]"),
            ("nothing", "client unknown", "client unknown"),
            ("line feed", "a\nb\u{1b}[31m\u{202e}", "a\\nb\\u{1b}[31m\\u{202e}"),
        ] {
            assert_eq!(&*redaction.show(said), expected, "{name}");
        }
    }

    #[test]
    fn a_secret_that_lost_its_spaces_is_not_shown() {
        let mut redaction = Redaction::default();
        redaction.hide(&Secret::from("hunter2 "));
        assert_eq!(&*redaction.show("hunter2"), "[redacted]");
        redaction.hide(&Secret::from(""));
        redaction.hide(&Secret::from(" "));
        assert_eq!(&*redaction.show("abc"), "abc");
    }

    #[test]
    fn a_secret_across_the_cut_is_not_shown_in_part() {
        let mut redaction = Redaction::default();
        redaction.hide(&Secret::from("hunter2hunter2"));
        let shown = redaction.show(&format!("{}hunter2hunter2", "x".repeat(SHOWN - 3)));
        assert!(shown.ends_with("xxx[redacted]"), "{shown}");
        assert_eq!(redaction.show(&"ä".repeat(300)).chars().count(), SHOWN + 1);
    }
}
