//! Files of a test. The program's own are written in another way, which clippy sees to.

use std::{fs::File, io::Write, path::Path};

/// Writes a file, in place of one of that name.
pub fn write(path: &Path, bytes: impl AsRef<[u8]>) {
    File::create(path).expect("a file").write_all(bytes.as_ref()).expect("a file");
}
