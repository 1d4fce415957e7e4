//! Tokenward against authorization servers that others wrote.
//!
//! `tests/real/setup` installs the servers; a server that is not installed is left out, with a
//! word on stderr. The table below says which scenario fits which server. The replies that the
//! tables of a scenario expect are what the servers really send.

mod client_credentials;
mod client_secrets;
mod clock_skew;
mod discovery;
mod introspection;
mod keys;
mod login;
mod matrix;
mod oauth1;
mod oracle;
mod person;
mod refusals;
mod relay;
mod renewed_keys;
mod rotation;
mod server;
mod software;
mod tokenward;
#[path = "../shared/volume.rs"]
mod volume;
mod workload_identity;

use std::{
    panic::resume_unwind,
    thread::{self, JoinHandle},
    time::Duration,
};

use ::tokenward::clock::{BootTime, Clock, SystemClock};

use crate::software::{
    AUTHLIB, DJANGO_OAUTH_TOOLKIT, GLEWLWYD, NODE_OAUTH2_SERVER, OIDC_PROVIDER, SERVERS, Software,
};

/// Each scenario, and the servers that it fits.
macro_rules! scenarios {
    ($($room:ident::$scenario:ident at $servers:expr;)+) => {$(
        #[test]
        fn $scenario() {
            at_each(&$servers, $room::$scenario);
        }
    )+};
}

scenarios! {
    client_credentials::each_authentication_gets_a_token at SERVERS;
    client_credentials::refusals_name_the_credential_and_show_no_secret at SERVERS;
    client_credentials::short_lifetimes_are_refreshed_gently at SERVERS;
    client_credentials::an_outage_is_survived at SERVERS;
    client_credentials::a_restart_with_valid_tokens_sends_no_request at SERVERS;

    rotation::a_refresh_token_survives_kill_9 at SERVERS;
    rotation::after_a_lost_answer_the_token_in_hand_is_kept
        at [&OIDC_PROVIDER, &GLEWLWYD, &NODE_OAUTH2_SERVER];
    rotation::a_repetition_that_ends_the_grant_is_said
        at [&OIDC_PROVIDER, &GLEWLWYD, &NODE_OAUTH2_SERVER];
    rotation::the_token_in_hand_lives_only_if_nothing_is_repeated at [&OIDC_PROVIDER];
    rotation::a_repetition_within_the_grace_period_is_the_way_back at [&DJANGO_OAUTH_TOOLKIT];
    rotation::the_same_token_again_keeps_its_earlier_expiry at [&DJANGO_OAUTH_TOOLKIT];

    client_secrets::the_second_is_tried_when_the_first_is_not_known at SERVERS;
    renewed_keys::what_is_replaced_on_disk_is_used_from_then_on at [&OIDC_PROVIDER];
    clock_skew::a_wrong_clock_is_refused_once at [&OIDC_PROVIDER];
    refusals::each_wrong_proof_has_its_reason at [&OIDC_PROVIDER];
    refusals::a_key_that_the_server_does_not_know_is_refused at [&OIDC_PROVIDER, &GLEWLWYD];

    workload_identity::a_projected_token_is_read_again_when_it_rotates at [&OIDC_PROVIDER];
    discovery::endpoints_are_found_once_the_issuer_is_up at [&OIDC_PROVIDER, &DJANGO_OAUTH_TOOLKIT];
    discovery::a_person_logs_in_where_the_issuer_says at [&OIDC_PROVIDER];
    login::a_person_logs_in_once_and_the_daemon_goes_on at SERVERS;

    oauth1::another_client_finds_that_everything_is_verified at [&AUTHLIB];
    oauth1::each_signature_method_is_let_in_and_each_wrong_request_is_not at [&AUTHLIB];
    oauth1::a_revocation_is_noticed_within_one_probe at [&AUTHLIB];
    oracle::signatures_are_those_of_another_implementation at [&AUTHLIB];
}

/// At all of them at once: most of their time is waiting. A message of a failure begins with the
/// name of its thread, which is that of the server.
fn at_each<T: Send + 'static>(
    servers: &[&'static Software],
    scenario: fn(&'static Software) -> T,
) -> Vec<T> {
    let begin = |software: &'static Software| {
        let thread = thread::Builder::new().name(software.name.to_owned());
        thread.spawn(move || scenario(software)).unwrap()
    };
    let installed = servers.iter().copied().filter(|software| software.is_installed());
    // All begin before the first is waited for.
    let threads: Vec<_> = installed.map(begin).collect();
    joined(threads)
}

/// Waits for all of them; then the first failure, if there is one, goes on here.
fn joined<T>(threads: impl IntoIterator<Item = JoinHandle<T>>) -> Vec<T> {
    let ended: Vec<_> = threads.into_iter().map(JoinHandle::join).collect();
    let or_fail = |ended: thread::Result<T>| ended.unwrap_or_else(|panic| resume_unwind(panic));
    ended.into_iter().map(or_fail).collect()
}

fn now() -> BootTime {
    SystemClock.now().boot
}

/// Asks again and again until the answer is yes; fails after a minute.
#[expect(clippy::disallowed_methods, reason = "other processes cannot be waited for otherwise")]
pub fn wait_until(what: &str, mut happened: impl FnMut() -> bool) {
    let started = now();
    while !happened() {
        assert!(now().since(started) < Duration::from_secs(60), "waited in vain for {what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}
