//! Every way in which a configuration can change is noticed.

use std::{fs, os::unix::fs::symlink};

use nix::sys::signal::Signal;

use crate::{
    fixture::{Credential, Fixture, configuration, remove},
    wait::until,
};

const RELOADED: &str = "configuration reloaded";
const REFUSED: &str = "configuration refused, the old one stays in force";

#[test]
fn an_edit_a_rename_and_an_included_file_are_noticed() {
    let fixture = Fixture::new();
    let [a, b, c] = ["a", "b", "c"].map(Credential::new);
    let include = "include: conf.d/*.yaml\n";
    fs::create_dir(fixture.path("conf.d")).unwrap();
    fixture.configure_with(include, &[a]);
    let _daemon = fixture.run_until_published(&["a"]);

    fixture.configure_with(include, &[a, b]);
    fixture.wait_for_tokens(&["b"]);
    fixture.rename_save("config.yaml", &configuration(include, &[a, b, c]));
    fixture.wait_for_tokens(&["c"]);
    // A path starts at the folder of the file that it stands in.
    let secret = "../secrets/plain";
    let included =
        |name| format!("credentials:\n{}", Credential { secret, ..Credential::new(name) }.entry());
    fixture.write("conf.d/d.yaml", &included("d"));
    fixture.wait_for_tokens(&["d"]);
    fixture.rename_save("conf.d/d.yaml", &included("e"));
    fixture.wait_for_tokens(&["e"]);
    assert_eq!(fixture.requests("/plain/token").len(), 5, "one for each credential");
}

#[test]
fn a_hangup_reads_the_configuration_again_and_disturbs_nobody() {
    let fixture = Fixture::new();
    fixture.configure(&[Credential::new("a")]);
    let mut daemon = fixture.run_until_published(&["a"]);
    let inode = fixture.inode("out/a/token");
    for _ in 0..3 {
        fixture.after(RELOADED, || daemon.signal(Signal::SIGHUP));
    }
    assert!(daemon.runs());
    assert_eq!(fixture.inode("out/a/token"), inode);
    assert_eq!(fixture.requests("/plain/token").len(), 1);
}

#[test]
fn a_configuration_that_is_gone_for_a_while_changes_nothing() {
    let fixture = Fixture::new();
    fixture.configure(&[Credential::new("a")]);
    let _daemon = fixture.run_until_published(&["a"]);
    fixture.after(REFUSED, || remove(&fixture.path("config.yaml")));
    fixture.configure(&[Credential::new("a"), Credential::new("b")]);
    fixture.wait_for_tokens(&["b"]);
    assert_eq!(fixture.requests("/plain/token").len(), 2);
}

/// As the kubelet writes a config map or a secret: each version is a folder, `..data` a link to
/// it that is replaced, and the names that people use are links through `..data`.
fn swap(fixture: &Fixture, version: u32, credentials: &[Credential<'_>]) {
    let data = format!("mount/..v{version}");
    let mut text = configuration("", credentials);
    for (relative, absolute) in [("state", fixture.path("state")), ("out", fixture.path("out"))] {
        text = text.replace(&format!("y: {relative}\n"), &format!("y: {}\n", absolute.display()));
    }
    text = text.replace("secrets/", &format!("{}/", fixture.path("secrets").display()));
    fixture.write(&format!("{data}/config.yaml"), &text);
    symlink(format!("..v{version}"), fixture.path("mount/..data_tmp")).unwrap();
    fs::rename(fixture.path("mount/..data_tmp"), fixture.path("mount/..data")).unwrap();
    if let Some(before) = version.checked_sub(1) {
        // The first version has none before it.
        fs::remove_dir_all(fixture.path(&format!("mount/..v{before}"))).ok();
    }
}

#[test]
fn each_swap_of_data_by_kubernetes_is_noticed() {
    let fixture = Fixture::new();
    let all = ["a", "b", "c"].map(Credential::new);
    swap(&fixture, 1, &all[..1]);
    symlink("..data/config.yaml", fixture.path("mount/config.yaml")).unwrap();
    symlink("mount/config.yaml", fixture.path("config.yaml")).unwrap();
    let _daemon = fixture.run_until_published(&["a"]);
    for (version, count, newest) in [(2, 2, "b"), (3, 3, "c")] {
        swap(&fixture, version, &all[..count]);
        fixture.wait_for_tokens(&[newest]);
    }
    assert_eq!(fixture.requests("/plain/token").len(), 3);
}

#[test]
fn a_burst_of_edits_is_few_reloads_and_the_last_one_counts() {
    let fixture = Fixture::new();
    fixture.configure(&[Credential::new("a")]);
    let _daemon = fixture.run_until_published(&["a"]);
    for edit in 1..=20 {
        let name = format!("edit-{edit}");
        fixture.configure(&[Credential::new("a"), Credential::new(&name)]);
    }
    fixture.wait_for_tokens(&["edit-20"]);
    let reloads = fixture.logged(RELOADED);
    assert!(reloads <= 5, "{reloads} reloads for 20 edits");
    assert!(fixture.requests("/plain/token").len() <= 2 + reloads);
    until("it is ready", || fixture.status()["ready"] == true);
}
