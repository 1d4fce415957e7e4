//! The listener: accepts a bounded number of connections and hands on each request.

use std::{
    io,
    net::SocketAddr,
    sync::{Arc, PoisonError, RwLock},
    time::Duration,
};

use aws_lc_rs::hmac;
use hyper::{server::conn::http1, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::Semaphore,
    task::{JoinHandle, JoinSet},
};

use super::{
    exchange,
    journal::{Journal, Seen},
    likeness::Likeness,
    memory::Memory,
    outage::Outages,
};
use crate::{atomic::AtomicError, clock::Clock, error::Fault};

/// Further connections wait until one of these ends.
const MAX_CONNECTIONS: usize = 256;
/// A silent connection is closed after this long: later than a client gives up its idle ones.
const IDLE: Duration = Duration::from_secs(120);

/// What can be chosen about a sandbox.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Options {
    /// Where it listens: a loopback address; port 0 is any free one.
    pub address: SocketAddr,
    /// The lifetime of every token, in place of the one that each system documents.
    pub lifetime: Option<Duration>,
}

/// A running authorization server. It ends when it is stopped or dropped.
pub struct Sandbox {
    address: SocketAddr,
    shared: Arc<Shared>,
    accepting: JoinHandle<()>,
}

/// What all connections share.
pub(super) struct Shared {
    pub(super) options: Options,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) key: hmac::Key,
    pub(super) base: String,
    pub(super) journal: Journal,
    pub(super) memory: Memory,
    pub(super) outages: Outages,
    likenesses: RwLock<Vec<Arc<Likeness>>>,
}

impl Shared {
    /// The likeness whose paths begin like this one.
    pub(super) fn likeness(&self, path: &str) -> Option<Arc<Likeness>> {
        let name = path.strip_prefix("/like/")?.split('/').next()?;
        let likenesses = self.likenesses.read().unwrap_or_else(PoisonError::into_inner);
        likenesses.iter().find(|likeness| *likeness.name == *name).cloned()
    }
}

/// Why a sandbox cannot start.
#[derive(Debug, thiserror::Error)]
pub enum SandboxError {
    /// Its secrets are public, so it must not be reachable.
    #[error(
        "{address} is not a loopback address, and everybody knows the sandbox's secrets; listen \
         on 127.0.0.1 or [::1]"
    )]
    NotLoopback {
        /// The address that was asked for.
        address: SocketAddr,
    },
    /// The address cannot be had.
    #[error("cannot listen on {address}: {source}; choose another port, or 0 for any free one")]
    Listen {
        /// The address that was asked for.
        address: SocketAddr,
        /// Why not.
        source: io::Error,
    },
    /// The operating system gives no random bytes.
    #[error("no random bytes can be had: {0}; look at this machine's /dev/urandom")]
    Random(getrandom::Error),
    /// The keys cannot be written.
    #[error("the sandbox's keys cannot be written: {0}")]
    Keys(#[from] AtomicError),
}

impl SandboxError {
    /// Whether it can pass by itself.
    pub const fn fault(&self) -> Fault {
        match self {
            Self::NotLoopback { .. } => Fault::Permanent,
            Self::Listen { .. } | Self::Random(_) | Self::Keys(_) => Fault::Local,
        }
    }
}

impl Default for Options {
    /// Any free port of 127.0.0.1, and the documented lifetimes.
    fn default() -> Self {
        Self { address: SocketAddr::from(([127, 0, 0, 1], 0)), lifetime: None }
    }
}

impl Sandbox {
    /// Listens, and answers until stopped.
    pub async fn start(options: Options, clock: Arc<dyn Clock>) -> Result<Self, SandboxError> {
        let asked = options.address;
        if !asked.ip().is_loopback() {
            return Err(SandboxError::NotLoopback { address: asked });
        }
        let listen = |source| SandboxError::Listen { address: asked, source };
        let listener = TcpListener::bind(asked).await.map_err(listen)?;
        let address = listener.local_addr().map_err(listen)?;
        let mut key = [0; 32];
        getrandom::fill(&mut key).map_err(SandboxError::Random)?;
        let shared = Arc::new(Shared {
            options,
            clock,
            key: hmac::Key::new(hmac::HMAC_SHA256, &key),
            base: format!("http://{address}"),
            journal: Journal::default(),
            memory: Memory::default(),
            outages: Outages::default(),
            likenesses: RwLock::default(),
        });
        let accepting = tokio::spawn(accept(listener, Arc::clone(&shared)));
        Ok(Self { address, shared, accepting })
    }

    /// Where it listens.
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Every request that it remembers, oldest first.
    pub fn requests(&self) -> Vec<Seen> {
        self.shared.journal.all()
    }

    /// From now on, every path that begins with `prefix` fails as its system fails when it is
    /// down, or works again: `/` is everything, `/usertesting` one system.
    pub fn fail(&self, prefix: &str, failing: bool) {
        self.shared.outages.set(prefix, failing);
    }

    /// From now on, it also plays this provider.
    pub fn imitate(&self, likeness: Likeness) {
        let likenesses = self.shared.likenesses.write();
        likenesses.unwrap_or_else(PoisonError::into_inner).push(Arc::new(likeness));
    }

    /// Ends every connection, and gives the address back.
    pub async fn stop(mut self) {
        self.accepting.abort();
        // It ends by being aborted, which is no failure here.
        let _ = (&mut self.accepting).await;
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

async fn accept(listener: TcpListener, shared: Arc<Shared>) {
    let room = Arc::new(Semaphore::new(MAX_CONNECTIONS));
    let mut connections = JoinSet::new();
    loop {
        let Ok(place) = Arc::clone(&room).acquire_owned().await else { return };
        match listener.accept().await {
            Ok((stream, _)) => {
                let shared = Arc::clone(&shared);
                connections.spawn(async move {
                    converse(stream, shared).await;
                    drop(place);
                });
            }
            // Too many open files, or a client that has gone already: others may still come.
            Err(error) => {
                tracing::debug!(%error, "a connection could not be accepted");
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        }
        while connections.try_join_next().is_some() {}
    }
}

async fn converse(stream: TcpStream, shared: Arc<Shared>) {
    let service = service_fn(|request| exchange::answer(Arc::clone(&shared), request));
    let ended = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(IDLE)
        .title_case_headers(true)
        .serve_connection(TokioIo::new(stream), service)
        .await;
    if let Err(error) = ended {
        tracing::debug!(%error, "a connection ended early");
    }
}

#[cfg(test)]
mod tests;
