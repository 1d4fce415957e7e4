//! What goes wrong under a daemon that runs: it says so, keeps what it has, and recovers.

use std::{fs, os::unix::fs::symlink};

use nix::sys::signal::Signal;

use crate::{
    OK, Scene, assert_says,
    program::{CONFIGURATION, Daemon, wait_until},
};

fn start(scene: &Scene) -> Daemon {
    let daemon = scene.program.run("log", scene.program.command(&["run"]));
    wait_for(&daemon, "started");
    daemon
}

fn wait_for(daemon: &Daemon, text: &str) {
    wait_until(text, || daemon.log().contains(text), || daemon.log());
}

#[test]
fn a_configuration_that_goes_away_stays_in_force() {
    let scene = Scene::new();
    let daemon = start(&scene);
    let path = scene.program.path(CONFIGURATION);
    let refusals = |daemon: &Daemon| daemon.log().matches("configuration refused").count();
    let refused = |count: usize| {
        wait_until("a refusal", || refusals(&daemon) == count, || daemon.log());
    };
    fs::remove_file(&path).unwrap();
    refused(1);
    fs::create_dir(&path).unwrap();
    daemon.signal(Signal::SIGHUP);
    refused(2);
    assert!(daemon.log().contains("config.yaml"), "{}", daemon.log());
    scene.nothing_is_lost("a configuration that went away");

    fs::remove_dir(&path).unwrap();
    scene.program.configure(&format!(
        "credentials:\n{}{}",
        scene.credential("one", ""),
        scene.credential("two", "")
    ));
    wait_for(&daemon, "published");
    assert!(scene.program.path("out/two/token").exists());
    assert_says("run", &daemon.terminate(), OK, &["configuration reloaded", "stopped"]);
}

#[test]
fn an_output_directory_that_goes_away_is_named_and_filled_when_it_is_back() {
    let scene = Scene::new();
    let daemon = start(&scene);
    let out = scene.program.path("out");
    fs::rename(&out, scene.program.path("moved")).unwrap();
    let credentials = scene.credential("one", "") + &scene.credential("two", "");
    scene.program.configure(&format!("credentials:\n{credentials}"));
    wait_for(&daemon, "out: the folder does not exist");
    assert!(!scene.program.verb(&["status"]).text.contains("fresh"), "status looks at the disk");
    fs::create_dir(&out).unwrap();
    wait_for(&daemon, "published");
    let token = fs::read_to_string(out.join("two/token")).unwrap();
    assert!(!token.is_empty());
    assert_says("run", &daemon.terminate(), OK, &["create it"]);
}

#[test]
fn a_link_that_is_planted_under_a_daemon_leads_nowhere() {
    let scene = Scene::new();
    let daemon = start(&scene);
    fs::create_dir(scene.program.path("elsewhere")).unwrap();
    symlink(scene.program.path("elsewhere"), scene.program.path("out/two")).unwrap();
    let credentials = scene.credential("one", "") + &scene.credential("two", "");
    scene.program.configure(&format!("credentials:\n{credentials}"));
    wait_for(&daemon, "two: it is a symbolic link");
    assert_eq!(fs::read_dir(scene.program.path("elsewhere")).unwrap().count(), 0);
    fs::remove_file(scene.program.path("out/two")).unwrap();
    wait_for(&daemon, "published");
    assert!(scene.program.path("out/two/token").exists());
    assert_says("run", &daemon.terminate(), OK, &["put the real thing"]);
}
