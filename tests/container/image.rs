//! The image under test: its root file system, and how the Dockerfile starts it.

use std::{
    fs,
    path::{Path, PathBuf},
};

use crate::left_out::left_out;

/// A root file system that lies in a folder.
pub struct Image {
    pub root: PathBuf,
    dockerfile: String,
}

impl Image {
    /// The one that .ci/run makes.
    pub fn built() -> Option<Self> {
        let repository = Path::new(env!("CARGO_MANIFEST_DIR"));
        let root = repository.join("target/image");
        if !root.join("usr/bin/tokenward").exists() {
            left_out(crate::WHAT, "there is no image: deploy/image/root target/image");
            return None;
        }
        let dockerfile = fs::read_to_string(repository.join("deploy/Dockerfile")).unwrap();
        Some(Self { root, dockerfile })
    }

    /// What stands after a word such as `USER` in the last stage.
    pub fn says(&self, word: &str) -> &str {
        let mut lines = self.dockerfile.lines().rev();
        let line = lines.find_map(|line| line.strip_prefix(word)?.strip_prefix(' '));
        line.unwrap_or_else(|| panic!("the Dockerfile has no {word}"))
    }

    /// A list such as that of `CMD`.
    pub fn list(&self, word: &str) -> Vec<String> {
        serde_json::from_str(self.says(word)).unwrap()
    }
}
