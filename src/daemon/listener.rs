//! `/live`, `/ready`, `/metrics` and the status page, on the address in `listen`.

use std::{convert::Infallible, io, net::SocketAddr, sync::Arc, time::Duration};

use http_body_util::Full;
use hyper::{
    Method, Request, Response, StatusCode,
    body::{Bytes, Incoming},
    header::CONTENT_TYPE,
    server::conn::http1,
    service::service_fn,
};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::{Semaphore, watch},
};

use super::survey::survey;
use crate::{
    clock::Clock,
    observe::{Observer, Status, Style, table},
    plan::Plan,
    state::State,
};

/// Connections at once: a few probes and a scraper.
const CONNECTIONS: usize = 32;
const HEADER_TIMEOUT: Duration = Duration::from_secs(5);
const CONNECTION_TIMEOUT: Duration = Duration::from_secs(30);

const TEXT: &str = "text/plain; charset=utf-8";
const OPEN_METRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// What the pages are made of.
pub struct Page {
    /// The plan in force.
    pub plan: watch::Receiver<Arc<Plan>>,
    /// What is on disk.
    pub state: Arc<State>,
    /// The counters.
    pub observer: Arc<Observer>,
    /// The time.
    pub clock: Arc<dyn Clock>,
}

/// Binds at once, so that a taken address stops the start; the future serves for ever.
pub async fn bind(address: SocketAddr, page: Page) -> io::Result<impl Future<Output = ()> + use<>> {
    let listener = TcpListener::bind(address).await?;
    Ok(serve(listener, Arc::new(page)))
}

async fn serve(listener: TcpListener, page: Arc<Page>) {
    let slots = Arc::new(Semaphore::new(CONNECTIONS));
    loop {
        let Ok(slot) = slots.clone().acquire_owned().await else { return };
        match listener.accept().await {
            Ok((stream, _)) => {
                let page = page.clone();
                tokio::spawn(async move {
                    connection(stream, page).await;
                    drop(slot);
                });
            }
            // Out of file descriptors, say: give others the time to close some.
            Err(_) => tokio::time::sleep(Duration::from_millis(100)).await,
        }
    }
}

async fn connection(stream: TcpStream, page: Arc<Page>) {
    let service = service_fn(move |request| {
        let page = page.clone();
        async move { Ok::<_, Infallible>(answer(&request, page).await) }
    });
    let serving = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEADER_TIMEOUT)
        .serve_connection(TokioIo::new(stream), service);
    // A client that goes away or dawdles is its own concern.
    let _ = tokio::time::timeout(CONNECTION_TIMEOUT, serving).await;
}

async fn answer(request: &Request<Incoming>, page: Arc<Page>) -> Response<Full<Bytes>> {
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        return response(StatusCode::METHOD_NOT_ALLOWED, TEXT, "only GET\n".into());
    }
    match request.uri().path() {
        "/live" => response(StatusCode::OK, TEXT, "live\n".into()),
        "/ready" => ready(&look(page).await.1),
        "/metrics" => {
            let (page, status) = look(page).await;
            let text = page.observer.metrics().render(&status);
            response(StatusCode::OK, OPEN_METRICS, text)
        }
        "/" => response(StatusCode::OK, TEXT, table(&look(page).await.1, Style::Plain)),
        _ => response(StatusCode::NOT_FOUND, TEXT, "/live /ready /metrics /\n".into()),
    }
}

/// The survey reads files: not on the loop's thread.
pub(super) async fn look(page: Arc<Page>) -> (Arc<Page>, Status) {
    let plan = page.plan.borrow().clone();
    let looking = page.clone();
    let now = page.clock.now();
    let survey = move || survey(&plan, Some(&looking.state), now);
    let status = match tokio::task::spawn_blocking(survey).await {
        Ok(status) => status,
        Err(_) => Status { at: now.wall, ready: false, daemon: None, credentials: Vec::new() },
    };
    (page, status)
}

fn ready(status: &Status) -> Response<Full<Bytes>> {
    if status.ready {
        return response(StatusCode::OK, TEXT, "ready\n".into());
    }
    let mut text = String::from("not ready\n");
    for credential in status.credentials.iter().filter(|credential| !credential.is_ready()) {
        let standing = credential.standing.as_str();
        text.extend([&credential.name, ": ", standing, "\n"]);
    }
    response(StatusCode::SERVICE_UNAVAILABLE, TEXT, text)
}

fn response(status: StatusCode, kind: &'static str, text: String) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(Bytes::from(text)));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, hyper::header::HeaderValue::from_static(kind));
    response
}
