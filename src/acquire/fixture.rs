//! Replies to test with.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use zeroize::Zeroizing;

use super::{
    AcquireError, Acquirer, Attempt, Exchange, HttpTransport, RawResponse, TokenRequest,
    TransportError, redaction::Redaction, reply,
};
pub(super) use crate::credential::fixture::*;
use crate::{
    clock::{BootTime, ManualClock, Now, WallTime},
    credential::{Credential, ReplyShape, TokenEndpoint},
    secret::Secret,
    token::IssuedToken,
};

/// 2021-11-05T14:18:31Z by our clock.
pub(super) const SENT_AT: Now =
    Now { wall: WallTime::from_seconds(1_636_121_911), boot: BootTime::from_millis(5) };

pub(super) fn raw(status: u16, headers: &[(&str, &str)], body: &[u8]) -> RawResponse {
    let headers = headers.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect();
    RawResponse { status, headers, body: Zeroizing::new(body.into()) }
}

/// One whose clock stands at [`SENT_AT`].
pub(super) fn acquirer(transport: Arc<dyn HttpTransport>) -> Acquirer {
    Acquirer::new(transport, Arc::new(ManualClock::new(SENT_AT)))
}

/// A first attempt, at [`SENT_AT`].
pub(super) fn attempt(credential: &Credential) -> Attempt<'_> {
    let deadline = Duration::from_secs(60);
    Attempt { credential, sent_at: SENT_AT, deadline, previous: None, client_secret: 0 }
}

/// What a reply to [`credential`] comes to.
pub(super) fn read(raw: &RawResponse) -> Result<IssuedToken, AcquireError> {
    read_as(shape(), raw)
}

/// The same, where the answer stands elsewhere.
pub(super) fn read_as(shape: ReplyShape, raw: &RawResponse) -> Result<IssuedToken, AcquireError> {
    let mut redaction = Redaction::default();
    redaction.hide(&Secret::from(SECRET));
    let credential = Credential { reply: Arc::new(shape), ..credential() };
    reply::read(&attempt(&credential), raw, redaction, None)
}

type Answer = dyn Fn(&TokenRequest) -> Result<RawResponse, TransportError> + Send + Sync;

/// A provider in memory, which remembers what it was asked.
pub(super) struct Provider {
    answer: Box<Answer>,
    pub(super) asked: Mutex<Vec<TokenRequest>>,
}

impl Provider {
    pub(super) fn new<Answer>(answer: Answer) -> Arc<Self>
    where
        Answer: Fn(&TokenRequest) -> Result<RawResponse, TransportError> + Send + Sync + 'static,
    {
        Arc::new(Self { answer: Box::new(answer), asked: Mutex::default() })
    }

    /// The paths of what was asked, and empties the list.
    pub(super) fn paths(&self) -> Vec<String> {
        self.asked.lock().unwrap().drain(..).map(|request| request.url.path().to_owned()).collect()
    }
}

impl HttpTransport for Provider {
    fn send<'a>(&'a self, _: &'a TokenEndpoint, sent: TokenRequest, _: Duration) -> Exchange<'a> {
        let answer = (self.answer)(&sent);
        self.asked.lock().unwrap().push(sent);
        Box::pin(async {
            // Others come in between.
            tokio::task::yield_now().await;
            answer
        })
    }
}
