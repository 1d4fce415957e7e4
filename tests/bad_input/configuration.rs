//! A configuration that cannot be used stops every verb before it touches anything.

use std::fs;

use nix::{sys::stat::Mode, unistd::mkfifo};

use crate::{CONFIG, Scene, assert_says, program::CONFIGURATION};

/// Each verb that needs the configuration refuses it in the same words.
fn assert_refused(case: &str, scene: &Scene, texts: &[&str]) {
    for verb in ["check", "once", "run", "status"] {
        let ended = scene.program.verb(&[verb]);
        assert_says(&format!("{case}: {verb}"), &ended, CONFIG, texts);
    }
    scene.nothing_is_lost(case);
}

#[test]
fn a_wrong_configuration_is_refused_with_its_place_and_the_mend() {
    let scene = Scene::new();
    let one = scene.credential("one", "");
    for (case, rest, texts) in [
        (
            "unknown key",
            scene.credential("one", "scop: a"),
            ["config.yaml:10:5: `scop` is not a key of `credential`", "did you mean `scope`?"],
        ),
        (
            "wrong type",
            scene.credential("one", "outputs: { token_file: one/token }"),
            ["`outputs` is a map", "mend: "],
        ),
        (
            "wrong word",
            scene.credential("one", "grant: client_credential"),
            ["`grant`", "`client_credentials`"],
        ),
        ("duplicate name", format!("{one}{one}"), ["`one` is given twice", "first: "]),
        (
            "duplicate key",
            scene.credential("one", "client_id: a\n    client_id: b"),
            ["`client_id` is given twice", "mend: keep one of them"],
        ),
        (
            "two outputs on one path",
            one.clone() + &scene.credential("two", "outputs: [{ json_file: one/token }]"),
            ["one/token", "first: "],
        ),
        (
            "an output where another has its expiry",
            one + &scene.credential("two", "outputs: [{ token_file: one/token.expires_at }]"),
            ["one/token.expires_at", "first: "],
        ),
        (
            "an output outside",
            scene.credential("one", "outputs: [{ token_file: ../token }]"),
            ["config.yaml:9:", "mend: "],
        ),
    ] {
        scene.program.configure(&format!("credentials:\n{rest}"));
        assert_refused(case, &scene, &texts);
    }
}

#[test]
fn what_is_no_text_is_refused() {
    let scene = Scene::new();
    for (case, bytes, text) in [
        ("not UTF-8", &b"version: 1\nlisten: \xff\n"[..], "is not UTF-8 text (line 2)"),
        ("empty", b"", "lacks `version`"),
        ("UTF-16", b"\xff\xfev\0e\0r\0", "is not UTF-8 text (line 1)"),
    ] {
        scene.program.write(CONFIGURATION, bytes);
        assert_refused(case, &scene, &[text, "mend: "]);
    }
}

#[test]
fn what_is_no_file_is_refused_and_holds_nobody_up() {
    let scene = Scene::new();
    let path = scene.program.path(CONFIGURATION);
    fs::remove_file(&path).unwrap();
    assert_refused("no file", &scene, &["config.yaml", "mend: "]);
    fs::create_dir(&path).unwrap();
    assert_refused("a directory", &scene, &["config.yaml", "mend: "]);
    fs::remove_dir(&path).unwrap();
    mkfifo(&path, Mode::S_IRWXU).unwrap();
    assert_refused("a named pipe", &scene, &["config.yaml", "is no regular file", "mend: "]);
    fs::remove_file(&path).unwrap();
    std::os::unix::fs::symlink("/dev/null", &path).unwrap();
    assert_refused("/dev/null", &scene, &["config.yaml", "is no regular file", "mend: "]);
}
