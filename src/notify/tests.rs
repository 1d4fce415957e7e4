use std::{
    fs::{self, File, OpenOptions},
    io::{ErrorKind, Read, Write},
    os::unix::{fs::OpenOptionsExt, process::ExitStatusExt},
    path::Path,
    process::{Command, Stdio},
    time::Duration,
};

use nix::{
    fcntl::{FcntlArg, OFlag, fcntl},
    sys::{signal::Signal, stat::Mode},
};

use super::*;
use crate::{
    credential::{CommandLine, fixture::words},
    error::Fault,
};

const ENOUGH: Duration = Duration::from_secs(60);

fn signal(pid_file: &Path, signal: i32) -> Notification {
    Notification::Signal { pid_file: pid_file.into(), signal }
}

fn command(argv: &[&str], timeout: Duration) -> Notification {
    Notification::Command { argv: CommandLine(words(argv)), timeout }
}

fn write(path: &Path, text: &str) {
    File::create(path).unwrap().write_all(text.as_bytes()).unwrap();
}

/// A process that does nothing until it is ended.
fn sleeper() -> std::process::Child {
    Command::new("sleep").arg("60").stdin(Stdio::null()).spawn().unwrap()
}

#[tokio::test]
async fn a_signal_reaches_the_process_in_the_file() {
    let directory = tempfile::tempdir().unwrap();
    let pid_file = directory.path().join("app.pid");
    for separator in ["", "\n", "\n/var/lib/app\n5432\n"] {
        let mut consumer = sleeper();
        write(&pid_file, &format!("{}{separator}", consumer.id()));
        notify(&signal(&pid_file, Signal::SIGUSR1 as i32), &[]).await.unwrap();
        let status = consumer.wait().unwrap();
        assert_eq!(status.signal(), Some(Signal::SIGUSR1 as i32), "{separator:?}");
    }
}

#[tokio::test]
async fn a_pid_file_that_names_no_single_process_is_refused() {
    let directory = tempfile::tempdir().unwrap();
    let pid_file = directory.path().join("app.pid");
    for text in
        ["", "\n", "0", "1", "-1", "+77", "-77", "12x", "app", "99999999999", "\n77", "\u{0}"]
    {
        write(&pid_file, text);
        let error = notify(&signal(&pid_file, 0x7f), &[]).await.unwrap_err();
        assert_eq!(error, NotifyError::UnknownSignal { signal: 0x7f });
        let error = notify(&signal(&pid_file, Signal::SIGURG as i32), &[]).await.unwrap_err();
        assert_eq!(error, NotifyError::NotAProcess { path: pid_file.as_path().into() }, "{text:?}");
    }
}

#[tokio::test]
async fn an_absent_process_and_an_absent_file_are_told_apart() {
    let directory = tempfile::tempdir().unwrap();
    let pid_file = directory.path().join("app.pid");
    let signal = signal(&pid_file, Signal::SIGURG as i32);
    let error = notify(&signal, &[]).await.unwrap_err();
    assert_eq!((error.fault(), error.reason()), (Fault::Local, "pid_file_unreadable"));

    let mut consumer = sleeper();
    consumer.kill().unwrap();
    consumer.wait().unwrap();
    write(&pid_file, &consumer.id().to_string());
    let error = notify(&signal, &[]).await.unwrap_err();
    assert_eq!(error.reason(), "no_process");
    let text = error.to_string();
    assert!(text.contains("app.pid") && text.contains(&consumer.id().to_string()), "{text}");
}

#[tokio::test]
async fn a_fifo_for_a_pid_file_holds_nobody_up() {
    let directory = tempfile::tempdir().unwrap();
    let pid_file = directory.path().join("app.pid");
    nix::unistd::mkfifo(&pid_file, Mode::S_IRWXU).unwrap();
    let error = notify(&signal(&pid_file, Signal::SIGURG as i32), &[]).await.unwrap_err();
    assert_eq!(error.reason(), "pid_file_invalid");
}

#[tokio::test]
async fn a_command_gets_its_arguments_the_names_and_little_else() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("seen");
    let script =
        r#"{ cat; printf '%s\n' "$2"; cut -d ' ' -f 5 /proc/$$/stat; echo $$; env; } > "$1""#;
    let argv = ["sh", "-c", script, "sh", file.to_str().unwrap(), "$HOME; *"];
    let names = ["a", "b.c"].map(|name| Name::parse(name).unwrap());
    notify(&command(&argv, ENOUGH), &names).await.unwrap();

    let seen = fs::read_to_string(file).unwrap();
    let mut lines = seen.lines();
    assert_eq!(lines.next(), Some("$HOME; *"), "no shell, and nothing on standard input");
    assert_eq!(lines.next(), lines.next(), "a process group of its own");
    let environment: Vec<_> = lines.collect();
    assert!(environment.contains(&"TOKENWARD_CREDENTIALS=a b.c"), "{environment:?}");
    // Cargo sets this one for us; it stands for whatever secret the daemon was started with.
    assert!(std::env::var_os("CARGO_MANIFEST_DIR").is_some());
    assert!(!environment.iter().any(|line| line.starts_with("CARGO_")), "{environment:?}");
}

#[tokio::test]
async fn a_command_that_fails_says_how_and_shows_no_argument() {
    for (case, argv, reason) in [
        ("exit code", ["sh", "-c", "exit 3 # s3cret"].as_slice(), "command_failed"),
        ("signal", &["sh", "-c", "kill -9 $$ # s3cret"], "command_failed"),
        ("no such program", &["/no/such/program", "s3cret"], "command_not_run"),
        ("no words", &[], "command_not_run"),
    ] {
        let error = notify(&command(argv, ENOUGH), &[]).await.unwrap_err();
        assert_eq!((error.fault(), error.reason()), (Fault::Local, reason), "{case}");
        assert!(!error.to_string().contains("s3cret"), "{case}: {error}");
    }
    let error = notify(&command(&["/no/such/program"], ENOUGH), &[]).await.unwrap_err();
    let program = "/no/such/program".into();
    assert_eq!(error, NotifyError::NotRun { program, kind: ErrorKind::NotFound });
}

/// A FIFO is read to its end, which comes when the last process that can write to it is gone.
#[tokio::test]
async fn a_command_out_of_time_is_killed_with_all_it_started() {
    let directory = tempfile::tempdir().unwrap();
    let fifo = directory.path().join("fifo");
    nix::unistd::mkfifo(&fifo, Mode::S_IRWXU).unwrap();
    let mut reader =
        OpenOptions::new().read(true).custom_flags(OFlag::O_NONBLOCK.bits()).open(&fifo).unwrap();
    let script = r#"exec > "$1"; (echo started; sleep 5; echo late) & wait"#;
    let argv = ["sh", "-c", script, "sh", fifo.to_str().unwrap()];
    let error = notify(&command(&argv, Duration::from_secs(1)), &[]).await.unwrap_err();
    assert_eq!(error.reason(), "command_timed_out");

    fcntl(&reader, FcntlArg::F_SETFL(OFlag::empty())).unwrap();
    let mut written = String::new();
    reader.read_to_string(&mut written).unwrap();
    assert_eq!(written, "started\n");
}
