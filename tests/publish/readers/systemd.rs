use std::{
    fs::{self, File},
    io::Write,
    path::Path,
    process::Command,
};

use super::{Variables, variables};

const MANAGER: &str = "/lib/systemd/systemd";
const GENERATOR: &str =
    "/usr/lib/systemd/user-environment-generators/30-systemd-environment-d-generator";

/// A user manager needs a booted systemd and control groups; namespaces of its own pretend both.
/// It leaves by itself when its one service has run.
const BOOT: &str = r#"
mount -t tmpfs none /run && mkdir -p /run/systemd/system
mount -t tmpfs none /sys/fs/cgroup && mount -t cgroup2 none /sys/fs/cgroup
exec timeout 30 "$0" --user --unit=print.service --log-target=console
"#;

/// A real manager runs a real service with `EnvironmentFile=`.
pub fn read_with_manager(file: &Path) -> Result<Variables, String> {
    let home = tempfile::tempdir().unwrap();
    let root = home.path().display();
    let printed = home.path().join("printed");
    let unit = format!(
        "[Unit]\nDefaultDependencies=no\nSuccessAction=exit-force\nFailureAction=exit-force\n\
         [Service]\nType=oneshot\nEnvironmentFile={}\nExecStart=/usr/bin/env -0\n\
         StandardOutput=file:{}\n",
        file.display(),
        printed.display()
    );
    let units = home.path().join("systemd/user");
    fs::create_dir_all(&units).unwrap();
    File::create(units.join("print.service")).unwrap().write_all(unit.as_bytes()).unwrap();

    let output = Command::new("unshare")
        .args(["--mount", "--cgroup", "--pid", "--fork", "--mount-proc", "sh", "-c", BOOT, MANAGER])
        .env_clear()
        .env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin")
        .env("HOME", home.path())
        .env("XDG_CONFIG_HOME", home.path())
        .env("XDG_RUNTIME_DIR", home.path())
        .output()
        .map_err(|error| format!("unshare: {error}"))?;
    let printed = fs::read_to_string(printed).unwrap_or_default();
    if printed.is_empty() {
        let reason = String::from_utf8_lossy(&output.stderr);
        let reason = reason.lines().next_back().unwrap_or("it printed nothing");
        return Err(format!("no private manager in {root}: {reason}"));
    }
    Ok(variables(printed.split('\0')))
}

/// The same parser, in the small program that reads `environment.d`. It needs no privileges.
pub fn read_with_generator(file: &Path) -> Result<Variables, String> {
    let home = tempfile::tempdir().unwrap();
    fs::create_dir(home.path().join("environment.d")).unwrap();
    fs::copy(file, home.path().join("environment.d/one.conf")).unwrap();
    let output = Command::new(GENERATOR)
        .env_clear()
        .env("HOME", home.path())
        .env("XDG_CONFIG_HOME", home.path())
        .output()
        .map_err(|error| format!("{GENERATOR}: {error}"))?;
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    Ok(variables(String::from_utf8(output.stdout).unwrap().lines()))
}
