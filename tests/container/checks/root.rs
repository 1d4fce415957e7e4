//! What is in the image.

use std::{
    fs,
    os::unix::fs::MetadataExt as _,
    path::{Path, PathBuf},
    process::Command,
};

use crate::node::{Node, text};

const LARGEST: u64 = 15 << 20;

pub fn is_small(node: &Node) -> String {
    let root = &node.image.root;
    let sum: u64 = files(root).iter().map(|file| file.symlink_metadata().unwrap().len()).sum();
    assert!(sum < LARGEST, "{sum} bytes");
    let size = Path::new(env!("CARGO_MANIFEST_DIR")).join("deploy/image/size");
    let shown = Command::new(size).arg(root).output().unwrap();
    assert!(shown.status.success(), "{}", String::from_utf8_lossy(&shown.stderr));
    String::from_utf8(shown.stdout).unwrap().trim().to_owned()
}

pub fn is_as_promised(node: &Node) -> String {
    let image = &node.image;
    let root = &image.root;
    let version = format!("org.opencontainers.image.version=\"{}\"", env!("CARGO_PKG_VERSION"));
    let dockerfile = Path::new(env!("CARGO_MANIFEST_DIR")).join("deploy/Dockerfile");
    assert!(fs::read_to_string(dockerfile).unwrap().contains(&version), "{version}");

    let programs: Vec<_> = files(root)
        .into_iter()
        .filter(|file| file.metadata().unwrap().mode() & 0o111 != 0)
        .map(|file| text(file.strip_prefix(root).unwrap()).to_owned())
        .filter(|file| !file.starts_with("lib"))
        .collect();
    assert_eq!(programs, ["usr/bin/tokenward"], "all that can be run");

    for (folder, mode, owner) in
        [("run/tokenward", 0o755, 65532), ("var/lib/tokenward", 0o700, 65532), ("etc", 0o755, 0)]
    {
        let metadata = fs::metadata(root.join(folder)).unwrap();
        let found = (metadata.mode() & 0o7777, metadata.uid(), metadata.gid());
        assert_eq!(found, (mode, owner, owner), "{folder}");
    }
    format!("{} files", files(root).len())
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
}
