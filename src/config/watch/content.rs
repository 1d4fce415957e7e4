//! What stands at a path.

use std::{
    fs,
    io::{self, Read},
    os::unix::fs::MetadataExt,
    path::Path,
};

use aws_lc_rs::digest::{Context, SHA256};
use zeroize::Zeroizing;

use crate::{credential::Fingerprint, source};

/// What stands at a path, and what the file system says of it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Content {
    stamp: Stamp,
    /// Absent if nothing can be read there.
    pub digest: Option<Fingerprint>,
}

/// No configuration is longer, and no secret: what stands behind it changes nothing.
const MOST: u64 = 256 << 20;

/// Device, inode, size, and the dates of content and inode. Without an event, a file that keeps
/// all of them is not read again. With one it is: two writes in one tick have equal dates.
type Stamp = Option<(u64, u64, u64, i64, i64, i64, i64)>;

impl Content {
    /// What stands at a path. It is not read if it looks the same as `before`.
    pub fn read(path: &Path, before: Option<Self>) -> Self {
        let stamp = stamp(path);
        match before {
            Some(before) if stamp.is_some() && before.stamp == stamp => before,
            _ => Self { stamp, digest: digest(path).ok() },
        }
    }
}

fn stamp(path: &Path) -> Stamp {
    let it = fs::metadata(path).ok()?;
    let dates = (it.mtime(), it.mtime_nsec(), it.ctime(), it.ctime_nsec());
    Some((it.dev(), it.ino(), it.size(), dates.0, dates.1, dates.2, dates.3))
}

/// The digest of a file's bytes, or of the names in a folder.
fn digest(path: &Path) -> io::Result<Fingerprint> {
    let mut context = Context::new(&SHA256);
    if fs::metadata(path)?.is_dir() {
        let mut names = Vec::new();
        for entry in fs::read_dir(path)? {
            names.push(entry?.file_name());
        }
        names.sort_unstable();
        for name in names {
            context.update(name.as_encoded_bytes());
            context.update(b"/");
        }
    } else {
        let file = source::open_regular(path)?.ok_or(io::ErrorKind::InvalidInput)?;
        let mut bytes = Zeroizing::new(Vec::new());
        file.take(MOST).read_to_end(&mut bytes)?;
        context.update(&bytes);
    }
    let mut digest = [0; 32];
    digest.copy_from_slice(context.finish().as_ref());
    Ok(Fingerprint(digest))
}
