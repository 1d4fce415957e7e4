//! The control socket: programs have their requests signed by the daemon, which keeps the secrets.
//!
//! ```text
//! socket (mode and group before anybody can connect)
//!   --> request (JSON) --> reader (who may read an output may sign with it) --> signing
//!                      any step --> refusal (JSON, with the mend)
//! ```

mod reader;
mod refusal;
mod request;
mod socket;

use std::sync::Arc;

use hyper::{
    Method, Request, Response, StatusCode,
    body::Incoming,
    header::{CACHE_CONTROL, CONTENT_TYPE, HeaderValue},
};
use serde_json::json;
use tokio::{
    net::unix::UCred,
    sync::watch,
    task::{JoinError, spawn_blocking},
};

pub use self::socket::SocketError;
use self::{reader::Reader, refusal::Refusal, request::Wanted, socket::Socket};
use super::{
    connections::{Answer, serve},
    held::held,
    signing::sign,
};
use crate::{
    acquire::Acquirer,
    clock::Clock,
    credential::Credential,
    plan::{self, Plan},
    secret::Secret,
    state::{Saved, State},
};

/// What requests are answered from.
pub(super) struct Control {
    /// The plan in force.
    pub(super) plan: watch::Receiver<Arc<Plan>>,
    /// Where the tokens are.
    pub(super) state: Arc<State>,
    /// Who signs.
    pub(super) acquirer: Arc<Acquirer>,
    /// The time.
    pub(super) clock: Arc<dyn Clock>,
}

/// Opens the socket at once, so that what is in its way stops the start. The future serves for
/// ever, and removes the socket when it is dropped.
pub(super) async fn open(
    configured: &plan::Control,
    control: Control,
) -> Result<impl Future<Output = ()> + use<>, SocketError> {
    let (listener, socket) = Socket::open(&configured.socket, &configured.access).await?;
    let control = Arc::new(control);
    Ok(serve_while_it_stands(listener, socket, control))
}

async fn serve_while_it_stands(
    listener: tokio::net::UnixListener,
    _socket: Socket,
    control: Arc<Control>,
) {
    serve(listener, move |request, peer| answer(request, peer, control.clone())).await;
}

async fn answer(request: Request<Incoming>, peer: UCred, control: Arc<Control>) -> Answer {
    match control.signed(request, peer).await {
        Ok(header) => reply(StatusCode::OK, &json!({ "authorization": header.expose() })),
        Err(refusal) => {
            let body = json!({ "error": refusal.reason(), "message": refusal.to_string() });
            let mut reply = reply(refusal.status(), &body);
            if let Refusal::Method = refusal {
                reply.headers_mut().insert("Allow", HeaderValue::from_static("POST"));
            }
            reply
        }
    }
}

/// A signature is good for one request: nobody keeps it.
fn reply(status: StatusCode, body: &serde_json::Value) -> Answer {
    let mut reply = Response::new(format!("{body}\n").into());
    *reply.status_mut() = status;
    let headers = reply.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    reply
}

impl Control {
    async fn signed(
        self: Arc<Self>,
        request: Request<Incoming>,
        peer: UCred,
    ) -> Result<Secret, Refusal> {
        if request.uri().path() != "/sign" {
            return Err(Refusal::Path);
        }
        if request.method() != Method::POST {
            return Err(Refusal::Method);
        }
        let Wanted { credential, request } = request::read(request).await?;
        let control = self.clone();
        let looking = spawn_blocking(move || control.look(&credential, peer));
        // It cannot panic, because that ends the process: the daemon is stopping.
        let (credential, saved) = looking.await.map_err(|_: JoinError| Refusal::Stopping)??;
        Ok(sign(&self.acquirer, &credential, &saved.token, &request).await?)
    }

    /// The credential, if the peer may use it, and its token. Blocks on the disk and on the
    /// databases of users and groups.
    fn look(&self, name: &str, peer: UCred) -> Result<(Arc<Credential>, Saved), Refusal> {
        let plan = self.plan.borrow().clone();
        let credential = plan.credential(name).ok_or(Refusal::UnknownCredential)?;
        Reader::of(peer).check(credential, &plan.settings.output_directory)?;
        if self.state.record(&credential.name).is_revoked() {
            return Err(Refusal::Revoked(credential.name.clone()));
        }
        let saved = held(Some(&self.state), &credential.name, self.clock.now())?;
        Ok((credential.clone(), saved))
    }
}
