//! What a hole in the daemon would give away.

use crate::site::Site;

/// The exposure of the unit is 1.0 at most; systemd counts in tenths here.
const EXPOSURE: &str = "10";

/// The owner of what /proc shows is root where a process is not dumpable (proc(5)).
pub fn the_process_is_closed(site: &mut Site) {
    let machine = &site.machine;
    let process = machine.property("tokenward", "MainPID");
    assert_eq!(machine.shell(&format!("stat --format=%U /proc/{process}/environ")), "root");
    let limits = machine.read(&format!("/proc/{process}/limits")).unwrap();
    let core = limits.lines().find(|line| line.starts_with("Max core file size")).unwrap();
    assert!(core.split_whitespace().rev().take(3).skip(1).all(|limit| limit == "0"), "{core}");
    let status = machine.read(&format!("/proc/{process}/status")).unwrap();
    for line in ["NoNewPrivs:\t1", "Seccomp:\t2"] {
        assert!(status.lines().any(|one| one == line), "{line} is not in {status}");
    }
}

pub fn the_exposure(site: &mut Site) {
    let security = "systemd-analyze --no-pager security";
    let asked = format!("{security} --threshold={EXPOSURE} tokenward.service");
    let looked = site.machine.attempt(&asked);
    assert!(looked.good, "{}", looked.text.lines().last().unwrap_or_default());
}
