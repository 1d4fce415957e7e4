//! Who may sign: one rule. Who may read an output of a credential may sign with it.
//!
//! What counts is the file as it stands on disk, and the folders that it is reached through from
//! the output directory on. A token that is not published is for nobody but root and the daemon's
//! user.

use std::{ffi::CString, fs::Metadata, os::unix::fs::MetadataExt, path::Path};

use nix::unistd::{Gid, Group, Uid, User, geteuid, getgrouplist};
use tokio::net::unix::UCred;

use super::Refusal;
use crate::credential::{Credential, Output};

/// A user who asks, with all of their groups.
pub(super) struct Reader {
    user: Uid,
    groups: Vec<Gid>,
}

/// Owner, group and mode of a file or a folder.
#[derive(Clone, Copy)]
struct Permissions {
    owner: Uid,
    group: Gid,
    mode: u32,
}

/// The bits by which a file is read, and a folder passed through.
const READ: u32 = 0o4;
const PASS: u32 = 0o1;

impl Reader {
    /// Who is at the other end. The kernel knows their user and first group, the database of
    /// groups the others; a user that is not in it has none.
    pub(super) fn of(peer: UCred) -> Self {
        let (user, group) = (Uid::from_raw(peer.uid()), Gid::from_raw(peer.gid()));
        let name = User::from_uid(user).ok().flatten().and_then(|it| CString::new(it.name).ok());
        let groups = name.and_then(|name| getgrouplist(&name, group).ok());
        Self { user, groups: groups.unwrap_or_else(|| vec![group]) }
    }

    /// Whether they may sign with a credential.
    pub(super) fn check(&self, credential: &Credential, directory: &Path) -> Result<(), Refusal> {
        let trusted = self.user.is_root() || self.user == geteuid();
        if trusted || credential.outputs.iter().any(|output| self.reads(directory, output)) {
            return Ok(());
        }
        let name = credential.name.clone();
        let mend = mend(credential, directory).into();
        Err(Refusal::Access { user: self.user.as_raw(), name, mend })
    }

    /// Whether each folder on the way lets them pass, and the file lets them read.
    fn reads(&self, directory: &Path, output: &Output) -> bool {
        let mut path = directory.to_owned();
        // The operator has named this one, so a symbolic link is theirs.
        let Ok(mut here) = path.metadata() else { return false };
        for name in output.path.iter() {
            if !here.is_dir() || !self.may(PASS, (&here).into()) {
                return false;
            }
            path.push(name);
            // A symbolic link below is not ours, and is neither folder nor file.
            let Ok(next) = path.symlink_metadata() else { return false };
            here = next;
        }
        here.is_file() && self.may(READ, (&here).into())
    }

    /// As the kernel decides it: the owner's bits are the owner's, even where the group has more.
    fn may(&self, bit: u32, permissions: Permissions) -> bool {
        let Permissions { owner, group, mode } = permissions;
        let shift = if self.user == owner {
            6
        } else if self.groups.contains(&group) {
            3
        } else {
            0
        };
        mode >> shift & bit != 0
    }
}

impl From<&Metadata> for Permissions {
    fn from(metadata: &Metadata) -> Self {
        let (owner, group) = (metadata.uid(), metadata.gid());
        let mode = metadata.mode();
        Self { owner: Uid::from_raw(owner), group: Gid::from_raw(group), mode }
    }
}

/// The group to join, if an output is for one.
fn mend(credential: &Credential, directory: &Path) -> String {
    let of_group = credential.outputs.iter().find_map(|output| {
        let found = directory.join(&output.path).symlink_metadata().ok()?;
        (found.mode() >> 3 & READ != 0).then(|| Gid::from_raw(found.gid()))
    });
    match of_group {
        Some(group) => {
            let name = Group::from_gid(group).ok().flatten().map(|group| group.name);
            let name = name.unwrap_or_else(|| group.to_string());
            format!("join the group {name}, which may read its output, and connect again")
        }
        None => "it has no output that a group may read; give one a `group`, and join that".into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn reader(user: u32, groups: Vec<Gid>) -> Reader {
        Reader { user: Uid::from_raw(user), groups }
    }

    #[test]
    fn who_reads_is_decided_as_the_kernel_does() {
        let alice = reader(1000, [1000, 50].map(Gid::from_raw).into());
        // (case, owner, group, mode, whether Alice reads)
        for (case, owner, group, mode, expected) in [
            ("the owner", 1000, 7, 0o400, true),
            ("the owner of a file that others may read, but not they", 1000, 7, 0o044, false),
            ("a member", 7, 50, 0o640, true),
            ("the first group", 7, 1000, 0o640, true),
            ("a member where the group may only write", 7, 50, 0o620, false),
            ("a member where all but the group may", 7, 50, 0o604, false),
            ("everybody", 7, 8, 0o644, true),
            ("a stranger", 7, 8, 0o640, false),
            ("a stranger where others may only write", 7, 8, 0o642, false),
            ("nobody", 7, 50, 0o000, false),
        ] {
            let permissions =
                Permissions { owner: Uid::from_raw(owner), group: Gid::from_raw(group), mode };
            assert_eq!(alice.may(READ, permissions), expected, "{case}");
        }
    }
}
