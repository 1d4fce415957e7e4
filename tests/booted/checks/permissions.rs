//! Who may read what.

use crate::{
    site::{CONFIGURATION, Site, configuration},
    wait::until,
};

/// Everything that holds secrets or tokens, its owner and mode.
const OWNED: [(&str, &str); 2] = [
    ("/etc/tokenward", "root:tokenward 750"),
    ("/etc/tokenward/config.yaml", "root:tokenward 640"),
];

/// The package is installed on a machine that has never seen it.
pub fn an_installation(site: &mut Site) {
    site.package.install(&site.machine);
    for (path, expected) in OWNED {
        assert_eq!(site.machine.shell(&format!("stat --format='%U:%G %a' {path}")), expected);
    }
    site.machine.shell("systemd-analyze --man=no verify tokenward.service tokenward@one.service");
}

pub fn only_the_group_reads(site: &mut Site) {
    let machine = &site.machine;
    machine.shell("useradd stranger; useradd --groups tokenward consumer");
    let reads =
        |user: &str| machine.attempt(&format!("runuser -u {user} -- cat /run/tokenward/app/token"));
    assert_eq!(reads("consumer").text, site.token());
    assert!(!reads("stranger").good, "a stranger reads the token");
    let state = |user| format!("runuser -u {user} -- ls /var/lib/tokenward");
    assert!(!machine.does(&state("consumer")), "a consumer reads the state");
    let token = "stat --format='%U:%G %a' /run/tokenward/app/token";
    assert_eq!(machine.shell(token), "tokenward:tokenward 640");
}

pub fn a_group_by_the_drop_in(site: &mut Site) {
    let machine = &site.machine;
    machine.shell("groupadd app");
    let drop_in = machine.read("/usr/share/doc/tokenward/drop-ins/groups.conf").unwrap();
    let for_now = site.drop_in_for_now("tokenward.service", "groups", &drop_in);
    let grouped = configuration("grouped").replace("outputs:", "group: app\n    outputs:");
    machine.write(CONFIGURATION, &grouped);
    site.restart();
    let owners = || machine.shell("stat --format='%U:%G %a' /run/tokenward/app/token");
    until("a token of the group", || owners() == "tokenward:app 640");
    drop(for_now);
    machine.shell("systemctl daemon-reload");
    site.configure("grouped");
    site.restart();
}
