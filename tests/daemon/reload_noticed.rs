//! Every way in which a configuration can change is noticed.

use std::fs;

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
