//! Publications as consumers, containers and a failing machine meet them.

#[path = "../shared/disks.rs"]
mod disks;
mod env_file;
mod kill;
#[path = "../shared/left_out.rs"]
mod left_out;
mod mounts;
#[path = "../shared/own_mounts.rs"]
mod own_mounts;
mod permissions;
mod readers;

use std::{path::Path, sync::Arc, time::Duration};

use left_out::left_out;
use tokenward::{
    clock::{Now, WallTime},
    credential::{Access, Content, Output},
    token::IssuedToken,
};

fn token(access_token: &str, expires_at: i64) -> IssuedToken {
    let duration = Duration::from_secs(3600);
    let requested_at =
        Now { wall: WallTime::from_seconds(expires_at) - duration, ..Now::default() };
    IssuedToken::bearer(access_token.into(), requested_at, duration)
}

fn output(path: &str, content: Content) -> Output {
    let access = Arc::new(Access { mode: 0o640, owner: None, group: None });
    Output { path: Path::new(path).into(), content, access }
}

fn token_file(path: &str) -> Output {
    output(path, Content::TokenFile { newline: false })
}
