//! `tokenward once`.

use std::time::Duration;

use super::{Common, block_on};
use crate::{daemon, error::Exit};

#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// Give up after this many seconds
    #[arg(long, value_name = "SECONDS", default_value_t = 60)]
    timeout: u64,
}

pub fn run(common: &Common, arguments: &Arguments) -> Exit {
    let patience = Duration::from_secs(arguments.timeout);
    block_on(daemon::once(common.setup(), patience)).unwrap_or_else(|error| {
        eprintln!("{error}");
        error.exit()
    })
}
