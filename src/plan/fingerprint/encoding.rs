//! How values become a digest: each part with its length in front, so that no two different inputs
//! look the same.

use aws_lc_rs::digest::{Context, SHA256};

use crate::credential::Fingerprint;

/// A digest that is being made.
pub struct Encoding(Context);

impl Encoding {
    pub fn new() -> Self {
        Self(Context::new(&SHA256))
    }

    pub fn finish(self) -> Fingerprint {
        let mut digest = [0; 32];
        digest.copy_from_slice(self.0.finish().as_ref());
        Fingerprint(digest)
    }

    pub fn count(&mut self, count: usize) {
        self.0.update(&(count as u64).to_be_bytes());
    }

    pub fn text(&mut self, text: &str) {
        self.count(text.len());
        self.0.update(text.as_bytes());
    }

    pub fn texts(&mut self, texts: &[Box<str>]) {
        self.count(texts.len());
        for text in texts {
            self.text(text);
        }
    }

    pub fn tagged(&mut self, tag: &str, text: &str) {
        self.text(tag);
        self.text(text);
    }

    pub fn optional<T>(&mut self, value: Option<&T>, write: impl Fn(&mut Self, &T)) {
        self.count(usize::from(value.is_some()));
        if let Some(value) = value {
            write(self, value);
        }
    }
}
