//! Several daemons on one machine.

use crate::site::{Site, configuration};

/// Each has its own configuration, state and tokens, and the one without a name goes on.
pub fn two_side_by_side(site: &mut Site) {
    let machine = &site.machine;
    let units = ["blue", "green"].map(|name| {
        machine.write(&format!("/etc/tokenward/{name}.yaml"), &configuration(name));
        format!("tokenward@{name}.service")
    });
    site.give_secret("tokenward@.service");
    machine.shell(&format!("systemctl start {}", units.join(" ")));

    let tokens = units.each_ref().map(|unit| {
        let folder = machine.property(unit, "RuntimeDirectory");
        machine.read(&format!("/run/{folder}/app/token")).expect("a token of the instance")
    });
    assert_ne!(tokens[0], tokens[1]);
    assert!(!tokens.contains(&site.token()), "an instance wrote what is not its own");
    machine.shell(&format!("systemctl stop {}", units.join(" ")));
    machine.shell("systemctl --quiet is-active tokenward");
}
