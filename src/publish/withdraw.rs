//! Removing outputs whose credential has left.

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
};

use super::{FOLDER_MODE, OutputError, Publication, PublishError, place};
use crate::atomic::{Directory, Trouble};

/// Removes these files of an output directory, then the folders above them that are empty now and
/// as we make them. Says how many files there were. One that cannot be removed does not stop the
/// others. Blocks on the disk.
pub fn withdraw(directory: &Path, files: &[PathBuf]) -> Result<usize, PublishError> {
    let failed = |failures| PublishError { publication: Publication::default(), failures };
    let root = match Directory::open(directory) {
        Ok(root) => root,
        Err(error) if error.trouble == Trouble::MissingFolder => return Ok(0),
        Err(error) => return Err(failed(vec![error.into()])),
    };
    let mut removed = 0;
    let mut failures = Vec::new();
    for file in files {
        match remove(&root, file) {
            Ok(was_there) => removed += usize::from(was_there),
            Err(error) => failures.push(error),
        }
    }
    let folders: BTreeSet<&Path> = files.iter().flat_map(|file| file.ancestors().skip(1)).collect();
    // What lies in another folder comes after it.
    folders.into_iter().rev().for_each(|folder| prune(&root, folder));
    if failures.is_empty() { Ok(removed) } else { Err(failed(failures)) }
}

fn remove(root: &Directory, file: &Path) -> Result<bool, OutputError> {
    let (folder, name) = place(file)?;
    match root.open_below(folder) {
        Ok(folder) => Ok(folder.remove(name)?),
        Err(error) if error.trouble == Trouble::MissingFolder => Ok(false),
        Err(error) => Err(error.into()),
    }
}

/// An empty folder that cannot be removed does no harm. The output directory itself has no name
/// here, so it stays.
fn prune(root: &Directory, folder: &Path) {
    if let Ok((parent, name)) = place(folder)
        && let Ok(parent) = root.open_below(parent)
    {
        let _ = parent.remove_folder(name, FOLDER_MODE);
    }
}

#[cfg(test)]
mod tests {
    use std::{
        fs,
        os::unix::fs::{PermissionsExt, symlink},
    };

    use super::*;

    /// The names below a folder, sorted.
    fn tree(folder: &Path) -> Vec<String> {
        let mut names = Vec::new();
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            names.push(path.file_name().unwrap().to_str().unwrap().to_owned());
            if path.is_dir() && !path.is_symlink() {
                names.extend(tree(&path));
            }
        }
        names.sort();
        names
    }

    fn write(root: &Path, file: &str) {
        let path = root.join(file);
        let folder = path.parent().unwrap();
        fs::create_dir_all(folder).unwrap();
        for folder in folder.ancestors().take_while(|folder| *folder != root) {
            fs::set_permissions(folder, fs::Permissions::from_mode(0o755)).unwrap();
        }
        drop(fs::File::create(path).unwrap());
    }

    fn withdraw_all(root: &Path, files: &[&str]) -> Result<usize, PublishError> {
        withdraw(root, &files.iter().map(PathBuf::from).collect::<Vec<_>>())
    }

    #[test]
    fn folders_that_are_empty_then_go_along() {
        // (case, what is there, what is withdrawn, how many go, what stays)
        let cases: [(_, &[_], &[_], _, &[_]); 5] = [
            ("all of it", &["a/b/t", "a/b/t.e"], &["a/b/t", "a/b/t.e"], 2, &[]),
            ("a neighbour's", &["a/b/t", "a/c"], &["a/b/t"], 1, &["a", "c"]),
            ("at the top", &["t"], &["t"], 1, &[]),
            ("not there", &["a/u"], &["a/t", "b/t"], 0, &["a", "u"]),
            ("nothing", &["a/t"], &[], 0, &["a", "t"]),
        ];
        for (case, there, files, removed, stays) in cases {
            let root = tempfile::tempdir().unwrap();
            for file in there {
                write(root.path(), file);
            }
            assert_eq!(withdraw_all(root.path(), files), Ok(removed), "{case}");
            assert_eq!(tree(root.path()), stays, "{case}");
        }
        let root = tempfile::tempdir().unwrap();
        assert_eq!(withdraw_all(&root.path().join("none"), &["t"]), Ok(0));
    }

    #[test]
    fn a_folder_of_somebody_elses_making_stays() {
        let root = tempfile::tempdir().unwrap();
        write(root.path(), "a/t");
        let shared = fs::Permissions::from_mode(0o2775);
        fs::set_permissions(root.path().join("a"), shared).unwrap();
        assert_eq!(withdraw_all(root.path(), &["a/t"]), Ok(1));
        assert_eq!(tree(root.path()), ["a"], "its mode would be lost");
    }

    #[test]
    fn nothing_outside_is_touched_and_one_failure_stops_no_other() {
        let root = tempfile::tempdir().unwrap();
        let outside = tempfile::tempdir().unwrap();
        write(outside.path(), "t");
        write(root.path(), "a/t");
        fs::create_dir(root.path().join("folder")).unwrap();
        symlink(outside.path(), root.path().join("link")).unwrap();
        let error = withdraw_all(root.path(), &["link/t", "../t", "folder", "a/t"]).unwrap_err();
        let reasons: Vec<_> = error.failures.iter().map(OutputError::reason).collect();
        assert_eq!(reasons, ["symbolic_link", "outside_directory", "is_a_folder"]);
        assert_eq!(tree(root.path()), ["folder", "link"]);
        assert_eq!(tree(outside.path()), ["t"]);
    }
}
