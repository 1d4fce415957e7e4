//! `NAME.expires_at`: the expiry beside an output that cannot show it, in seconds since 1970, or
//! `never`.

use std::ffi::OsStr;

use crate::{
    atomic::{AtomicError, Directory},
    token::Expiry,
};

/// More digits than any date has.
const LIMIT: usize = 32;

/// The text alone, with no line break, like the token beside it.
pub(super) fn render(expiry: Expiry) -> Vec<u8> {
    expiry.text().into_owned().into_bytes()
}

/// The expiry in the file; `None` if there is none or it is not ours.
pub(super) fn read(folder: &Directory, name: &OsStr) -> Result<Option<Expiry>, AtomicError> {
    match folder.read(name, LIMIT) {
        Ok(bytes) => Ok(bytes.and_then(|bytes| parse(&bytes))),
        Err(error) if error.trouble.is_foreign() => Ok(None),
        Err(error) => Err(error),
    }
}

fn parse(bytes: &[u8]) -> Option<Expiry> {
    Expiry::parse(str::from_utf8(bytes).ok()?)
}
