//! `tokenward sandbox --like NAME`, and the configuration that it prints.

use std::{
    io::{BufRead, BufReader},
    path::PathBuf,
    process::{Child, Command, Stdio},
};

use tempfile::TempDir;

use crate::write::write;

/// A sandbox that plays providers. It ends when dropped.
pub struct Playing {
    process: Child,
    folder: TempDir,
}

impl Playing {
    /// One that plays these presets, and its configuration in a file.
    pub fn of(names: &[&str]) -> Self {
        let arguments = names.iter().flat_map(|name| ["--like", name]);
        let mut process = Command::new(env!("CARGO_BIN_EXE_tokenward"))
            .args(["sandbox", "--listen", "127.0.0.1:0"])
            .args(arguments)
            .stdout(Stdio::piped())
            .spawn()
            .expect("the program");
        let lines = BufReader::new(process.stdout.take().expect("its output")).lines();
        let lines = lines.map(|line| line.expect("UTF-8"));
        let text: String = lines
            .take_while(|line| !line.starts_with("# That is all."))
            .map(|l| l + "\n")
            .collect();
        let playing = Self { process, folder: tempfile::tempdir().expect("a folder") };
        write(&playing.configuration(), &text);
        playing
    }

    /// The file with its configuration.
    pub fn configuration(&self) -> PathBuf {
        self.path("config.yaml")
    }

    /// A file in the folder of the configuration, from which its paths start.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }
}

impl Drop for Playing {
    fn drop(&mut self) {
        // Both fail only if it has ended already.
        self.process.kill().ok();
        self.process.wait().ok();
    }
}
