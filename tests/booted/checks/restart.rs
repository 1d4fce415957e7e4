//! Ends that are not the end: the provider is not asked again.

use crate::{site::Site, wait::until};

pub fn a_restart_sends_no_request(site: &mut Site) {
    comes_back(site, Site::restart);
}

pub fn kill_9_sends_no_request(site: &mut Site) {
    comes_back(site, |site| signal(site, "KILL"));
}

/// A stopped process answers nobody, so systemd ends it.
pub fn the_watchdog_bites(site: &mut Site) {
    let drop_in = site.drop_in_for_now("tokenward.service", "watchdog", "WatchdogSec=2s");
    site.restart();
    let property = |name| site.machine.property("tokenward", name);
    let [process, start] = ["MainPID", "WatchdogTimestampMonotonic"].map(property);
    until("a sign of life", || property("WatchdogTimestampMonotonic") != start);
    assert_eq!(property("MainPID"), process, "the watchdog bites what is alive");
    comes_back(site, |site| signal(site, "STOP"));
    assert!(site.machine.does("journalctl --quiet | grep 'tokenward.service: Watchdog timeout'"));
    drop(drop_in);
    site.machine.shell("systemctl daemon-reload");
    site.restart();
}

/// The service goes on in another process, with the token that it had.
fn comes_back(site: &Site, after: impl FnOnce(&Site)) {
    let token = site.token();
    let process = site.machine.property("tokenward", "MainPID");
    site.without_request(|_| {
        after(site);
        site.wait_for_another_process(&process);
        assert_eq!(site.token(), token);
    });
}

fn signal(site: &Site, name: &str) {
    let kill = format!("systemctl kill --kill-whom=main --signal={name} tokenward");
    site.machine.shell(&format!("systemctl reset-failed tokenward && {kill}"));
}
