//! A file of the configuration, as text with numbered lines.

use std::{
    io::{self, Read},
    path::{Path, PathBuf},
};

use super::problem::Problem;
use crate::source;

/// A configuration of a hundred thousand credentials has about 30 MB.
const MAX_BYTES: u64 = 256 << 20;

/// A file of the configuration.
#[derive(Clone, PartialEq, Eq)]
pub struct Source {
    /// Where it was read from.
    pub path: PathBuf,
    /// Its text, without a byte order mark.
    pub text: String,
    /// The offset of the first byte of each line.
    lines: Vec<u32>,
}

impl Source {
    /// Reads a file.
    pub fn read(path: &Path) -> Result<Self, Problem> {
        let mut bytes = Vec::new();
        let failed = |error| unreadable(path, &error);
        let Some(file) = source::open_regular(path).map_err(failed)? else {
            return Err(Problem::nowhere(
                format!("{} is no regular file", path.display()),
                "name the file itself; a pipe or a device cannot be read again",
            ));
        };
        file.take(MAX_BYTES + 1).read_to_end(&mut bytes).map_err(failed)?;
        if bytes.len() as u64 > MAX_BYTES {
            return Err(Problem::nowhere(
                format!("{} is larger than {} MiB", path.display(), MAX_BYTES >> 20),
                "split it into several files and name them under `include`",
            ));
        }
        let text = String::from_utf8(bytes).map_err(|error| not_utf8(path, &error))?;
        Ok(Self::new(path.to_owned(), text))
    }

    /// A file with this text.
    pub fn new(path: PathBuf, mut text: String) -> Self {
        if text.starts_with('\u{feff}') {
            text.drain(..'\u{feff}'.len_utf8());
        }
        let breaks = text.bytes().zip(1u32..).filter(|(byte, _)| *byte == b'\n');
        let lines = std::iter::once(0).chain(breaks.map(|(_, next)| next)).collect();
        Self { path, text, lines }
    }

    /// The line (from 0) in which a byte stands.
    pub fn line_of(&self, offset: u32) -> usize {
        self.lines.partition_point(|start| *start <= offset).saturating_sub(1)
    }

    /// The offset and the text of a line (from 0), without its end.
    pub fn line(&self, number: usize) -> (u32, &str) {
        let start = self.lines.get(number).copied().unwrap_or(0);
        let rest = self.text.get(start as usize..).unwrap_or("");
        (start, rest.lines().next().unwrap_or(""))
    }

    /// The folder that relative paths in the file start from.
    pub fn folder(&self) -> &Path {
        self.path.parent().unwrap_or(Path::new(""))
    }
}

fn unreadable(path: &Path, error: &io::Error) -> Problem {
    let mend = match error.kind() {
        io::ErrorKind::NotFound => "create it, or name the right file",
        io::ErrorKind::PermissionDenied => "let the daemon's user read it and its folder",
        _ => "make it a regular file that the daemon's user may read",
    };
    Problem::nowhere(format!("cannot read {}: {error}", path.display()), mend)
}

fn not_utf8(path: &Path, error: &std::string::FromUtf8Error) -> Problem {
    let valid = error.utf8_error().valid_up_to();
    let line = 1 + error.as_bytes().iter().take(valid).filter(|byte| **byte == b'\n').count();
    Problem::nowhere(
        format!("{} is not UTF-8 text (line {line})", path.display()),
        "save it with the encoding UTF-8",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_found_by_offset() {
        let source = Source::new("c.yaml".into(), "\u{feff}a\nbc\r\n\nd".into());
        for (offset, line, text) in
            [(0, 0, "a"), (1, 0, "a"), (2, 1, "bc"), (5, 1, "bc"), (6, 2, ""), (7, 3, "d")]
        {
            assert_eq!(source.line_of(offset), line, "offset {offset}");
            assert_eq!(source.line(line).1, text, "line {line}");
        }
    }
}
