//! One exchange: reads a request, finds who answers it, notes it, and sends the reply on its way.

use std::{sync::Arc, time::Duration};

use aws_lc_rs::hmac;
use http_body_util::{BodyExt, Limited};
use hyper::{Response, StatusCode, body::Incoming};
use tokio::time::timeout;

use super::{
    delivery::{Body, Broken, Delivery},
    habit::{self, Habit},
    journal::{Outcome, Seen},
    likeness::Likeness,
    occasion::Occasion,
    reply::{Reply, http_date},
    request::Request,
    server::Shared,
    system::{self, System, plain},
};
use crate::clock::WallTime;

/// No token request is larger.
const MAX_BODY: usize = 64 * 1024;
/// No token request takes longer to arrive.
const READ_WITHIN: Duration = Duration::from_secs(30);

/// Who answers.
enum Target {
    System(&'static System),
    Habit(&'static Habit),
    Likeness(Arc<Likeness>),
    Nobody,
}

/// Answers a request.
pub(super) async fn answer(
    shared: Arc<Shared>,
    request: hyper::Request<Incoming>,
) -> Result<Response<Body>, Broken> {
    let path: Box<str> = request.uri().path().into();
    let method = request.method().clone();
    let target = Target::of(&shared, &inside_its_site(&path));
    let reply = match read(request).await {
        Ok(request) => reply(&shared, &target, &request),
        Err(refusal) => refusal,
    };
    let now = shared.clock.now().wall;
    let system = target.name();
    let outcome = match reply.delivery {
        Delivery::Hang | Delivery::Close => Outcome::Unanswered,
        _ => Outcome::Answered(reply.status.as_u16()),
    };
    tracing::debug!(%method, %path, system, %outcome, "answered a request");
    shared.journal.note(Seen { at: now, path, system, outcome });
    reply.delivery.before_headers().await?;
    respond(reply, target.date(now))
}

/// The whole request, or the reply to one that is too large or too slow.
async fn read(request: hyper::Request<Incoming>) -> Result<Request, Reply> {
    let (head, body) = request.into_parts();
    let body = match timeout(READ_WITHIN, Limited::new(body, MAX_BODY).collect()).await {
        Ok(Ok(body)) => body.to_bytes(),
        Ok(Err(_)) => return Err(Reply::bare(StatusCode::PAYLOAD_TOO_LARGE, "")),
        Err(_) => return Err(Reply::bare(StatusCode::REQUEST_TIMEOUT, "")),
    };
    Ok(Request {
        method: head.method,
        path: inside_its_site(head.uri.path()),
        query: head.uri.query().unwrap_or_default().to_owned(),
        headers: head.headers,
        body,
    })
}

/// RFC 8414, section 3.1 has the path of an issuer behind the well-known part; here it comes first,
/// as in `OpenID` Connect, so that each path begins with the name of who answers.
fn inside_its_site(path: &str) -> String {
    const WELL_KNOWN: &str = "/.well-known/oauth-authorization-server";
    match path.strip_prefix(WELL_KNOWN) {
        Some(site) => format!("{site}{WELL_KNOWN}"),
        None => path.to_owned(),
    }
}

fn reply(shared: &Shared, target: &Target, request: &Request) -> Reply {
    let now = target.date(shared.clock.now().wall);
    let tally = shared.journal.count(target.name(), now);
    let occasion = Occasion {
        now,
        random: random(&shared.key, target.name(), tally.turn),
        key: &shared.key,
        memory: &shared.memory,
        base: &shared.base,
        lifetime: shared.options.lifetime,
        turn: tally.turn,
        this_minute: tally.this_minute,
    };
    if shared.outages.hit(&request.path) {
        return target.outage(&occasion);
    }
    target.answer(request, &occasion)
}

/// Bytes that nobody can foresee and no other request gets: the key is random, the input unique.
fn random(key: &hmac::Key, name: &str, turn: u64) -> [u8; 16] {
    let digest = hmac::sign(key, format!("{name} {turn}").as_bytes());
    let mut bytes = [0; 16];
    bytes.iter_mut().zip(digest.as_ref()).for_each(|(byte, random)| *byte = *random);
    bytes
}

fn respond(reply: Reply, now: WallTime) -> Result<Response<Body>, Broken> {
    let mut response = Response::builder().status(reply.status).header("date", http_date(now));
    for (name, value) in reply.headers {
        response = response.header(name, value);
    }
    // A header that cannot be written can only come from a bug here: no reply is better than
    // half of one.
    response.body(Body::new(reply.body, reply.delivery)).map_err(|_| Broken)
}

impl Target {
    fn of(shared: &Shared, path: &str) -> Self {
        habit::at(path)
            .map(Self::Habit)
            .or_else(|| system::at(path).map(Self::System))
            .or_else(|| shared.likeness(path).map(Self::Likeness))
            .unwrap_or(Self::Nobody)
    }

    fn name(&self) -> &'static str {
        match self {
            Self::System(system) => system.name,
            Self::Habit(habit) => habit.name,
            Self::Likeness(_) => "like",
            Self::Nobody => "-",
        }
    }

    /// What the clock of who answers shows.
    fn date(&self, now: WallTime) -> WallTime {
        match self {
            Self::Habit(habit) => habit.date(now),
            Self::System(_) | Self::Likeness(_) | Self::Nobody => now,
        }
    }

    fn answer(&self, request: &Request, occasion: &Occasion<'_>) -> Reply {
        match self {
            Self::System(system) => (system.answer)(request, occasion),
            Self::Habit(habit) => habit.answer(request, occasion),
            Self::Likeness(likeness) => {
                likeness.answer(request, occasion).unwrap_or_else(nothing_here)
            }
            Self::Nobody => nothing_here(),
        }
    }

    fn outage(&self, occasion: &Occasion<'_>) -> Reply {
        match self {
            Self::System(system) => (system.outage)(occasion),
            Self::Habit(_) | Self::Likeness(_) | Self::Nobody => plain::unavailable(),
        }
    }
}

fn nothing_here() -> Reply {
    let description = "Nothing is served here; `tokenward sandbox` prints what is.";
    Reply::error(StatusCode::NOT_FOUND, "not_found", description)
}
