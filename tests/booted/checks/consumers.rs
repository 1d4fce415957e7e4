//! Those that are told of a new token.

use crate::{
    site::{CONFIGURATION, Site, configuration},
    wait::until,
};

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

/// It runs until somebody ends it, and a reload reads the token again.
const TOLD: &str = "[Service]
ExecStart=sleep infinity
ExecReload=sh -c 'cat /run/tokenward/app/token >/root/told'
";

/// Nobody may reload a unit until the rule names it, and then this one alone.
pub fn one_told_through_d_bus(site: &mut Site) {
    let machine = &site.machine;
    machine.write("/etc/systemd/system/told-consumer.service", TOLD);
    machine.shell("systemctl daemon-reload && systemctl start told-consumer.service");
    let told = |scope: &str| {
        let notify = "notify: [ { systemd: told-consumer.service } ]\n    outputs:";
        machine.write(CONFIGURATION, &configuration(scope).replace("outputs:", notify));
        machine.shell("systemctl reload tokenward");
    };
    told("untold");
    until("the refusal", || {
        machine.does("journalctl --quiet REASON=unit_refused | grep --quiet told-consumer")
    });
    assert_eq!(machine.read("/root/told"), None, "polkit decides");
    machine.shell(
        "sed 's/var units = \\[\\]/var units = [\"told-consumer.service\"]/' \
         /usr/share/doc/tokenward/polkit/tokenward.rules >/etc/polkit-1/rules.d/50-told.rules",
    );
    told("told");
    until("the consumer to be told", || {
        machine.read("/root/told").is_some_and(|seen| seen == site.token())
    });
}
