//! A booted system.

use std::{
    fs::{self, File},
    path::PathBuf,
    process::{Child, Command, Stdio},
};

use crate::{
    cgroup::Cgroup,
    release::{Release, cache},
    wait::until_some,
};

/// Runs until it is dropped.
pub struct Machine {
    leader: String,
    container: Child,
    // Whatever of the container is left ends with it.
    _cgroup: Cgroup,
}

/// How a command ended in a machine.
#[derive(Debug)]
pub struct Ended {
    pub good: bool,
    /// Everything that it printed.
    pub text: String,
}

impl Machine {
    /// Boots the release, and waits until its boot is over. It is in no register and has no unit
    /// here, because this machine need not be booted with systemd.
    pub fn boot(release: &Release) -> Self {
        let root = release.root();
        let cgroup = Cgroup::new(&format!("tokenward-{}", release.name));
        let log = cache().join(format!("{}.log", release.name));
        let console = File::create(&log).unwrap();
        let container = Command::new("sh")
            .args(["-c", r#"echo $$ >"$1" && shift && exec "$@""#, "sh"])
            .arg(cgroup.joined_through())
            .args(["systemd-nspawn", "--quiet", "--boot", "--register=no", "--keep-unit"])
            .args(["--private-network", "--link-journal=no"])
            .arg(format!("--machine=tokenward-{}", release.name))
            .arg("--directory")
            .arg(root)
            .stdin(Stdio::null())
            .stdout(console.try_clone().unwrap())
            .stderr(console)
            .spawn()
            .unwrap();
        let leader =
            until_some(&format!("a boot: see {}", log.display()), || booted(container.id()));
        Self { leader, container, _cgroup: cgroup }
    }

    /// What a shell in it makes of a script.
    pub fn attempt(&self, script: &str) -> Ended {
        let output = inside(&self.leader, script).output().unwrap();
        let text = [output.stdout, output.stderr].concat();
        Ended { good: output.status.success(), text: String::from_utf8_lossy(&text).into() }
    }

    /// What the script prints. It must succeed.
    pub fn shell(&self, script: &str) -> String {
        let ended = self.attempt(script);
        assert!(ended.good, "{script}: {}", ended.text);
        ended.text.trim_end().to_owned()
    }

    /// Whether a script succeeds.
    pub fn does(&self, script: &str) -> bool {
        self.attempt(script).good
    }

    /// A file of it, seen from here.
    pub fn path(&self, inside: &str) -> PathBuf {
        PathBuf::from(format!("/proc/{}/root{inside}", self.leader))
    }

    /// What is written in a file of it, if there is one.
    pub fn read(&self, inside: &str) -> Option<String> {
        fs::read_to_string(self.path(inside)).ok()
    }

    /// Writes a file of it, which everybody may read, and the folders above.
    pub fn write(&self, inside: &str, text: &str) {
        let path = self.path(inside);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        crate::write::write(&path, text);
    }

    /// The network in which its processes are.
    pub fn network(&self) -> File {
        File::open(format!("/proc/{}/ns/net", self.leader)).unwrap()
    }

    /// The value of a unit's property.
    pub fn property(&self, unit: &str, name: &str) -> String {
        self.shell(&format!("systemctl show --value --property={name} {unit}"))
    }
}

impl Drop for Machine {
    fn drop(&mut self) {
        self.container.kill().ok();
        self.container.wait().ok();
    }
}

/// The first process of the container, when the boot is over. A unit that has no place in a
/// container may have failed by then, which makes the state `degraded`.
fn booted(container: u32) -> Option<String> {
    let children = fs::read_to_string(format!("/proc/{container}/task/{container}/children"));
    children.ok()?.split_whitespace().find_map(|child| {
        let state = inside(child, "systemctl is-system-running").output().ok()?.stdout;
        let state = String::from_utf8_lossy(&state).trim().to_owned();
        ["running", "degraded"].contains(&state.as_str()).then(|| child.to_owned())
    })
}

fn inside(leader: &str, script: &str) -> Command {
    let mut command = Command::new("nsenter");
    command
        // In a chroot the container's root is not that of its mounts, so it is asked for, too.
        .args(["--target", leader, "--all", "--root", "--wd", "--"])
        // A start waits for its provider for ever.
        .args(["timeout", "--signal=KILL", "120", "sh", "-ec", script])
        .stdin(Stdio::null())
        .env_clear()
        .env("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin")
        .env("DEBIAN_FRONTEND", "noninteractive")
        .env("LC_ALL", "C.UTF-8");
    command
}
