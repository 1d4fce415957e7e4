//! Mounts that hide what becomes of a file.
//!
//! The kubelet writes each version of a `ConfigMap` or a Secret into a folder of its own, and a link
//! beside it says which one counts. A `subPath` is looked up once, when the container starts: it is
//! a mount of one version, and stays that for ever. A single file that is mounted by itself, as
//! with `docker run -v FILE:FILE`, shows what is written into that file, but not one that takes its
//! place.

use std::{
    collections::BTreeMap,
    ffi::OsString,
    fs,
    os::{
        fd::AsRawFd,
        unix::{ffi::OsStringExt, fs::OpenOptionsExt},
    },
    path::{Path, PathBuf},
};

use nix::fcntl::OFlag;

/// How something is mounted that is not seen to change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Mounted {
    /// One version of a volume that the kubelet writes: a `subPath`.
    Version,
    /// A file by itself.
    Alone,
}

/// The mounts of this process (`proc_pid_mountinfo(5)`), by their number.
#[derive(Debug, Default)]
pub struct Mounts(BTreeMap<u64, Mount>);

#[derive(Debug, PartialEq, Eq)]
struct Mount {
    /// What of its file system is mounted is one version, or lies in one.
    is_version: bool,
    point: PathBuf,
}

impl Mounts {
    /// Those of now. Without `/proc` nothing is known of any, and nothing is found wrong.
    pub fn of_process() -> Self {
        Self::parse(&fs::read("/proc/self/mountinfo").unwrap_or_default())
    }

    fn parse(table: &[u8]) -> Self {
        let mounts = table.split(|byte| *byte == b'\n').filter_map(|line| {
            // Its number, that of the mount below it, the device, the root, the mount point.
            let mut fields = line.split(|byte| *byte == b' ');
            let number = std::str::from_utf8(fields.next()?).ok()?.parse().ok()?;
            let root = unescaped(fields.nth(2)?);
            let is_version = root.iter().any(|name| is_version(name.as_encoded_bytes()));
            Some((number, Mount { is_version, point: unescaped(fields.next()?) }))
        });
        Self(mounts.collect())
    }

    /// How a file or a folder is mounted, if its changes are not seen because of that.
    pub fn of(&self, path: &Path) -> Option<Mounted> {
        // `O_PATH` opens anything, and waits for nobody. Links are followed.
        let opened =
            fs::OpenOptions::new().read(true).custom_flags(OFlag::O_PATH.bits()).open(path);
        let opened = opened.ok()?;
        let mount = self.0.get(&mount_number(&opened)?)?;
        if mount.is_version {
            return Some(Mounted::Version);
        }
        let alone = !opened.metadata().ok()?.is_dir() && !mount.point.is_dir();
        alone.then_some(Mounted::Alone)
    }
}

/// The mount through which a file was opened. Its device number would not tell: a bind mount has
/// the same one.
fn mount_number(opened: &fs::File) -> Option<u64> {
    let facts = fs::read_to_string(format!("/proc/self/fdinfo/{}", opened.as_raw_fd())).ok()?;
    facts.lines().find_map(|line| line.strip_prefix("mnt_id:")?.trim().parse().ok())
}

/// Spaces and the like stand there as three octal digits.
fn unescaped(field: &[u8]) -> PathBuf {
    let mut bytes = Vec::with_capacity(field.len());
    let mut rest = field;
    while let [first, after @ ..] = rest {
        let digits = if *first == b'\\' { after.get(..3) } else { None };
        let octal = digits.and_then(|digits| std::str::from_utf8(digits).ok());
        if let Some(byte) = octal.and_then(|octal| u8::from_str_radix(octal, 8).ok()) {
            bytes.push(byte);
            rest = after.get(3..).unwrap_or_default();
        } else {
            bytes.push(*first);
            rest = after;
        }
    }
    OsString::from_vec(bytes).into()
}

/// Whether the kubelet calls the folder of a version so: `..2026_11_25_10_26_03.1234567890`.
fn is_version(name: &[u8]) -> bool {
    const DATE: &[u8] = b"..0000_00_00_00_00_00.";
    let fits = |(byte, shape): (&u8, &u8)| match shape {
        b'0' => byte.is_ascii_digit(),
        shape => byte == shape,
    };
    name.len() > DATE.len() && name.iter().zip(DATE).all(fits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_is_found_by_the_root_of_its_mount() {
        let pod = "/var/lib/kubelet/pods/2f4b/volumes";
        let date = "..2026_11_25_10_26_03.1234567890";
        // (case, root, whether it is one version)
        for (case, root, expected) in [
            ("the root", "/".to_owned(), false),
            ("a whole ConfigMap", format!("{pod}/kubernetes.io~configmap/config"), false),
            ("a file of it", format!("{pod}/kubernetes.io~configmap/config/{date}/a.yaml"), true),
            ("a file of a Secret, on a file system of its own", format!("/{date}/secret"), true),
            ("a folder of it", format!("/{date}/conf.d"), true),
            ("a version that is gone", format!("/{date}/secret//deleted"), true),
            ("a folder of an emptyDir", format!("{pod}/kubernetes.io~empty-dir/a/sub"), false),
            ("a date alone", "/..2026_11_25/secret".to_owned(), false),
            ("no date", "/..2026-11-25-10-26-03.12/secret".to_owned(), false),
        ] {
            let line = format!("61 45 0:52 {root} /a\\040b ro,relatime - tmpfs tmpfs rw\n");
            let mounts = Mounts::parse(line.as_bytes());
            let mount = Mount { is_version: expected, point: "/a b".into() };
            assert_eq!(mounts.0.get(&61), Some(&mount), "{case}");
        }
    }

    #[test]
    fn what_is_no_table_names_no_mount() {
        for table in [&b""[..], b"\n\n", b"61 45 0:52\n", b"x y z / /a\n", b"\xff \xff \xff / /"] {
            assert!(Mounts::parse(table).0.is_empty(), "{table:?}");
        }
    }

    #[test]
    fn escapes_are_undone_and_a_lone_backslash_stays() {
        for (field, expected) in [
            ("/a\\040b\\134", "/a b\\"),
            ("/a\\", "/a\\"),
            ("/\\08", "/\\08"),
            ("/\\999", "/\\999"),
        ] {
            assert_eq!(unescaped(field.as_bytes()), Path::new(expected), "{field}");
        }
    }

    #[test]
    fn an_ordinary_file_is_in_no_such_mount() {
        let folder = tempfile::tempdir().unwrap();
        let mounts = Mounts::of_process();
        assert!(!mounts.0.is_empty());
        for path in [folder.path(), &folder.path().join("nowhere")] {
            assert_eq!(mounts.of(path), None);
        }
    }
}
