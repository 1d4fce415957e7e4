//! `tokenward run`.

use super::{Common, block_on::listening};
use crate::{daemon, error::Exit};

pub fn run(common: &Common) -> Exit {
    listening(daemon::run(common.setup())).unwrap_or_else(|error| {
        eprintln!("{error}");
        error.exit()
    })
}
