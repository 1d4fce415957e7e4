//! Outputs that something else stands in the way of.

use std::{fs, os::unix::fs::symlink, path::Path};

use crate::{CONFIG, OK, Scene, TEMPORARY, assert_says};

#[test]
fn what_stands_in_the_way_is_named_and_left_alone() {
    let scene = Scene::new();
    let out = scene.program.path("out");
    fs::create_dir_all(out.join("taken/token")).unwrap();
    scene.program.write("out/file", "of somebody else");
    let elsewhere = scene.program.path("elsewhere");
    fs::create_dir(&elsewhere).unwrap();
    symlink(&elsewhere, out.join("planted")).unwrap();
    let before = crate::files(&out);
    for (case, keys, texts) in [
        (
            "a directory",
            "[{ token_file: taken/token }]",
            ["taken/token: it is a folder", "remove it"],
        ),
        ("a file as folder", "[{ token_file: file/token }]", ["file: it is a file", "remove it"]),
        (
            "a symbolic link as folder",
            "[{ token_file: planted/token }]",
            ["planted: it is a symbolic link", "put the real thing"],
        ),
        (
            "no such group",
            "[{ token_file: { path: one/token, group: no-such-group } }]",
            ["one/token: there is no group \"no-such-group\"", "create it"],
        ),
        (
            "no such user",
            "[{ token_file: { path: one/token, owner: no-such-user } }]",
            ["one/token: there is no user \"no-such-user\"", "create it"],
        ),
    ] {
        scene.configure(&format!("outputs: {keys}"));
        let [place, mend] = texts;
        assert_says(case, &scene.program.verb(&["check"]), CONFIG, &["one: ", place, mend]);
        scene.forget();
        let once = scene.program.verb(&["once"]);
        assert_says(case, &once, TEMPORARY, &["credential=one", place, mend]);
        assert_eq!(crate::files(&out), before, "{case}");
        assert_eq!(fs::read_dir(&elsewhere).unwrap().count(), 0, "{case}: nobody is led outside");
    }
}

#[test]
fn an_output_that_was_replaced_by_a_link_becomes_a_file_again() {
    let scene = Scene::new();
    let token = scene.program.path("out/one/token");
    scene.program.write("precious", "do not touch");
    fs::remove_file(&token).unwrap();
    symlink(scene.program.path("precious"), &token).unwrap();
    assert_says("status", &scene.program.verb(&["status"]), crate::UNAVAILABLE, &["unreadable"]);
    scene.forget();
    assert_says("a link", &scene.program.verb(&["once"]), OK, &["published"]);
    assert!(fs::symlink_metadata(&token).unwrap().is_file());
    assert_eq!(fs::read(scene.program.path("precious")).unwrap(), b"do not touch");
}

#[test]
fn directories_that_are_not_there_yet_are_no_problem() {
    let scene = Scene::new();
    for name in ["state", "out"] {
        fs::remove_dir_all(scene.program.path(name)).unwrap();
    }
    assert_says("check", &scene.program.verb(&["check"]), OK, &["good, 1 credential"]);
    let there = |name: &str| Path::exists(&scene.program.path(name));
    assert!(!there("out") && !there("state"), "check creates nothing");
    assert_says("once", &scene.program.verb(&["once"]), OK, &["published"]);
}

#[test]
fn a_file_where_a_directory_belongs_is_named() {
    for (name, text) in [("out", "output directory"), ("state", "state directory")] {
        let scene = Scene::new();
        fs::rename(scene.program.path(name), scene.program.path("moved")).unwrap();
        scene.program.write(name, "a file");
        let path = scene.program.path(name).display().to_string();
        assert_says(name, &scene.program.verb(&["check"]), CONFIG, &[&path]);
        for verb in ["once", "run"] {
            assert_says(name, &scene.program.verb(&[verb]), CONFIG, &[text, &path, "create it"]);
        }
    }
}
