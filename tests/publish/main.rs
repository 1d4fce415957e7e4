//! Publications as consumers, containers and a failing machine meet them.

mod env_file;
mod kill;
mod mounts;
mod permissions;
mod readers;

use std::{
    io::{self, Write},
    path::Path,
    sync::Arc,
    time::Duration,
};

use tokenward::{
    clock::{Now, WallTime},
    credential::{Access, Content, Output},
    token::{IssuedToken, Lifetime, LifetimeSource},
};

fn token(access_token: &str, expires_at: i64) -> IssuedToken {
    let duration = Duration::from_secs(3600);
    IssuedToken {
        access_token: access_token.into(),
        token_type: "Bearer".into(),
        scope: None,
        refresh_token: None,
        origin: None,
        fields: [].into(),
        requested_at: Now { wall: WallTime::from_seconds(expires_at) - duration, ..Now::default() },
        lifetime: Lifetime { duration, source: LifetimeSource::ExpiresIn },
    }
}

fn output(path: &str, content: Content) -> Output {
    let access = Arc::new(Access { mode: 0o640, owner: None, group: None });
    Output { path: Path::new(path).into(), content, access }
}

fn token_file(path: &str) -> Output {
    output(path, Content::TokenFile { newline: false })
}

/// Says what was not tried here, and why. It goes to the real standard error, because the test
/// harness swallows what `eprintln!` prints. In CI nothing may be left out.
fn left_out(what: &str, why: &str) {
    assert!(std::env::var_os("CI").is_none(), "left out in CI: {what} ({why})");
    let line = format!("left out: {what} ({why})\n");
    io::stderr().lock().write_all(line.as_bytes()).unwrap();
}
