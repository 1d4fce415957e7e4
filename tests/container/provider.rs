//! The sandbox, in this process.

use std::{net::SocketAddr, sync::Arc};

use tokenward::{
    clock::SystemClock,
    sandbox::{Options, Sandbox},
};
use tokio::runtime::{Builder, Runtime};

/// The secret of `sandbox-client`.
pub const SECRET: &str = "sandbox+secret/100%";

/// Answers until it is dropped.
pub struct Provider {
    pub port: u16,
    _sandbox: Sandbox,
    // The sandbox lives on its thread.
    _runtime: Runtime,
}

impl Provider {
    pub fn start() -> Self {
        let runtime = Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let options = Options { address: SocketAddr::from(([127, 0, 0, 1], 0)), lifetime: None };
        let sandbox = runtime.block_on(Sandbox::start(options, Arc::new(SystemClock))).unwrap();
        Self { port: sandbox.address().port(), _sandbox: sandbox, _runtime: runtime }
    }
}
