//! `tokenward run`.

use super::{Common, block_on};
use crate::{daemon, error::Exit};

pub fn run(common: &Common) -> Exit {
    block_on(daemon::run(common.setup())).unwrap_or_else(|error| {
        eprintln!("{error}");
        error.exit()
    })
}
