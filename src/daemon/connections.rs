//! HTTP/1.1 for a few clients at once, through whatever door they come.

use std::{convert::Infallible, io, net::SocketAddr, sync::Arc, time::Duration};

use http_body_util::Full;
use hyper::{
    Request, Response,
    body::{Bytes, Incoming},
    server::conn::http1,
    service::service_fn,
};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::{TcpListener, TcpStream, UnixListener, UnixStream, unix::UCred},
    sync::Semaphore,
};

/// Connections at once: a few probes and a scraper, or a few programs.
const CONNECTIONS: usize = 32;
const HEADER_TIMEOUT: Duration = Duration::from_secs(5);
const CONNECTION_TIMEOUT: Duration = Duration::from_secs(30);

/// What every answer is.
pub(super) type Answer = Response<Full<Bytes>>;

/// Where clients come in.
pub(super) trait Door: Send + Sync + 'static {
    /// A connection.
    type Stream: AsyncRead + AsyncWrite + Unpin + Send + 'static;
    /// Who is at its other end.
    type Peer: Copy + Send + Sync + 'static;

    /// The next one.
    fn enter(&self) -> impl Future<Output = io::Result<(Self::Stream, Self::Peer)>> + Send;
}

impl Door for TcpListener {
    type Stream = TcpStream;
    type Peer = SocketAddr;

    async fn enter(&self) -> io::Result<(TcpStream, SocketAddr)> {
        self.accept().await
    }
}

impl Door for UnixListener {
    type Stream = UnixStream;
    /// User and group when it connected, from the kernel (`SO_PEERCRED`, `unix(7)`).
    type Peer = UCred;

    async fn enter(&self) -> io::Result<(UnixStream, UCred)> {
        let (stream, _) = self.accept().await?;
        let peer = stream.peer_cred()?;
        Ok((stream, peer))
    }
}

/// Answers for ever.
pub(super) async fn serve<D, A, F>(door: D, answer: A)
where
    D: Door,
    A: Fn(Request<Incoming>, D::Peer) -> F + Clone + Send + Sync + 'static,
    F: Future<Output = Answer> + Send + 'static,
{
    let slots = Arc::new(Semaphore::new(CONNECTIONS));
    loop {
        let Ok(slot) = slots.clone().acquire_owned().await else { return };
        match door.enter().await {
            Ok((stream, peer)) => {
                let answer = answer.clone();
                tokio::spawn(async move {
                    connection(stream, |request| answer(request, peer)).await;
                    drop(slot);
                });
            }
            // Out of file descriptors, say: give others the time to close some.
            Err(_) => tokio::time::sleep(Duration::from_millis(100)).await,
        }
    }
}

async fn connection<S, A, F>(stream: S, answer: A)
where
    S: AsyncRead + AsyncWrite + Unpin,
    A: Fn(Request<Incoming>) -> F,
    F: Future<Output = Answer>,
{
    let service = service_fn(|request| {
        let answering = answer(request);
        async move { Ok::<_, Infallible>(answering.await) }
    });
    let serving = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEADER_TIMEOUT)
        .serve_connection(TokioIo::new(stream), service);
    // A client that goes away or dawdles is its own concern.
    let _ = tokio::time::timeout(CONNECTION_TIMEOUT, serving).await;
}
