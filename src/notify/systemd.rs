//! `systemd`: a job for a unit, such as a reload.
//!
//! `systemctl` asks for it over D-Bus, as anybody may, and polkit decides. It waits for the job's
//! end, so that a reload that fails is tried again. A D-Bus library would bring dozens of crates
//! for this one call, and would have to put the refusals into words that systemctl has already.

use std::{process::Stdio, time::Duration};

use tokio::{io::AsyncReadExt, process::ChildStderr};

use super::{
    NotifyError,
    program::{end, not_run, quiet},
};
use crate::credential::UnitAction;

/// Looked for in `PATH`.
pub(super) const SYSTEMCTL: &str = "systemctl";

/// More than systemctl says of one unit.
const LIMIT: u64 = 4096;

/// The longest refusal that is shown, in characters.
const SHOWN: usize = 300;

/// Has the job done, and waits for its end.
pub(super) async fn ask(
    systemctl: &str,
    unit: &str,
    action: UnitAction,
    timeout: Duration,
) -> Result<(), NotifyError> {
    let verb = action.verb();
    let shown = format!("{SYSTEMCTL} {verb} {unit}");
    let mut child = quiet(systemctl)
        .args(["--no-ask-password", verb, unit])
        .env("LC_ALL", "C.UTF-8")
        .stderr(Stdio::piped())
        .spawn()
        .map_err(not_run(&shown))?;
    // Both at once: who is not read from may not end.
    let stderr = child.stderr.take();
    let (said, ended) = tokio::join!(first_line(stderr), end(&mut child, &shown, timeout));
    if ended?.success() {
        return Ok(());
    }
    Err(NotifyError::Unit { command: shown.into(), unit: unit.into(), said: said.into() })
}

/// What went wrong; the lines below it only say where to look.
async fn first_line(stderr: Option<ChildStderr>) -> String {
    let mut said = Vec::new();
    if let Some(stderr) = stderr {
        // What was read before an error is worth showing all the same.
        let _partial = stderr.take(LIMIT).read_to_end(&mut said).await;
    }
    let said = String::from_utf8_lossy(&said);
    let line = said.lines().next().unwrap_or("it does not say why").trim_end_matches('.');
    line.chars().filter(|c| !c.is_control()).take(SHOWN).collect()
}

#[cfg(test)]
mod tests {
    use std::{
        fs::{self, File},
        io::Write,
        path::Path,
        process::Command,
    };

    use super::*;
    use crate::error::Fault;

    const ENOUGH: Duration = Duration::from_secs(60);

    /// A program that stands for systemctl: it notes its arguments in `asked`, beside itself.
    /// Another process makes it, because a file that this one has open for writing cannot be run
    /// by a test beside this.
    fn stand_in(folder: &Path, then: &str) -> String {
        let (script, program) = (folder.join("script"), folder.join("systemctl"));
        let text = format!("#!/bin/sh\necho \"$*\" >\"${{0%/*}}/asked\"\n{then}\n");
        File::create(&script).unwrap().write_all(text.as_bytes()).unwrap();
        let made = Command::new("install").arg(&script).arg(&program).status().unwrap();
        assert!(made.success());
        program.to_str().unwrap().to_owned()
    }

    #[tokio::test]
    async fn each_action_is_a_verb_of_systemctl() {
        for (action, verb) in [
            (UnitAction::TryReloadOrRestart, "try-reload-or-restart"),
            (UnitAction::TryRestart, "try-restart"),
            (UnitAction::Restart, "restart"),
        ] {
            let folder = tempfile::tempdir().unwrap();
            let program = stand_in(folder.path(), "test \"$LC_ALL\" = C.UTF-8");
            ask(&program, "app@a.service", action, ENOUGH).await.unwrap();
            let asked = fs::read_to_string(folder.path().join("asked")).unwrap();
            assert_eq!(asked, format!("--no-ask-password {verb} app@a.service\n"));
        }
    }

    #[tokio::test]
    async fn a_refusal_is_told_in_the_words_of_systemctl() {
        for (case, script, words) in [
            ("words", "printf 'No\\033 such.\\nSee logs.\\n' >&2; exit 5", "No such ("),
            ("none", "exit 1", "it does not say why ("),
            ("no UTF-8", "printf 'a\\377b' >&2; exit 1", "a\u{fffd}b ("),
            ("without end", "yes | tr -d '\\n' >&2; exit 1", &format!("{} (", "y".repeat(SHOWN))),
        ] {
            let folder = tempfile::tempdir().unwrap();
            let program = stand_in(folder.path(), script);
            let asked = ask(&program, "app.service", UnitAction::Restart, ENOUGH).await;
            let error = asked.expect_err(case);
            assert_eq!((error.fault(), error.reason()), (Fault::Local, "unit_refused"), "{case}");
            let text = error.to_string();
            assert!(text.starts_with(&format!("{words}systemctl restart app.service")), "{text}");
        }
    }

    #[tokio::test]
    async fn systemctl_may_be_absent_or_slow() {
        let folder = tempfile::tempdir().unwrap();
        let absent = folder.path().join("none").to_str().unwrap().to_owned();
        let slow = stand_in(folder.path(), "exec sleep 60");
        for (program, timeout, reason) in [
            (absent, ENOUGH, "command_not_run"),
            (slow, Duration::from_millis(50), "command_timed_out"),
        ] {
            let asked = ask(&program, "app.service", UnitAction::TryRestart, timeout).await;
            let error = asked.unwrap_err();
            assert_eq!(error.reason(), reason, "{error}");
            assert!(error.to_string().contains("systemctl try-restart app.service"), "{error}");
        }
    }
}
