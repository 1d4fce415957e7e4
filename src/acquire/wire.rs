//! The transport, and how far the clocks at its other end are from ours.

use std::{sync::Arc, time::Duration};

use url::Url;

use super::{Exchange, HttpTransport, TokenRequest, skew::Skews};
use crate::{
    clock::{Clock, WallTime},
    credential::{TokenEndpoint, origin},
};

/// A transport that learns from each reply what the server's clock shows.
pub(super) struct Wire {
    transport: Arc<dyn HttpTransport>,
    clock: Arc<dyn Clock>,
    skews: Skews,
}

/// The clock of a server, as far as we know it.
#[derive(Clone, Copy)]
pub(super) struct ServerClock {
    /// What it shows.
    pub(super) time: WallTime,
    /// In milliseconds, of ours.
    ahead: i64,
}

impl ServerClock {
    /// How many seconds the server's clock is ahead of ours, if that is so far from what we took
    /// it for that an assertion may have been refused for its dates alone. They lie a few seconds
    /// back, so that less is no reason.
    pub(super) fn correction(self, taken_for: Self) -> Option<i64> {
        let is_reason = (self.ahead - taken_for.ahead).abs() >= 5_000;
        is_reason.then_some(self.ahead / 1_000)
    }
}

impl Wire {
    pub(super) fn new(transport: Arc<dyn HttpTransport>, clock: Arc<dyn Clock>) -> Self {
        Self { transport, clock, skews: Skews::default() }
    }

    /// What our own clock shows.
    pub(super) fn now(&self) -> WallTime {
        self.clock.now().wall
    }

    /// What the clock of the server behind `url` shows, as far as we know.
    pub(super) fn server_clock(&self, url: &Url) -> ServerClock {
        let now = self.clock.now();
        let ahead = self.skews.ahead(&origin(url), now);
        ServerClock { time: now.wall.shifted(ahead), ahead }
    }
}

impl HttpTransport for Wire {
    fn send<'a>(
        &'a self,
        endpoint: &'a TokenEndpoint,
        request: TokenRequest,
        deadline: Duration,
    ) -> Exchange<'a> {
        Box::pin(async move {
            let server = origin(&request.url);
            let sent = self.clock.now();
            let raw = self.transport.send(endpoint, request, deadline).await?;
            self.skews.learn(&server, sent, self.clock.now(), &raw);
            Ok(raw)
        })
    }
}
