//! A log-in beside a running daemon, which it notices and goes on with.

use std::time::Duration;

use tokenward::{
    clock::{Clock, SystemClock},
    daemon::{Reading, Surroundings},
    state::State,
    token::{IssuedToken, RefreshToken},
};

use crate::{machine::Machine, server::Server};

/// What `tokenward login` does when it has got a token.
fn log_in(machine: &Machine, number: u64) {
    let reading = Reading::of(&machine.path("config.yaml"), &Surroundings::default());
    let plan = reading.plan.unwrap_or_else(|| panic!("{:?}", reading.problems));
    let access_token = format!("at-{number}").into();
    let token = IssuedToken {
        refresh_token: Some(RefreshToken::first(format!("rt-{number}").into())),
        ..IssuedToken::bearer(access_token, SystemClock.now(), Duration::from_secs(3600))
    };
    let state = State::open_for_login(&machine.path("state")).unwrap();
    state.save_login(plan.credential("a").unwrap(), &token).unwrap();
}

#[test]
fn a_running_daemon_takes_over_one_log_in_after_another_and_refreshes_from_there() {
    let server = Server::start();
    let machine = Machine::with_login(&server.address);
    machine.run(|running| {
        running.until(|| machine.logged("tokenward login a"));
        assert_eq!(server.grant().refused, 0, "nothing is sent before a log-in");
        for number in [10, 20] {
            server.reset(number);
            log_in(&machine, number);
            running
                .until(|| machine.path("out/token").exists() && machine.published()[0] >= number);
            running.until(|| machine.published()[0] > number);
        }
    });
    assert_eq!(machine.kept(), server.grant().current);
    assert!(!machine.path("state/logins/a.json").exists());
}
