//! `/live`, `/ready`, `/metrics` and the status page, on the address in `listen`.

use std::{io, net::SocketAddr, sync::Arc};

use hyper::{Method, Request, Response, StatusCode, body::Incoming, header::CONTENT_TYPE};
use tokio::{net::TcpListener, sync::watch};

use super::{
    connections::{Answer, serve},
    survey::survey,
};
use crate::{
    clock::Clock,
    observe::{Observer, Status, Style, table, why},
    plan::Plan,
    state::State,
};

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
    let page = Arc::new(page);
    Ok(serve(listener, move |request, _| answer(request, page.clone())))
}

/// While another replica works: there is nothing to say, and all is well.
pub async fn stand_by(
    address: SocketAddr,
    observer: Arc<Observer>,
) -> io::Result<impl Future<Output = ()> + use<>> {
    let listener = TcpListener::bind(address).await?;
    Ok(serve(listener, move |request, _| {
        let observer = observer.clone();
        async move { answer_standing_by(&request, &observer) }
    }))
}

fn answer_standing_by(request: &Request<Incoming>, observer: &Observer) -> Answer {
    match request.uri().path() {
        "/live" => response(StatusCode::OK, TEXT, "live\n".into()),
        "/metrics" => response(StatusCode::OK, OPEN_METRICS, observer.metrics().render_alone()),
        _ => response(StatusCode::OK, TEXT, "standing by: another replica works\n".into()),
    }
}

async fn answer(request: Request<Incoming>, page: Arc<Page>) -> Answer {
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
        Err(_) => Status::unknown(now.wall),
    };
    (page, status)
}

fn ready(status: &Status) -> Answer {
    if status.ready {
        return response(StatusCode::OK, TEXT, "ready\n".into());
    }
    let mut text = String::from("not ready\n");
    for credential in status.credentials.iter().filter(|credential| !credential.is_ready()) {
        let standing = credential.standing.as_str();
        text.extend([&credential.name, ": ", standing]);
        if let Some(reason) = &credential.waiting {
            text.extend([", ", &why(reason, status.at)]);
        }
        text.push('\n');
    }
    response(StatusCode::SERVICE_UNAVAILABLE, TEXT, text)
}

fn response(status: StatusCode, kind: &'static str, text: String) -> Answer {
    let mut response = Response::new(text.into());
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, hyper::header::HeaderValue::from_static(kind));
    response
}
