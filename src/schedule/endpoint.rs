//! What credentials of one token endpoint share: its pause, its request rate, its reputation.

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use super::{Id, backoff};
use crate::{clock::BootTime, credential::TokenEndpoint};

/// How many requests one endpoint is asked at once, so that one that hangs cannot take every
/// slot from the others.
const CONCURRENT: usize = 8;

/// How many different credentials must fail, with no token between, before the endpoint itself
/// is suspected. One or two broken credentials never slow their neighbours down.
const SUSPECT_AFTER: usize = 3;

/// The budget of one endpoint, and who waits for it.
#[derive(Debug)]
pub struct Endpoint {
    /// Which one.
    pub key: Arc<TokenEndpoint>,
    /// Where it waits.
    pub seat: Seat,
    /// Credentials that are due, the earliest expiry first; no token at all counts as time zero.
    pub waiting: BTreeSet<(BootTime, Id)>,
    /// Requests under way.
    pub in_flight: usize,
    /// How many credentials use it; at zero it is forgotten.
    pub users: usize,
    paused_until: BootTime,
    last_start: Option<BootTime>,
    /// Who failed since the last token; enough of them make it suspect.
    failed: BTreeSet<Id>,
    /// Failures since it is suspected.
    strikes: u32,
}

/// Where an endpoint waits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Seat {
    /// Nowhere.
    #[default]
    Nowhere,
    /// Among those that take a request now, under the expiry of the first that waits.
    Open(BootTime),
    /// Among those that open later, under this moment.
    Opening(BootTime),
}

/// When an endpoint takes its next request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Opening {
    /// Nobody waits, or as many requests are under way as may be: not before something changes.
    Closed,
    /// At this moment, which may have passed.
    At(BootTime),
}

impl Endpoint {
    /// An endpoint that nobody has asked yet.
    pub fn new(key: Arc<TokenEndpoint>) -> Self {
        Self {
            key,
            seat: Seat::Nowhere,
            waiting: BTreeSet::new(),
            in_flight: 0,
            users: 0,
            paused_until: BootTime::default(),
            last_start: None,
            failed: BTreeSet::new(),
            strikes: 0,
        }
    }

    /// The expiry of the first of those who wait.
    pub fn first_expiry(&self) -> BootTime {
        self.waiting.first().map(|&(expiry, _)| expiry).unwrap_or_default()
    }

    /// When the first of those who wait may ask.
    pub fn opening(&self, spacing: Duration) -> Opening {
        let limit = if self.is_suspect() { 1 } else { CONCURRENT };
        if self.waiting.is_empty() || self.in_flight >= limit {
            return Opening::Closed;
        }
        let spacing = if self.is_suspect() { self.suspect_spacing().max(spacing) } else { spacing };
        let slot = self.last_start.map_or(BootTime::default(), |start| start + spacing);
        Opening::At(slot.max(self.paused_until))
    }

    /// A request is sent.
    pub fn started(&mut self, now: BootTime) {
        self.in_flight += 1;
        self.last_start = Some(now);
    }

    /// A request got a token.
    pub fn succeeded(&mut self) {
        self.failed.clear();
        self.strikes = 0;
    }

    /// A request of `id` met a fault that may be the endpoint's own.
    pub fn failed(&mut self, id: Id) {
        if !self.is_suspect() {
            self.failed.insert(id);
        }
        if self.is_suspect() {
            self.strikes = self.strikes.saturating_add(1);
        }
    }

    /// Nobody asks before `until`: the endpoint said so (RFC 9110, section 10.2.3).
    pub fn pause(&mut self, until: BootTime) {
        self.paused_until = self.paused_until.max(until);
    }

    /// Until when the endpoint asked to be left alone.
    pub fn paused_until(&self) -> BootTime {
        self.paused_until
    }

    fn is_suspect(&self) -> bool {
        self.failed.len() >= SUSPECT_AFTER
    }

    fn suspect_spacing(&self) -> Duration {
        backoff::SUSPECT.delay(self.strikes, 0.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::credential::fixture;

    fn waiting() -> Endpoint {
        let mut endpoint = Endpoint::new(Arc::new(fixture::endpoint("https://id.example/token")));
        endpoint.waiting.insert((BootTime::default(), Id(0)));
        endpoint
    }

    fn at(millis: u64) -> Opening {
        Opening::At(BootTime::from_millis(millis))
    }

    const SPACING: Duration = Duration::from_millis(100);

    #[test]
    fn requests_are_spaced() {
        let mut endpoint = waiting();
        assert_eq!(endpoint.opening(SPACING), at(0));
        endpoint.started(BootTime::from_millis(500));
        assert_eq!(endpoint.opening(SPACING), at(600));
    }

    #[test]
    fn a_pause_holds_for_everybody_and_never_shrinks() {
        let mut endpoint = waiting();
        endpoint.pause(BootTime::from_millis(9_000));
        endpoint.pause(BootTime::from_millis(2_000));
        assert_eq!(endpoint.opening(SPACING), at(9_000));
    }

    #[test]
    fn two_broken_credentials_do_not_make_the_endpoint_suspect() {
        let mut endpoint = waiting();
        (0..20).for_each(|turn| endpoint.failed(Id(turn % 2)));
        endpoint.started(BootTime::default());
        assert_eq!(endpoint.opening(SPACING), at(100));
    }

    #[test]
    fn three_of_them_do_more_so_each_time_and_one_success_clears_it() {
        let mut endpoint = waiting();
        (0..3).for_each(|id| endpoint.failed(Id(id)));
        endpoint.started(BootTime::default());
        assert_eq!(endpoint.opening(SPACING), Opening::Closed, "one request at a time");
        endpoint.in_flight = 0;
        assert_eq!(endpoint.opening(SPACING), at(1_000));
        endpoint.failed(Id(0));
        assert_eq!(endpoint.opening(SPACING), at(2_000));
        endpoint.succeeded();
        assert_eq!(endpoint.opening(SPACING), at(100));
    }
}
