//! Mounts that stop a publication, and disks that are full.

use std::{
    fs::{self, File},
    io::Write,
    path::Path,
};

use crate::{
    CONFIG, OK, Scene, TEMPORARY, assert_says,
    disks::{make_read_only, mount_on_itself, mount_small_disk},
    own_mounts::with_own_mounts,
};

/// A small disk in place of a folder, with the folder's content.
fn make_small(path: &Path) {
    let content = crate::files(path);
    mount_small_disk(path);
    for (path, bytes) in content {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        File::create(path).unwrap().write_all(&bytes).unwrap();
    }
}

fn fill(path: &Path) {
    let mut file = File::create(path.join("full")).unwrap();
    while file.write_all(&[0; 512]).is_ok() {}
}

#[test]
fn an_output_that_is_mounted_by_itself_is_named() {
    with_own_mounts("an output that is a mount", || {
        let scene = Scene::new();
        mount_on_itself(&scene.program.path("out/one/token"));
        let texts = ["one/token: it is a mount point of its own", "mount the directory"];
        assert_says("check", &scene.program.verb(&["check"]), CONFIG, &texts);
        scene.forget();
        assert_says("once", &scene.program.verb(&["once"]), TEMPORARY, &texts);
        scene.nothing_is_lost("a mount");
    });
}

#[test]
fn a_read_only_volume_is_named() {
    with_own_mounts("a read-only volume", || {
        for name in ["out", "state"] {
            let scene = Scene::new();
            scene.configure("scope: another");
            let path = scene.program.path(name);
            mount_on_itself(&path);
            make_read_only(&path);
            let path = path.display().to_string();
            let texts = [path.as_str(), "the file system is read-only", "mount it read-write"];
            let code = if name == "out" { TEMPORARY } else { CONFIG };
            assert_says(name, &scene.program.verb(&["check"]), CONFIG, &texts);
            if name == "out" {
                scene.forget();
            }
            assert_says(name, &scene.program.verb(&["once"]), code, &texts);
            scene.nothing_is_lost(name);
        }
    });
}

#[test]
fn a_full_disk_for_outputs_keeps_the_old_token_and_loses_no_new_one() {
    with_own_mounts("a full disk", || {
        let scene = Scene::new();
        let out = scene.program.path("out");
        make_small(&out);
        fill(&out);
        scene.forget();
        let once = scene.program.verb(&["once"]);
        assert_says("full", &once, TEMPORARY, &["one/token: the disk is full", "make room"]);
        fs::remove_file(out.join("full")).unwrap();
        scene.nothing_is_lost("full");
        let requests = scene.server.sandbox.requests().len();
        assert_says("room again", &scene.program.verb(&["once"]), OK, &["published"]);
        assert_eq!(scene.server.sandbox.requests().len(), requests, "the saved token is published");
    });
}

/// What is not durable is not published: after a crash the provider may not give it again.
#[test]
fn a_full_disk_for_the_state_publishes_nothing() {
    with_own_mounts("a full disk", || {
        let scene = Scene::new();
        let state = scene.program.path("state");
        make_small(&state);
        scene.configure("scope: another");
        fill(&state);
        let once = scene.program.verb(&["once"]);
        assert_says("full", &once, TEMPORARY, &["state/", "the disk is full", "make room"]);
        scene.nothing_is_lost("full");
    });
}
