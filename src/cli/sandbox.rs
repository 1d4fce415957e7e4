//! `tokenward sandbox`.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use super::{block_on, print};
use crate::{
    clock::SystemClock,
    error::Exit,
    sandbox::{Options, Sandbox},
};

#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// Where to listen; loopback only, for its secrets are public
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:9466")]
    listen: SocketAddr,
    /// How long tokens live, in seconds, instead of as documented
    #[arg(long, value_name = "SECONDS")]
    lifetime: Option<u64>,
}

pub fn run(arguments: &Arguments) -> Exit {
    let options = Options {
        address: arguments.listen,
        lifetime: arguments.lifetime.map(Duration::from_secs),
    };
    block_on(async {
        match Sandbox::start(options, Arc::new(SystemClock)).await {
            Ok(sandbox) => {
                print(&sandbox.describe());
                let _ = tokio::signal::ctrl_c().await;
                sandbox.stop().await;
                Exit::Ok
            }
            Err(error) => {
                eprintln!("tokenward: {error}");
                Exit::Temporary
            }
        }
    })
}
