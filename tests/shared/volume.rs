//! A volume as the kubelet writes it: a `ConfigMap`, a Secret, a projected token.
//!
//! Each version is a folder of its own, `..data` a link to the one that counts, and the names that
//! people use are links through `..data`. So all files change in one rename. The order is that of
//! the kubelet's `AtomicWriter`.

use std::{
    fs::{self, File},
    io::Write,
    os::unix::fs::symlink,
    path::{Path, PathBuf},
    sync::atomic::{AtomicU32, Ordering},
};

/// A volume on the way to a container.
pub struct Volume {
    folder: PathBuf,
    versions: AtomicU32,
}

impl Volume {
    /// With these files in it: names, which may have folders in front, and contents.
    pub fn new(folder: &Path, files: &[(&str, &str)]) -> Self {
        fs::create_dir_all(folder).unwrap();
        let volume = Self { folder: folder.to_owned(), versions: AtomicU32::new(0) };
        volume.swap(files);
        volume
    }

    /// Where a consumer finds a file.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// Replaces all files at once. Those that are not given again go.
    pub fn swap(&self, files: &[(&str, &str)]) {
        let before = fs::read_link(self.path("..data")).ok();
        let number = self.versions.fetch_add(1, Ordering::Relaxed) + 1;
        let version = format!("..2026_11_25_10_26_{:02}.{:09}", number % 60, number);
        fs::create_dir(self.path(&version)).unwrap();
        for (name, text) in files {
            let path = self.path(&version).join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            File::create(path).unwrap().write_all(text.as_bytes()).unwrap();
        }
        symlink(&version, self.path("..data_tmp")).unwrap();
        fs::rename(self.path("..data_tmp"), self.path("..data")).unwrap();
        let names: Vec<_> = files.iter().map(|(name, _)| name.split('/').next().unwrap()).collect();
        for name in &names {
            // It fails for a name that was there before, as it should.
            symlink(Path::new("..data").join(name), self.path(name)).ok();
        }
        for entry in fs::read_dir(&self.folder).unwrap() {
            let name = entry.unwrap().file_name().into_string().unwrap();
            if !name.starts_with("..") && !names.contains(&name.as_str()) {
                fs::remove_file(self.path(&name)).unwrap();
            }
        }
        if let Some(before) = before {
            fs::remove_dir_all(self.folder.join(before)).unwrap();
        }
    }
}
