//! A cluster of one node, and the administrator's way to it.

use std::{
    ffi::OsStr,
    fs,
    os::unix::process::CommandExt as _,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

use nix::unistd::geteuid;
use rcgen::KeyPair;
use tempfile::TempDir;

use crate::{left_out::left_out, output::output, wait::until_some, write::write};

const WHAT: &str = "the patterns of deploy/kubernetes on a kubelet";

/// For what kubectl waits for. What passes never waits that long.
pub const PATIENCE: &str = "--timeout=60s";

/// What the node runs besides what tests/kubernetes/setup builds, and Debian's package of it.
const PROGRAMS: &[(&str, &str)] = &[
    ("busybox", "busybox-static"),
    ("containerd", "containerd"),
    ("ip", "iproute2"),
    ("iptables", "iptables"),
    ("runc", "runc"),
    ("sysctl", "procps"),
];

/// Runs until it is dropped, or this process ends: that closes the pipe to `boot`.
pub struct Cluster {
    folder: PathBuf,
    leader: String,
    boot: Child,
}

impl Cluster {
    /// Boots it. Without what it needs, it is said that its tests are left out.
    pub fn start() -> Option<Self> {
        if let Some(why) = missing() {
            left_out(WHAT, &why);
            return None;
        }
        // `boot` removes it, because it is that which ends last.
        let folder = tempfile::tempdir().map(TempDir::keep).unwrap();
        let accounts = KeyPair::generate().unwrap();
        write(&folder.join("accounts.key"), accounts.serialize_pem());
        write(&folder.join("accounts.pub"), accounts.public_key_pem());
        let boot = Command::new(beside("cluster/boot"))
            .arg(&folder)
            .arg(env!("CARGO_BIN_EXE_tokenward"))
            // What interrupts the tests must leave it the time to clean up.
            .process_group(0)
            .stdin(Stdio::piped())
            .spawn()
            .unwrap();
        let leader = until_some("the node to boot", || {
            fs::read_to_string(folder.join("leader")).ok()?.strip_suffix('\n').map(str::to_owned)
        });
        let cluster = Self { folder, leader, boot };
        for condition in ["--for=create", "--for=condition=Ready"] {
            cluster.kubectl(&["wait", "node/node", condition, PATIENCE], "").unwrap();
        }
        Some(cluster)
    }

    /// Runs kubectl as the administrator: what it prints, or what it complains of.
    pub fn kubectl(&self, arguments: &[&str], input: &str) -> Result<String, String> {
        let mut command = self.inside(kubectl());
        command.args(arguments).env("KUBECONFIG", self.folder.join("kubeconfig"));
        // It keeps what it has learnt of the API in its home.
        output(command.env("HOME", "/run"), input)
    }

    /// A program that runs on the node.
    pub fn inside(&self, program: impl AsRef<OsStr>) -> Command {
        let mut command = Command::new("nsenter");
        command.args(["--target", &self.leader, "--mount", "--net", "--pid", "--"]).arg(program);
        command
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        drop(self.boot.stdin.take());
        self.boot.wait().ok();
    }
}

/// The client of the API server's own version.
pub fn kubectl() -> PathBuf {
    beside("kubernetes/.bed/kubectl")
}

/// A file of a folder of tests.
fn beside(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests").join(name)
}

fn missing() -> Option<String> {
    if !geteuid().is_root() {
        return Some("a node needs root".into());
    }
    if !beside("kubernetes/.bed/kubelet").exists() {
        return Some("tests/kubernetes/setup builds the cluster's programs".into());
    }
    if !Path::new("/usr/lib/cni/bridge").exists() {
        return Some("there are no network plugins: containernetworking-plugins".into());
    }
    if !beside("../target/image/usr/bin/tokenward").exists() {
        return Some("there is no image: deploy/image/root target/image".into());
    }
    let search = std::env::var_os("PATH").unwrap_or_default();
    let is_there =
        |program: &str| std::env::split_paths(&search).any(|folder| folder.join(program).exists());
    let (program, package) = PROGRAMS.iter().find(|(program, _)| !is_there(program))?;
    Some(format!("there is no {program}; on Debian it is the package {package}"))
}
