//! Lists of values outside of the configuration.

use std::{fs, path::Path};

use super::{MAX_BYTES, Place, SourceError};

/// A list of values outside of the configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum List {
    /// The lines of a file.
    Lines(Box<Path>),
    /// The names in a folder, but not hidden ones: the kubelet keeps its own there.
    Names(Box<Path>),
}

/// What comes of reading a list.
pub type Items = Result<Vec<Box<str>>, SourceError>;

impl List {
    /// Where it is kept.
    pub fn path(&self) -> &Path {
        match self {
            Self::Lines(path) | Self::Names(path) => path,
        }
    }

    /// Its items, in the order of the file, or sorted. What is no text in UTF-8 is an error in a
    /// file; in a name, it becomes a character that no value can have.
    pub fn read(&self) -> Items {
        match self {
            Self::Lines(path) => lines(path),
            Self::Names(path) => names(path),
        }
    }
}

/// A file without a line is a list without an item, and no mistake.
fn lines(path: &Path) -> Items {
    let place = Place::File(path.into());
    let bytes = super::bytes(path, &place)?;
    Ok(super::text(&bytes, &place)?.lines().map(Box::from).collect())
}

fn names(path: &Path) -> Items {
    let place = Place::Folder(path.into());
    let fail = |cause| SourceError::of_io(cause, &place);
    let mut names = Vec::new();
    let mut room = MAX_BYTES;
    for entry in fs::read_dir(path).map_err(fail)? {
        let name = entry.map_err(fail)?.file_name();
        let name = name.to_string_lossy();
        if name.starts_with('.') {
            continue;
        }
        let Some(left) = room.checked_sub(name.len() as u64) else {
            return Err(SourceError::TooLong(place));
        };
        room = left;
        names.push(name.into());
    }
    names.sort_unstable();
    Ok(names)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[expect(clippy::disallowed_methods, reason = "a file of a test is no output")]
    fn write(path: &Path, bytes: &[u8]) {
        fs::write(path, bytes).unwrap();
    }

    #[test]
    fn a_file_is_a_list_of_its_lines() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("list");
        let long = vec![b'a'; usize::try_from(MAX_BYTES).unwrap() + 1];
        // (case, bytes, items or what is said)
        let cases: [(&str, &[u8], &str); 6] = [
            ("lines", b"a\nb\n", "[a|b]"),
            ("of another system", b"a\r\nb", "[a|b]"),
            ("nothing is trimmed here", b" a \n\n#b", "[ a ||#b]"),
            ("empty", b"", "[]"),
            ("not text", b"\xff", "is not text in UTF-8"),
            ("too long", &long, "gives more than 1 MiB"),
        ];
        for (case, bytes, expected) in cases {
            write(&path, bytes);
            let items = List::Lines(path.as_path().into()).read();
            let found =
                items.map_or_else(|error| error.to_string(), |it| format!("[{}]", it.join("|")));
            assert!(found.contains(expected), "{case}: {found}");
        }
    }

    #[test]
    fn a_folder_is_a_list_of_its_visible_names() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["b", "a.txt", ".hidden", "..2027_01_01"] {
            write(&folder.path().join(name), b"");
        }
        std::os::unix::fs::symlink("..2027_01_01", folder.path().join("..data")).unwrap();
        let list = List::Names(folder.path().into());
        assert_eq!(list.read().unwrap(), ["a.txt".into(), "b".into()]);
        let missing = List::Names(folder.path().join("none").into());
        let error = missing.read().unwrap_err().to_string();
        assert!(error.starts_with("the folder ") && error.contains("does not exist"), "{error}");
    }
}
