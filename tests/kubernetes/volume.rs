//! A volume of projected files, as the kubelet keeps it.

use std::{
    fs,
    os::unix::fs::symlink,
    path::{Path, PathBuf},
    sync::atomic::{AtomicU32, Ordering},
};

use tempfile::TempDir;

use crate::write::write;

/// Each file leads to `..data/NAME`, and `..data` to a folder that is replaced as a whole.
pub struct Volume {
    folder: TempDir,
    projections: AtomicU32,
}

impl Volume {
    /// One with these files.
    pub fn new(files: &[(&str, String)]) -> Self {
        let volume = Self { folder: tempfile::tempdir().unwrap(), projections: AtomicU32::new(0) };
        for (name, _) in files {
            symlink(Path::new("..data").join(name), volume.path().join(name)).unwrap();
        }
        volume.project(files);
        volume
    }

    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Replaces all files at once: a new folder, a new link beside the old one, one rename.
    pub fn project(&self, files: &[(&str, String)]) {
        let folder = format!("..{}", self.projections.fetch_add(1, Ordering::Relaxed));
        fs::create_dir(self.path().join(&folder)).unwrap();
        for (name, text) in files {
            write(&self.path().join(&folder).join(name), text);
        }
        let [data, next] = ["..data", "..data_tmp"].map(|name| self.path().join(name));
        let before: Option<PathBuf> = fs::read_link(&data).ok();
        symlink(folder, &next).unwrap();
        fs::rename(next, data).unwrap();
        if let Some(before) = before {
            fs::remove_dir_all(self.path().join(before)).unwrap();
        }
    }
}
