//! A node: containerd, with all that it keeps on a disk of the test's own.

use std::{
    fs::{self, File},
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    process::{Child, Command, Output, Stdio},
};

use nix::{
    mount::{MntFlags, MsFlags, mount, umount2},
    unistd::geteuid,
};
use serde_json::Value;
use tempfile::TempDir;

use crate::{image::Image, wait::until, write::write};

const NOTHING: Option<&str> = None;

/// Runs until it is dropped.
pub struct Node {
    pub image: Image,
    pub folder: PathBuf,
    /// What containerd gives every container, its seccomp profile included: that is what
    /// `RuntimeDefault` means.
    pub specification: Value,
    containerd: Child,
    _directory: TempDir,
}

/// What containers need and this machine lacks.
pub fn missing() -> Option<String> {
    if !geteuid().is_root() {
        return Some("root can start containers, nobody else".into());
    }
    let lacks = |name: &&&str| Command::new(name).arg("--version").output().is_err();
    ["containerd", "ctr", "runc"].iter().find(lacks).map(|name| format!("there is no {name}"))
}

impl Node {
    pub fn start(image: Image) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let folder = directory.path().to_owned();
        mount(Some("none"), &folder, Some("tmpfs"), MsFlags::empty(), Some("mode=0755")).unwrap();
        let at = folder.display();
        let settings = format!(
            "version = 2\nroot = \"{at}/root\"\nstate = \"{at}/state\"\n\
             disabled_plugins = [\"io.containerd.grpc.v1.cri\"]\n\
             [grpc]\naddress = \"{at}/socket\"\n\
             [plugins.\"io.containerd.internal.v1.opt\"]\npath = \"{at}/opt\"\n"
        );
        write(&folder.join("config.toml"), settings);
        let log = File::create(folder.join("log")).unwrap();
        let containerd = Command::new("containerd")
            .arg("--config")
            .arg(folder.join("config.toml"))
            .stdin(Stdio::null())
            .stdout(log.try_clone().unwrap())
            .stderr(log)
            .spawn()
            .unwrap();
        let specification = Value::Null;
        let mut node = Self { image, folder, specification, containerd, _directory: directory };
        until("containerd", || node.ctr(&["version"]).status.success());
        node.specification = node.default_specification();
        node
    }

    /// How its client ended.
    pub fn ctr(&self, arguments: &[&str]) -> Output {
        self.client().args(arguments).output().unwrap()
    }

    pub fn client(&self) -> Command {
        let mut command = Command::new("ctr");
        command.arg("--address").arg(self.folder.join("socket")).stdin(Stdio::null());
        command
    }

    /// A file system to start from: a layer that can be written to lies over the image.
    pub fn root(&self, name: &str) -> PathBuf {
        let layer = self.folder.join(format!("{name}.layer"));
        let [upper, work, root] = ["upper", "work", "root"].map(|part| layer.join(part));
        for folder in [&upper, &work, &root] {
            make_folder(folder, 0o755);
        }
        let layers = [("lowerdir", &self.image.root), ("upperdir", &upper), ("workdir", &work)];
        let layers = layers.map(|(key, path)| format!("{key}={}", path.display())).join(",");
        mount(Some("overlay"), &root, Some("overlay"), MsFlags::empty(), Some(&*layers)).unwrap();
        root
    }

    /// A volume in memory.
    pub fn memory(&self, name: &str) -> PathBuf {
        let volume = self.folder.join(name);
        make_folder(&volume, 0o755);
        mount(Some("none"), &volume, Some("tmpfs"), MsFlags::empty(), NOTHING).unwrap();
        volume
    }

    fn default_specification(&self) -> Value {
        let root = self.root("default");
        let made = self.ctr(&["containers", "create", "--seccomp", "--rootfs", text(&root), "it"]);
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        let shown = self.ctr(&["containers", "info", "--spec", "it"]);
        serde_json::from_slice(&shown.stdout).unwrap()
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        self.containerd.kill().ok();
        self.containerd.wait().ok();
        // With all that is mounted below, so that the folder can be removed.
        umount2(&self.folder, MntFlags::MNT_DETACH).ok();
    }
}

/// A folder and those above, with this mode whatever the umask says.
pub fn make_folder(path: &Path, mode: u32) {
    fs::create_dir_all(path).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

pub fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}
