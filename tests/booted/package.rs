//! The Debian package under test, and the next version of it.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use crate::{left_out::left_out, machine::Machine};

/// A package that lies in a file.
#[derive(Clone)]
pub struct Package(PathBuf);

impl Package {
    /// The newest that was built.
    pub fn built() -> Option<Self> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/debian");
        let files = fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
        let packages = files.filter(|path| path.extension().is_some_and(|ending| ending == "deb"));
        let newest = packages.max_by_key(|path| path.metadata().unwrap().modified().unwrap());
        if newest.is_none() {
            left_out(crate::WHAT, "target/debian has no package: build it first");
        }
        newest.map(Self)
    }

    /// Installs it, or upgrades to it.
    pub fn install(&self, machine: &Machine) {
        fs::copy(&self.0, machine.path("/root/tokenward.deb")).unwrap();
        machine.shell("dpkg --install --force-confold /root/tokenward.deb");
    }

    /// The same with a higher version, made where the package is installed.
    pub fn upgrade(&self, machine: &Machine) {
        let (old, new) = (machine.path("/root/unpacked"), machine.path("/root/next.deb"));
        let run = |arguments: &[&Path]| {
            let ended = Command::new("dpkg-deb").args(arguments).output().unwrap();
            assert!(ended.status.success(), "{}", String::from_utf8_lossy(&ended.stderr));
        };
        run(&[Path::new("--raw-extract"), &self.0, &old]);
        let control = old.join("DEBIAN/control");
        let text = fs::read_to_string(&control).unwrap();
        let lines = text.lines().map(|line| match line.strip_prefix("Version: ") {
            Some(version) => format!("Version: {version}+next\n"),
            None => format!("{line}\n"),
        });
        crate::write::write(&control, lines.collect::<String>());
        // Not compressed: that takes longer than all else here.
        run(&[Path::new("-Znone"), Path::new("--build"), &old, &new]);
        Self(new).install(machine);
        fs::remove_dir_all(old).unwrap();
    }
}
