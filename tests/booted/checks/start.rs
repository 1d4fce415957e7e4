//! From the start to the first token.

use crate::{provider::SECRET, site::Site, wait::until};

/// It starts after the tokens are there, and shows what it found.
const CONSUMER: &str = "[Unit]
Requires=tokenward.service
After=tokenward.service
[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=sh -c 'cat /run/tokenward/app/token >/root/seen'
";

pub fn ready_with_the_first_token(site: &mut Site) {
    site.configure("a");
    site.give_secret("tokenward.service");
    site.machine.write("/etc/systemd/system/consumer.service", CONSUMER);
    site.machine.shell("systemctl daemon-reload && systemctl start --no-block consumer");

    // It has asked, and nobody has answered: only now does "not ready" say something.
    until("an attempt that fails", || {
        site.machine.does("journalctl --unit=tokenward --quiet | grep 9466")
    });
    let state = site.machine.property("tokenward", "ActiveState");
    let seen = site.machine.read("/root/seen");
    // Before anything can fail, because all other checks need it.
    site.provide();
    assert_eq!(state, "activating");
    assert_eq!(seen, None, "the consumer has started");
    until("the consumer", || site.machine.does("systemctl --quiet is-active consumer"));
    assert_eq!(site.machine.property("tokenward", "ActiveState"), "active");
    assert_eq!(site.machine.read("/root/seen"), Some(site.token()));
}

/// It can be read on this machine by this system only.
pub fn an_encrypted_credential(site: &mut Site) {
    site.machine.shell(&format!(
        "install -d /etc/credstore.encrypted; rm /etc/credstore/sandbox
        printf %s '{SECRET}' | systemd-creds encrypt --name=sandbox - /etc/credstore.encrypted/sandbox"
    ));
    let lines = "LoadCredential=\nLoadCredentialEncrypted=sandbox:/etc/credstore.encrypted/sandbox";
    site.drop_in("tokenward.service", "secret", lines);
    site.restart();
    site.renew("encrypted");
}
