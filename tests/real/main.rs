//! Tokenward against authorization servers that others wrote.
//!
//! `tests/real/setup` installs the servers; a server that is not installed is left out, with a
//! word on stderr. Each scenario runs against each server that it fits, as a test of its own. The
//! replies that the tables expect are what the servers really send.

mod client_credentials;
mod keys;
mod login;
mod matrix;
mod person;
mod relay;
mod rotation;
mod server;
mod software;
mod tokenward;

use std::time::Duration;

use ::tokenward::clock::{BootTime, Clock, SystemClock};

/// The scenarios against each server.
macro_rules! suites {
    ($($suite:ident => $software:ident: $($room:ident::$scenario:ident)+;)+) => {$(
        mod $suite {
            $(
                #[test]
                fn $scenario() {
                    if crate::software::$software.is_installed() {
                        crate::$room::$scenario(&crate::software::$software);
                    }
                }
            )+
        }
    )+};
}

suites! {
    oidc_provider => OIDC_PROVIDER:
        client_credentials::each_authentication_gets_a_token
        client_credentials::refusals_name_the_credential_and_show_no_secret
        client_credentials::short_lifetimes_are_refreshed_gently
        client_credentials::an_outage_is_survived
        client_credentials::a_restart_with_valid_tokens_sends_no_request
        rotation::a_refresh_token_survives_kill_9
        rotation::after_a_lost_answer_the_token_in_hand_is_kept
        rotation::a_repetition_that_ends_the_grant_is_said
        login::a_person_logs_in_once_and_the_daemon_goes_on;
    django_oauth_toolkit => DJANGO_OAUTH_TOOLKIT:
        client_credentials::each_authentication_gets_a_token
        client_credentials::refusals_name_the_credential_and_show_no_secret
        client_credentials::short_lifetimes_are_refreshed_gently
        client_credentials::an_outage_is_survived
        client_credentials::a_restart_with_valid_tokens_sends_no_request
        rotation::a_refresh_token_survives_kill_9
        rotation::a_repetition_within_the_grace_period_is_the_way_back;
    glewlwyd => GLEWLWYD:
        client_credentials::each_authentication_gets_a_token
        client_credentials::refusals_name_the_credential_and_show_no_secret
        client_credentials::short_lifetimes_are_refreshed_gently
        client_credentials::an_outage_is_survived
        client_credentials::a_restart_with_valid_tokens_sends_no_request
        rotation::a_refresh_token_survives_kill_9
        rotation::after_a_lost_answer_the_token_in_hand_is_kept
        rotation::a_repetition_that_ends_the_grant_is_said;
    node_oauth2_server => NODE_OAUTH2_SERVER:
        client_credentials::each_authentication_gets_a_token
        client_credentials::refusals_name_the_credential_and_show_no_secret
        client_credentials::short_lifetimes_are_refreshed_gently
        client_credentials::an_outage_is_survived
        client_credentials::a_restart_with_valid_tokens_sends_no_request
        rotation::a_refresh_token_survives_kill_9
        rotation::after_a_lost_answer_the_token_in_hand_is_kept
        rotation::a_repetition_that_ends_the_grant_is_said;
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
