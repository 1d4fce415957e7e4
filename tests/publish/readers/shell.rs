use std::{path::Path, process::Command};

use super::{Variables, variables};

/// Sources the file in a shell and asks a child of that shell for its environment.
pub fn read(shell: &str, file: &Path) -> Result<Variables, String> {
    let output = Command::new(shell)
        .args(["-c", r#"set -eua; . "$1"; exec env -0"#, shell])
        .arg(file)
        .env_clear()
        .env("PATH", "/usr/bin:/bin")
        .env("HOME", "/a/home/that/a/tilde/would/show")
        .output()
        .map_err(|error| error.to_string())?;
    assert!(output.status.success(), "{shell}: {}", String::from_utf8_lossy(&output.stderr));
    Ok(variables(String::from_utf8(output.stdout).unwrap().split('\0')))
}
