//! The ways out.

use std::time::Duration;

use crate::{site::Site, wait::now};

pub fn stops_within_a_second(site: &mut Site) {
    site.restart();
    let started = now();
    site.machine.shell("systemctl stop tokenward");
    let took = now().since(started);
    assert!(took < Duration::from_secs(1), "it took {took:?}");
    assert_eq!(site.machine.property("tokenward", "Result"), "success");
    site.machine.shell("systemctl start tokenward");
}

/// With the service running, which goes on with the new program.
pub fn an_upgrade(site: &mut Site) {
    let token = site.token();
    let process = site.machine.property("tokenward", "MainPID");
    site.without_request(|machine| {
        site.package.upgrade(machine);
        site.wait_for_another_process(&process);
    });
    assert_eq!(site.token(), token);
}

/// Of the administrator, of systemd, and of this test.
const NOT_OURS: [&str; 3] = ["/etc/systemd/system/", "/run/systemd/", "/root/"];

pub fn remove_and_purge(site: &mut Site) {
    let machine = &site.machine;
    machine.shell("dpkg --remove tokenward");
    assert!(!machine.does("systemctl --quiet is-active tokenward"), "it still runs");
    assert!(machine.path("/etc/tokenward/config.yaml").exists(), "the configuration is gone");
    assert!(machine.path("/var/lib/tokenward").exists(), "the tokens are gone");

    machine.shell("dpkg --purge tokenward");
    let left = machine.shell("find / /run -xdev -path '*tokenward*'");
    let ours = |path: &&str| !NOT_OURS.iter().any(|folder| path.starts_with(folder));
    assert_eq!(left.lines().filter(ours).collect::<Vec<_>>(), [""; 0]);
}
