//! What a daemon without root's powers may not do.

use std::{
    fs::{self, Permissions},
    os::unix::fs::{PermissionsExt, chown},
    process::Command,
};

use nix::unistd::geteuid;

use crate::{CONFIG, Scene, TEMPORARY, assert_says, left_out, program::Ended};

/// Runs a verb without the powers that put root above permissions; `None` if that cannot be done.
fn unprivileged(scene: &Scene, verb: &str) -> Option<Ended> {
    if !geteuid().is_root() {
        return Some(scene.program.verb(&[verb]));
    }
    let plain = scene.program.command(&[verb]);
    let powers = "-chown,-dac_override,-dac_read_search,-fowner";
    let mut command = Command::new("setpriv");
    command.args(["--bounding-set", powers]).arg(plain.get_program()).args(plain.get_args());
    match command.output() {
        Ok(output) => Some(output.into()),
        Err(error) => {
            left_out("a daemon without privileges", &format!("setpriv: {error}"));
            None
        }
    }
}

fn set_mode(scene: &Scene, name: &str, mode: u32) {
    fs::set_permissions(scene.program.path(name), Permissions::from_mode(mode)).unwrap();
}

#[test]
fn what_may_not_be_read_or_written_is_named_with_the_mend() {
    for (case, name, mode, texts) in [
        ("a secret", "secret", 0o000, ["/secret may not be read", "let the user"]),
        ("a folder of outputs", "out/one", 0o500, ["permission denied", "let the user"]),
    ] {
        let scene = Scene::new();
        set_mode(&scene, name, mode);
        let [place, mend] = texts;
        let Some(check) = unprivileged(&scene, "check") else { return };
        assert_says(case, &check, CONFIG, &["one: ", place, mend]);
        scene.forget();
        let Some(once) = unprivileged(&scene, "once") else { return };
        assert_says(case, &once, TEMPORARY, &["credential=one", place, mend]);
        set_mode(&scene, name, 0o700);
        scene.nothing_is_lost(case);
    }
}

#[test]
fn an_output_directory_that_may_not_be_written_is_named() {
    let scene = Scene::new();
    scene.configure("outputs: [{ token_file: new/token }]");
    set_mode(&scene, "out", 0o500);
    let texts = ["permission denied", "let the user that runs this program"];
    let Some(check) = unprivileged(&scene, "check") else { return };
    assert_says("check", &check, CONFIG, &texts);
    let Some(once) = unprivileged(&scene, "once") else { return };
    assert_says("once", &once, TEMPORARY, &texts);
    scene.nothing_is_lost("an output directory");
}

#[test]
fn a_state_directory_of_somebody_else_stops_the_start() {
    let scene = Scene::new();
    if !geteuid().is_root() {
        return left_out("a state directory of somebody else", "only root can give one away");
    }
    chown(scene.program.path("state"), Some(4242), Some(4242)).unwrap();
    set_mode(&scene, "state", 0o700);
    let path = scene.program.path("state").display().to_string();
    for verb in ["check", "once", "run"] {
        let Some(ended) = unprivileged(&scene, verb) else { return };
        assert_says(verb, &ended, CONFIG, &[&path, "permission denied", "let the user"]);
    }
    scene.nothing_is_lost("a state directory");
}

#[test]
fn a_configuration_that_may_not_be_read_stops_the_start() {
    let scene = Scene::new();
    set_mode(&scene, "config.yaml", 0o000);
    for verb in ["check", "once", "run", "status"] {
        let Some(ended) = unprivileged(&scene, verb) else { return };
        assert_says(verb, &ended, CONFIG, &["config.yaml", "mend: "]);
    }
}
