//! The Debian releases, and a root of each, made once by mmdebstrap.

use std::{
    fmt, fs,
    path::{Path, PathBuf},
    process::Command,
};

use nix::{
    mount::{MsFlags, mount},
    unistd::geteuid,
};

/// A release of Debian.
pub struct Release {
    /// Its code name.
    pub name: &'static str,
    /// The version of its systemd.
    pub systemd: u16,
}

pub const RELEASES: [Release; 2] =
    [Release { name: "bookworm", systemd: 252 }, Release { name: "trixie", systemd: 257 }];

/// What a server has, and no more: polkitd decides who may restart a unit through D-Bus.
const PACKAGES: &str = "--include=systemd-sysv,dbus,polkitd";

/// Where roots and logs are kept from one run to the next.
pub fn cache() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("target/booted")
}

/// What a boot needs and this machine lacks.
pub fn missing() -> Option<String> {
    if !geteuid().is_root() {
        return Some("root can boot a system, nobody else".into());
    }
    let programs = ["mmdebstrap", "systemd-nspawn", "nsenter", "dpkg-deb"];
    let lacks = |name: &&&str| Command::new(name).arg("--version").output().is_err();
    programs.iter().find(lacks).map(|name| format!("there is no {name}"))
}

impl Release {
    /// A root to boot and to spoil: it lies over that of the cache, and is gone with the mounts
    /// of the test.
    pub fn root(&self) -> PathBuf {
        let lower = self.cached_root();
        let here = cache().join(format!("{}.boot", self.name));
        fs::create_dir_all(&here).unwrap();
        mount(Some("none"), &here, Some("tmpfs"), MsFlags::empty(), Some("mode=0755")).unwrap();
        let [upper, work, root] = ["upper", "work", "root"].map(|name| here.join(name));
        for folder in [&upper, &work, &root] {
            fs::create_dir(folder).unwrap();
        }
        let layers = [("lowerdir", &lower), ("upperdir", &upper), ("workdir", &work)];
        let layers = layers.map(|(key, path)| format!("{key}={}", path.display())).join(",");
        mount(Some("overlay"), &root, Some("overlay"), MsFlags::empty(), Some(&*layers)).unwrap();
        root
    }

    fn cached_root(&self) -> PathBuf {
        let root = cache().join(self.name);
        if !root.exists() {
            fs::create_dir_all(cache()).unwrap();
            let unfinished = cache().join(format!("{}.unfinished", self.name));
            let made = Command::new("mmdebstrap")
                .args(["--quiet", "--variant=minbase", PACKAGES, self.name])
                .arg(&unfinished)
                .output()
                .unwrap();
            assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
            fs::rename(unfinished, &root).unwrap();
        }
        root
    }
}

impl fmt::Display for Release {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} (systemd {})", self.name, self.systemd)
    }
}
