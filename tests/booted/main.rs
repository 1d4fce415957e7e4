//! The Debian package on booted systems: what a person installs, on a real systemd.
//!
//! Each release boots in a container with a network of its own, in which only the sandbox answers.
//! The checks of the table below follow each other, from the installation to the purge, and each
//! leaves the service running for the next. All needs root; what is missing is said.

mod cgroup;
mod checks;
mod machine;
mod package;
mod provider;
mod release;
mod site;
mod table;

#[path = "../shared/left_out.rs"]
mod left_out;
#[path = "../shared/own_mounts.rs"]
#[expect(dead_code, reason = "other tests make more kinds of mounts")]
mod own_mounts;
#[path = "../shared/wait.rs"]
mod wait;
#[path = "../shared/write.rs"]
mod write;

use std::{io::Write as _, thread};

use crate::{
    checks::{
        consumers, hardening, instances, journal, leave, permissions, reload, restart, start,
    },
    left_out::left_out,
    machine::Machine,
    own_mounts::with_own_mounts,
    package::Package,
    release::{RELEASES, Release},
    site::Site,
    table::{Outcome, Table},
};

const WHAT: &str = "the package on booted systems";

/// Something that must be seen on a system: its words, and who looks.
type Check = (&'static str, fn(&mut Site));

const CHECKS: &[Check] = &[
    ("an installation has its owners and modes", permissions::an_installation),
    ("ready with the first token, not before", start::ready_with_the_first_token),
    ("a reload applies an edit", reload::an_edit_is_applied),
    ("a broken edit fails the reload, the old plan stays", reload::a_broken_edit_is_refused),
    ("a restart sends no request", restart::a_restart_sends_no_request),
    ("kill -9 sends no request", restart::kill_9_sends_no_request),
    ("a daemon that hangs is restarted, tokens stay", restart::the_watchdog_bites),
    ("an encrypted credential is the secret", start::an_encrypted_credential),
    ("only the group reads a token", permissions::only_the_group_reads),
    ("a drop-in gives tokens to a group", permissions::a_group_by_the_drop_in),
    ("a path unit restarts its consumer", consumers::a_path_unit),
    ("systemd tells a consumer, by polkit's leave", consumers::one_told_through_d_bus),
    ("no core dump, not dumpable, no new privileges", hardening::the_process_is_closed),
    ("the unit's exposure is low", hardening::the_exposure),
    ("two instances side by side", instances::two_side_by_side),
    ("journalctl finds a credential's lines", journal::lines_of_a_credential),
    ("the journal has no secret", journal::no_secret),
    ("an idle daemon stops within a second", leave::stops_within_a_second),
    ("an upgrade keeps tokens and sends no request", leave::an_upgrade),
    ("a removal keeps the configuration, a purge nothing", leave::remove_and_purge),
];

#[test]
fn every_release_keeps_what_the_package_promises() {
    let Some(package) = Package::built() else { return };
    if let Some(why) = release::missing() {
        return left_out(WHAT, &why);
    }
    let outcomes = thread::scope(|scope| {
        let begin = |release: &'static Release| {
            let package = &package;
            let thread = thread::Builder::new().name(release.to_string());
            thread.spawn_scoped(scope, move || on(release, package)).unwrap()
        };
        let threads: Vec<_> = RELEASES.iter().map(begin).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect::<Vec<_>>()
    });
    let table = Table::new(CHECKS, &outcomes);
    // Not `eprintln!`: of a test that passes, the test runner keeps that to itself.
    write!(std::io::stderr(), "\n{table}").unwrap();
    assert!(table.is_good(), "see the table above, and what each check said before it");
}

/// Boots the release, and looks at everything.
fn on(release: &Release, package: &Package) -> Vec<Outcome> {
    let mut outcomes = Vec::new();
    with_own_mounts(WHAT, || {
        let mut site = Site::new(Machine::boot(release), package.clone());
        for &(what, check) in CHECKS {
            outcomes.push(Outcome::of(&format!("{release}: {what}"), check, &mut site));
        }
    });
    outcomes
}
