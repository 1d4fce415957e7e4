//! The application: it reads every token as fast as it can, until it has seen enough new ones. It
//! is this very program in a container of its own, told by its environment what to do.

use std::{
    collections::HashMap,
    fs::{self, File},
    io::Read as _,
    os::unix::fs::MetadataExt as _,
    path::{Path, PathBuf},
};

use crate::pod::GROUP;

/// How many rotations the application waits for.
pub const ROTATIONS: &str = "ROTATIONS_TO_SEE";
/// Before each token that it has read, in what it prints.
pub const TOKEN: &str = "token ";
/// Before the number of all reads.
pub const READS: &str = "reads ";

/// How many rotations to see, if this is the application.
pub fn work() -> Option<usize> {
    std::env::var(ROTATIONS).ok()?.parse().ok()
}

/// Reads. Whatever is not a whole file, or has other owners or another mode, is a failure.
pub fn read(rotations: usize) {
    let paths: Vec<PathBuf> = fs::read_dir("/run/tokenward")
        .unwrap()
        .map(|entry| entry.unwrap().path().join("token"))
        .collect();
    let mut last: HashMap<&Path, String> = HashMap::new();
    let (mut seen, mut reads) = (0, 0_u64);
    while seen < rotations {
        for path in &paths {
            let token = read_once(path);
            reads += 1;
            if let Some(before) = last.get(&**path).filter(|before| **before != token) {
                assert!(!before.is_empty());
                seen += 1;
                println!("{TOKEN}{token}");
            }
            last.insert(path, token);
        }
    }
    println!("{READS}{reads}");
}

fn read_once(path: &Path) -> String {
    let mut file = File::open(path).unwrap();
    let metadata = file.metadata().unwrap();
    assert_eq!((metadata.mode() & 0o7777, metadata.uid(), metadata.gid()), (0o640, GROUP, GROUP));
    let mut token = String::new();
    file.read_to_string(&mut token).unwrap();
    assert_eq!(metadata.len(), token.len() as u64, "a file that grew");
    assert!(!token.is_empty(), "an empty file");
    token
}
