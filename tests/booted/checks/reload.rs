//! `systemctl reload` after an edit.

use crate::site::Site;

pub fn an_edit_is_applied(site: &mut Site) {
    let process = site.machine.property("tokenward", "MainPID");
    site.renew("edited");
    assert_eq!(site.machine.property("tokenward", "MainPID"), process);
}

/// The exit code says it, and the journal says why.
pub fn a_broken_edit_is_refused(site: &mut Site) {
    let machine = &site.machine;
    let token = site.token();
    let broken = "version: 1\ncredentials: { app: { gant: x } }\n";
    site.without_request(|_| {
        machine.write("/etc/tokenward/config.yaml", broken);
        let reload = machine.attempt("systemctl reload tokenward");
        let active = machine.does("systemctl --quiet is-active tokenward");
        // Before anything can fail, because a restart by another check would find it.
        site.configure("edited");
        assert!(!reload.good, "the reload succeeds");
        assert!(active, "the service has ended");
    });
    assert!(machine.does("journalctl --unit=tokenward --quiet | grep --fixed-strings gant"));
    machine.shell("systemctl reload tokenward");
    assert_eq!(site.token(), token, "the mended edit is that from before");
}
