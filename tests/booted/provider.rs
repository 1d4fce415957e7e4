//! The sandbox on a machine's loopback. It runs in this process, so that it can be asked what it
//! was asked; but its socket was opened in the network of the machine.

use std::{net::SocketAddr, sync::Arc, thread};

use nix::sched::{CloneFlags, setns};
use tokenward::{
    clock::SystemClock,
    sandbox::{Options, Sandbox},
};
use tokio::runtime::{Builder, Runtime};

use crate::machine::Machine;

const ADDRESS: ([u8; 4], u16) = ([127, 0, 0, 1], 9466);

/// The secret of `sandbox-client`.
pub const SECRET: &str = "sandbox+secret/100%";

/// Answers until it is dropped.
pub struct Provider {
    sandbox: Sandbox,
    // The sandbox lives on its thread.
    _runtime: Runtime,
}

impl Provider {
    pub fn start(machine: &Machine) -> Self {
        let runtime = Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let options = Options { address: SocketAddr::from(ADDRESS), lifetime: None };
        // A thread of its own, because it does not come back from the other network.
        let listen = || {
            setns(machine.network(), CloneFlags::CLONE_NEWNET).unwrap();
            runtime.block_on(Sandbox::start(options, Arc::new(SystemClock))).unwrap()
        };
        let sandbox = thread::scope(|scope| scope.spawn(listen).join().unwrap());
        Self { sandbox, _runtime: runtime }
    }

    /// How many requests it has had.
    pub fn requests(&self) -> usize {
        self.sandbox.requests().len()
    }
}
