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

impl Wire {
    pub(super) fn new(transport: Arc<dyn HttpTransport>, clock: Arc<dyn Clock>) -> Self {
        Self { transport, clock, skews: Skews::default() }
    }

    /// What our own clock shows.
    pub(super) fn now(&self) -> WallTime {
        self.clock.now().wall
    }

    /// What the clock of the server behind `url` shows, as far as we know.
    pub(super) fn server_time(&self, url: &Url) -> WallTime {
        self.skews.server_time(&origin(url), self.clock.now())
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
