//! `demo`: the newcomer's first minute.

use nix::sys::signal::Signal;

use crate::{fixture::Fixture, process::Daemon, wait::until};

#[test]
fn the_demo_publishes_picks_up_an_edit_and_ends_with_control_c() {
    let fixture = Fixture::new();
    let demo = fixture.command(&["demo", "--directory", "here"]);
    let demo = Daemon::start(demo, &fixture.path("screen"));
    for output in [
        "learnosity/access_token",
        "learn-link/token.json",
        "usertesting/env",
        "360learning/access_token",
    ] {
        until(output, || fixture.read(&format!("here/out/{output}")).is_some());
    }
    let configuration = fixture.read("here/config.yaml").unwrap();
    let edited = configuration.replace(
        "- token_file: 360learning/access_token",
        "- token_file: 360learning/access_token\n      - token_file: 360learning/second",
    );
    fixture.rename_save("here/config.yaml", &edited);
    until("the edit", || fixture.read("here/out/360learning/second").is_some());
    for wanted in ["here/config.yaml", "here/out", "360learning", "REFRESH"] {
        let shown = || fixture.read("screen").unwrap().contains(wanted);
        until(&format!("{wanted} on the screen"), shown);
    }
    demo.signal(Signal::SIGINT);
    assert_eq!(demo.exit_code(), Some(0));
}
