//! Running a verb to its end, or until it is asked to stop.

use std::{process, time::Duration};

use tokio::{
    runtime::Builder,
    signal::unix::{SignalKind, signal},
};

use crate::error::Exit;

/// What the disk is doing may end; a name that is looked up in vain must not keep us.
const LEAVE: Duration = Duration::from_secs(1);

/// The first process of a container.
const FIRST: u32 = 1;

/// Runs a verb that leaves signals to the kernel. The kernel spares the first process of a
/// container from all that it does not listen to (`pid_namespaces(7)`), and a pod could not be
/// ended: there we end ourselves, as the kernel would have done it.
pub fn block_on<T>(future: impl Future<Output = T>) -> T {
    listening(async {
        if process::id() != FIRST {
            return future.await;
        }
        tokio::select! {
            result = future => result,
            number = stop() => process::exit(128 + number),
        }
    })
}

/// Runs a verb that listens to signals itself. One thread for the loop and its requests; a few
/// more, when needed, for the disk.
pub fn listening<T>(future: impl Future<Output = T>) -> T {
    let built = Builder::new_current_thread().enable_all().max_blocking_threads(8).build();
    let runtime = built.unwrap_or_else(|error| {
        eprintln!("tokenward: cannot start: {error}");
        process::exit(Exit::Software as i32)
    });
    let result = runtime.block_on(future);
    runtime.shutdown_timeout(LEAVE);
    result
}

/// Waits for SIGTERM or SIGINT, and says which it was.
pub async fn stop() -> i32 {
    let came = async |kind: SignalKind| match signal(kind) {
        Ok(mut signals) => {
            signals.recv().await;
            kind.as_raw_value()
        }
        // Without it, nothing can be waited for.
        Err(_) => std::future::pending().await,
    };
    tokio::select! {
        number = came(SignalKind::terminate()) => number,
        number = came(SignalKind::interrupt()) => number,
    }
}
