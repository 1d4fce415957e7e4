//! `NAME.expires_at`: the expiry beside an output that cannot show it, in seconds since 1970.

use std::ffi::OsStr;

use crate::{
    atomic::{AtomicError, Directory},
    clock::WallTime,
};

/// More digits than any date has.
const LIMIT: usize = 32;

/// The seconds alone, with no line break, like the token beside them.
pub(super) fn render(expires_at: WallTime) -> Vec<u8> {
    expires_at.seconds().to_string().into_bytes()
}

/// The expiry in the file; `None` if there is none or it is not ours.
pub(super) fn read(folder: &Directory, name: &OsStr) -> Result<Option<WallTime>, AtomicError> {
    match folder.read(name, LIMIT) {
        Ok(bytes) => Ok(bytes.and_then(|bytes| parse(&bytes))),
        Err(error) if error.trouble.is_foreign() => Ok(None),
        Err(error) => Err(error),
    }
}

fn parse(bytes: &[u8]) -> Option<WallTime> {
    str::from_utf8(bytes).ok()?.parse().ok().map(WallTime::from_seconds)
}
