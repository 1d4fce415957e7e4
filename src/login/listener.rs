//! Where the browser comes back to (RFC 8252, section 7.3): a listener for one answer.

use std::{
    convert::Infallible,
    future,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use http_body_util::Full;
use hyper::{
    Method, Request, Response, StatusCode,
    body::{Bytes, Incoming},
    header::{CACHE_CONTROL, CONTENT_TYPE, HeaderValue},
    server::conn::http1,
    service::service_fn,
};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::{
    net::{TcpListener, TcpStream},
    task::JoinSet,
};
use url::{Host, Url};

use super::LoginError;
use crate::credential::is_loopback;

/// A browser asks for a picture too, and people try twice.
const CONNECTIONS: usize = 16;
const CONNECTION_TIMEOUT: Duration = Duration::from_secs(10);

const DONE: &str =
    "Tokenward has the answer. You can close this window, and go back to the terminal.\n";
const NOT_OURS: &str = "This is not the answer to the log-in that is under way.\n";

/// Whether the browser of this machine can come back to us.
pub(super) fn can_listen(redirect_uri: &Url) -> bool {
    redirect_uri.scheme() == "http" && is_loopback(redirect_uri)
}

/// Listens at a redirect URI.
pub(super) struct Listener {
    redirect_uri: Url,
    first: TcpListener,
    /// `localhost` has two addresses, and a browser takes either.
    second: Option<TcpListener>,
}

impl Listener {
    /// Binds the address of `redirect_uri`; any free port if it has port 0.
    pub(super) async fn bind(redirect_uri: &Url) -> Result<Self, LoginError> {
        let (ip, other) = match redirect_uri.host() {
            Some(Host::Ipv4(ip)) => (IpAddr::V4(ip), None),
            Some(Host::Ipv6(ip)) => (IpAddr::V6(ip), None),
            Some(Host::Domain(_)) | None => {
                (IpAddr::V4(Ipv4Addr::LOCALHOST), Some(IpAddr::V6(Ipv6Addr::LOCALHOST)))
            }
        };
        let address = SocketAddr::new(ip, redirect_uri.port_or_known_default().unwrap_or(80));
        let failed = |cause| LoginError::Listen { address, cause };
        let first = TcpListener::bind(address).await.map_err(failed)?;
        let port = first.local_addr().map_err(failed)?.port();
        // Where there is no IPv6, no browser tries it.
        let second = match other {
            Some(ip) => TcpListener::bind(SocketAddr::new(ip, port)).await.ok(),
            None => None,
        };
        let mut redirect_uri = redirect_uri.clone();
        if redirect_uri.port() == Some(0) {
            let _ = redirect_uri.set_port(Some(port));
        }
        Ok(Self { redirect_uri, first, second })
    }

    /// The redirect URI, with its real port.
    pub(super) const fn redirect_uri(&self) -> &Url {
        &self.redirect_uri
    }

    /// The address that the browser comes back to with the answer, which `is_answer` tells. It has
    /// its page by then.
    pub(super) async fn answer(self, is_answer: Test) -> Url {
        let redirect_uri = self.redirect_uri.clone();
        let desk = Arc::new(Desk { redirect_uri, is_answer, answer: Mutex::default() });
        let mut connections = JoinSet::new();
        loop {
            tokio::select! {
                stream = self.accept(), if connections.len() < CONNECTIONS => match stream {
                    Some(stream) => drop(connections.spawn(serve(stream, desk.clone()))),
                    None => tokio::time::sleep(Duration::from_millis(100)).await,
                },
                Some(_) = connections.join_next() => {
                    if let Some(address) = desk.taken() {
                        return address;
                    }
                }
            }
        }
    }

    async fn accept(&self) -> Option<TcpStream> {
        let second = async {
            match &self.second {
                Some(listener) => listener.accept().await,
                None => future::pending().await,
            }
        };
        let accepted = tokio::select! {
            accepted = self.first.accept() => accepted,
            accepted = second => accepted,
        };
        accepted.ok().map(|(stream, _)| stream)
    }
}

/// Whether the browser was sent to an address for the log-in that is under way.
pub(super) type Test = Box<dyn Fn(&Url) -> bool + Send + Sync>;

/// Takes the one answer.
struct Desk {
    redirect_uri: Url,
    is_answer: Test,
    answer: Mutex<Option<Url>>,
}

async fn serve(stream: TcpStream, desk: Arc<Desk>) {
    let service = service_fn(move |request| {
        let page = desk.page(&request);
        async { Ok::<_, Infallible>(page) }
    });
    let serving = http1::Builder::new()
        .timer(TokioTimer::new())
        .keep_alive(false)
        .serve_connection(TokioIo::new(stream), service);
    // A browser that goes away or dawdles is its own concern.
    let _ = tokio::time::timeout(CONNECTION_TIMEOUT, serving).await;
}

impl Desk {
    fn page(&self, request: &Request<Incoming>) -> Response<Full<Bytes>> {
        let mut address = self.redirect_uri.clone();
        let is_here = request.uri().path() == address.path() && *request.method() == Method::GET;
        address.set_query(request.uri().query());
        if !is_here || !(self.is_answer)(&address) {
            return page(StatusCode::NOT_FOUND, NOT_OURS);
        }
        self.lock().get_or_insert(address);
        page(StatusCode::OK, DONE)
    }

    fn taken(&self) -> Option<Url> {
        self.lock().take()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Option<Url>> {
        self.answer.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn page(status: StatusCode, text: &'static str) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(Bytes::from(text)));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}
