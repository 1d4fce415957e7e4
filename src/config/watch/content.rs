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
        digest_in_pieces(file.take(MOST), &mut context)?;
    }
    let mut digest = [0; 32];
    digest.copy_from_slice(context.finish().as_ref());
    Ok(Fingerprint(digest))
}

/// A long configuration that is looked at is never in memory as a whole: its place in the heap
/// would stay ours.
fn digest_in_pieces(mut source: impl Read, context: &mut Context) -> io::Result<()> {
    let mut piece = Zeroizing::new([0; 8 << 10]);
    loop {
        match source.read(&mut *piece) {
            Ok(0) => return Ok(()),
            Ok(length) => context.update(piece.get(..length).unwrap_or_default()),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Gives what is asked for in its own time.
    struct Interrupted<'a>(&'a [u8], bool);

    impl Read for Interrupted<'_> {
        fn read(&mut self, piece: &mut [u8]) -> io::Result<usize> {
            self.1 = !self.1;
            if self.1 { Err(io::ErrorKind::Interrupted.into()) } else { self.0.read(piece) }
        }
    }

    #[test]
    fn the_digest_is_that_of_all_bytes() {
        for length in [0, 1, 8191, 8192, 8193, 100_000] {
            let bytes: Vec<u8> = (0..length).map(|n: u32| n.to_le_bytes()[0]).collect();
            let mut context = Context::new(&SHA256);
            digest_in_pieces(Interrupted(&bytes, false), &mut context).expect("a digest");
            let whole = aws_lc_rs::digest::digest(&SHA256, &bytes);
            assert_eq!(context.finish().as_ref(), whole.as_ref(), "{length} bytes");
        }
    }
}
