use std::{io::Write as _, time::Duration};

use nix::unistd;

use super::{error::own_user, *};
use crate::{
    credential::{CommandLine, fixture::words},
    error::Fault,
};

fn argv(items: &[&str]) -> CommandLine {
    CommandLine(words(items))
}

fn written(bytes: &[u8]) -> tempfile::NamedTempFile {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(bytes).unwrap();
    file
}

fn shown(result: Result<Secret, SourceError>) -> String {
    result.map_or_else(|error| error.to_string(), |value| value.expose().to_owned())
}

#[tokio::test]
async fn a_file_gives_its_text_without_one_line_break() {
    let long = vec![b'x'; 1 << 20];
    let too_long = [long.as_slice(), b"x"].concat();
    for (name, bytes, expected) in [
        ("plain", b"hunter2".as_slice(), "hunter2"),
        ("line feed", b"hunter2\n", "hunter2"),
        ("carriage return and line feed", b"hunter2\r\n", "hunter2"),
        ("only the last", b"hunter2\n\n", "hunter2\n"),
        ("spaces are part of it", b" hunter2 ", " hunter2 "),
        ("1 MiB", &long, std::str::from_utf8(&long).unwrap()),
        ("more", &too_long, "gives more than 1 MiB; check that"),
        ("empty", b"", "is empty; put the value there"),
        ("only a line break", b"\n", "is empty; put the value there"),
        ("latin-1", b"\xe4", "is not text in UTF-8; encode the value as text"),
    ] {
        let file = written(bytes);
        let source = ValueSource::File(file.path().into());
        let text = shown(read(&source).await);
        assert!(text.contains(expected), "{name}: {text:.200}");
        assert_eq!(text, shown(read_if_passive(&source).unwrap()), "{name}");
    }
}

#[tokio::test]
async fn an_unreadable_file_says_who_must_be_able_to_read_it() {
    let directory = tempfile::tempdir().unwrap();
    let pipe = directory.path().join("pipe");
    unistd::mkfifo(&pipe, nix::sys::stat::Mode::S_IRWXU).unwrap();
    for (path, expected) in [
        (directory.path().join("absent"), "absent does not exist; create it"),
        (directory.path().into(), "is no regular file"),
        (pipe, "pipe is no regular file"),
    ] {
        let error = read(&ValueSource::File(path.into())).await.unwrap_err();
        assert!(error.to_string().contains(expected), "{error}");
        assert_eq!(error.fault(), Fault::Local);
    }
    let denied =
        SourceError::PermissionDenied { place: Place::Variable("X".into()), user: own_user() };
    assert!(denied.to_string().contains(&format!("let the user {} read it", own_user())));
}

#[test]
fn an_environment_variable_is_read_or_named() {
    // Cargo sets this one for every test.
    let text = shown(variable("CARGO_PKG_NAME"));
    assert_eq!(text, "tokenward");
    let text = shown(variable("TOKENWARD_NO_SUCH"));
    assert!(text.starts_with("the environment variable TOKENWARD_NO_SUCH is not set;"), "{text}");
}

#[test]
fn a_systemd_credential_stays_in_its_directory() {
    for name in ["../shadow", "a/b", "..", ""] {
        let source = ValueSource::SystemdCredential(name.into());
        let text = shown(read_if_passive(&source).unwrap());
        assert!(text.contains("without '/'"), "{name}: {text}");
    }
    let text = shown(read_if_passive(&ValueSource::SystemdCredential("client".into())).unwrap());
    assert!(text.contains("add LoadCredential=client:PATH to the unit"), "{text}");
}

#[tokio::test]
async fn a_program_gives_what_it_prints() {
    for (name, words, expected) in [
        ("plain", argv(&["printf", "%s\\n", "hunter2"]), "hunter2"),
        ("no shell", argv(&["printf", "%s", "$HOME;id"]), "$HOME;id"),
        ("no input", argv(&["cat"]), "the program cat is empty"),
        ("exit code", argv(&["sh", "-c", "echo hunter2; exit 7"]), "sh failed (exit status: 7)"),
        ("absent", argv(&["/no/such/program"]), "the program /no/such/program cannot be started"),
        ("endless", argv(&["yes"]), "gives more than 1 MiB"),
        ("empty list", argv(&[]), "is empty"),
    ] {
        let source = ValueSource::Command(words);
        assert!(read_if_passive(&source).is_none(), "{name}");
        let text = shown(read(&source).await);
        assert!(text.contains(expected), "{name}: {text}");
        assert!(!text.contains("failed") || !text.contains("hunter2"), "{name}: {text}");
    }
}

#[tokio::test]
async fn a_program_that_hangs_is_stopped() {
    let directory = tempfile::tempdir().unwrap();
    let pid_file = directory.path().join("pid");
    let script = format!("echo $$ > {}; exec sleep 600", pid_file.display());
    let words = argv(&["sh", "-c", &script]);
    let error = output(&words, &[], Duration::from_millis(500)).await.unwrap_err();
    assert!(matches!(error, SourceError::TimedOut { .. }), "{error}");
    let pid = fs::read_to_string(&pid_file).unwrap();
    // A killed child is gone, or a zombie that the runtime is about to collect.
    let ended = async {
        let stat = format!("/proc/{}/stat", pid.trim());
        while fs::read_to_string(&stat).is_ok_and(|stat| !stat.contains(") Z ")) {
            tokio::task::yield_now().await;
        }
    };
    assert!(tokio::time::timeout(Duration::from_secs(10), ended).await.is_ok());
}
