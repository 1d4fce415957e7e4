//! A `ConfigMap` or a `Secret` as a volume. Kubelet replaces all of its files at once: they are
//! links into `..data`, which is a link to the folder of the moment.

use std::{
    cell::Cell,
    fs,
    os::unix::fs::{PermissionsExt as _, chown, symlink},
    path::PathBuf,
};

use crate::{node::make_folder, write::write};

pub struct Projected {
    pub path: PathBuf,
    mode: u32,
    versions: Cell<u32>,
}

impl Projected {
    pub fn new(path: PathBuf, mode: u32) -> Self {
        make_folder(&path, 0o755);
        Self { path, mode, versions: Cell::new(0) }
    }

    /// Replaces its one file.
    pub fn put(&self, name: &str, text: &str) {
        let version = self.versions.get();
        self.versions.set(version + 1);
        let folder = |version: u32| format!("..2026_11_25_00_00_00.{version}");
        let made = self.path.join(folder(version));
        make_folder(&made, 0o755);
        let file = made.join(name);
        write(&file, text);
        chown(&file, None, Some(65532)).unwrap();
        fs::set_permissions(&file, fs::Permissions::from_mode(self.mode)).unwrap();

        let next = self.path.join("..data_tmp");
        symlink(folder(version), &next).unwrap();
        fs::rename(next, self.path.join("..data")).unwrap();
        match version.checked_sub(1) {
            Some(before) => fs::remove_dir_all(self.path.join(folder(before))).unwrap(),
            None => symlink(format!("..data/{name}"), self.path.join(name)).unwrap(),
        }
    }
}
