//! Those that are told of a new token.

use crate::{site::Site, wait::until};

const PATH: &str = "[Path]
PathChanged=/run/tokenward/app/token
Unit=restarted-consumer.service
";

const CONSUMER: &str = "[Service]
Type=oneshot
ExecStart=sh -c 'cat /run/tokenward/app/token >/root/restarted'
";

pub fn a_path_unit(site: &mut Site) {
    let machine = &site.machine;
    machine.write("/etc/systemd/system/token-watch.path", PATH);
    machine.write("/etc/systemd/system/restarted-consumer.service", CONSUMER);
    machine.shell("systemctl daemon-reload && systemctl start token-watch.path");
    let token = site.renew("watched");
    until("the consumer to be restarted", || {
        machine.read("/root/restarted").is_some_and(|seen| seen == token)
    });
}
