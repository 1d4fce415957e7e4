//! Owner and group, by name or number, as the numbers that the kernel knows.

use std::path::Path;

use nix::unistd::{Gid, Group, Uid, User};

use super::OutputError;
use crate::{atomic::FileAccess, credential::Access};

/// Looked up at each publication, so that a group created meanwhile is found.
pub fn resolve(path: &Path, access: &Access) -> Result<FileAccess, OutputError> {
    let lookup = |errno| OutputError::Lookup { path: path.into(), errno };
    let owner = |name: &str| match name.parse() {
        Ok(number) => Ok(Uid::from_raw(number)),
        Err(_) => User::from_name(name)
            .map_err(lookup)?
            .map(|user| user.uid)
            .ok_or_else(|| OutputError::UnknownOwner { path: path.into(), name: name.into() }),
    };
    let group = |name: &str| match name.parse() {
        Ok(number) => Ok(Gid::from_raw(number)),
        Err(_) => Group::from_name(name)
            .map_err(lookup)?
            .map(|group| group.gid)
            .ok_or_else(|| OutputError::UnknownGroup { path: path.into(), name: name.into() }),
    };
    Ok(FileAccess {
        mode: access.mode,
        owner: access.owner.as_deref().map(owner).transpose()?,
        group: access.group.as_deref().map(group).transpose()?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_numbers_become_numbers() {
        let ids = |owner: Option<&str>, group: Option<&str>| {
            let access =
                Access { mode: 0o640, owner: owner.map(Into::into), group: group.map(Into::into) };
            let found = resolve(Path::new("a/token"), &access);
            found
                .map(|ids| (ids.owner.map(Uid::as_raw), ids.group.map(Gid::as_raw)))
                .map_err(|error| error.to_string())
        };
        for (case, owner, group, expected) in [
            ("absent", None, None, Ok((None, None))),
            ("by name", Some("root"), Some("root"), Ok((Some(0), Some(0)))),
            ("by number", Some("4242"), Some("4343"), Ok((Some(4242), Some(4343)))),
            (
                "no such user",
                Some("no-such-user"),
                None,
                Err("a/token: there is no user \"no-such-user\" on this machine; create it, or \
                     correct `owner`"),
            ),
            (
                "no such group",
                Some("root"),
                Some("no-such-group"),
                Err("a/token: there is no group \"no-such-group\" on this machine; create it, or \
                     correct `group`"),
            ),
        ] {
            assert_eq!(ids(owner, group), expected.map_err(str::to_owned), "{case}");
        }
    }
}
