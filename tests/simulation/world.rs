//! What a world is: who asks where, how each of them fares, and what befalls the endpoints.

use std::time::Duration;

use tokenward::clock::BootTime;

/// When every world begins: late enough that a token of 30 days can be older than that.
pub const START: BootTime = BootTime::from_millis(4_000_000_000);

/// The most requests that may be under way, as the daemon's default has it.
pub const CONCURRENT: usize = 64;

/// The least time between two requests to one endpoint, as the daemon's default has it.
pub const SPACING: Duration = Duration::from_millis(100);

/// A world, decided beforehand.
#[derive(Clone)]
pub struct World {
    /// What it was drawn from; it also draws latencies and jitter.
    pub seed: u64,
    /// When it ends.
    pub end: BootTime,
    /// Where tokens are asked for.
    pub endpoints: Vec<Endpoint>,
    /// Who asks.
    pub members: Vec<Member>,
    /// When the daemon is started again.
    pub restarts: Vec<BootTime>,
    /// When nothing can be written.
    pub full_disks: Vec<Span>,
}

/// A token endpoint.
#[derive(Clone, Default)]
pub struct Endpoint {
    /// When nobody gets a token there: sorted, without overlap.
    pub outages: Vec<Outage>,
}

/// From and until when.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Span {
    /// The first moment.
    pub from: BootTime,
    /// The first moment after it.
    pub until: BootTime,
}

/// A time at which an endpoint is of use to nobody.
#[derive(Clone, Copy)]
pub struct Outage {
    /// When a request that is sent gets no token.
    pub span: Span,
    /// What it gets.
    pub kind: Trouble,
}

/// What everybody gets in an outage.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Trouble {
    /// 503 after so long.
    Fails(Duration),
    /// Nothing, until the request is given up after so long.
    Hangs(Duration),
    /// 503 with a `Retry-After` that is meant for all.
    Pauses(Duration),
}

/// One credential.
#[derive(Clone)]
pub struct Member {
    /// Its endpoint's number.
    pub endpoint: usize,
    /// Whose requests a rate limit counts together.
    pub client: u32,
    /// Of the tokens that it gets.
    pub lifetime: Duration,
    /// The least time between two of its requests.
    pub min_interval: Duration,
    /// What its token has left, at least, when it is refreshed.
    pub min_remaining: Duration,
    /// How its requests end while the endpoint works.
    pub conduct: Conduct,
    /// How old the token is that it brings along.
    pub age: Option<Duration>,
    /// When it joins.
    pub joins: BootTime,
    /// When it leaves.
    pub leaves: Option<BootTime>,
    /// The number of the consumer that is told.
    pub consumer: Option<u32>,
}

/// How the requests of a credential end while its endpoint works.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Conduct {
    /// With a token, within 300 ms.
    Healthy,
    /// With a token, after so long.
    Slow(Duration),
    /// With a token and a refresh token that lives for so long: after that, never again.
    Grant(Duration),
    /// `invalid_client` until this moment, and then with a token.
    KnownFrom(BootTime),
    /// Always with 500.
    ServerError,
    /// Always with `200 {}`.
    EmptyReply,
    /// Always with `invalid_client`.
    Revoked,
    /// They hang, and are given up after so long.
    Hanging(Duration),
    /// Nothing is sent: a local value cannot be read, which is known after so long.
    Unreadable(Duration),
    /// Every time with 429 and this `Retry-After`, which is meant for the client.
    Throttled(Duration),
    /// Every time with 400 and `try again in ...`, which is meant for the credential.
    Locked(Duration),
}

impl Span {
    /// A span by its beginning, in seconds of the world, and its length.
    pub fn new(from: u64, length: Duration) -> Self {
        let from = at(from);
        Self { from, until: from + length }
    }

    /// Whether it holds the moment.
    pub fn contains(self, moment: BootTime) -> bool {
        self.from <= moment && moment < self.until
    }

    /// Whether it has a moment in common with `[from, until]`.
    pub fn touches(self, from: BootTime, until: BootTime) -> bool {
        self.from <= until && self.until >= from
    }

    /// How long it is.
    pub fn length(self) -> Duration {
        self.until.since(self.from)
    }
}

impl Member {
    /// A healthy one from the beginning, with the policy that suits its lifetime.
    pub fn new(endpoint: usize, client: u32, lifetime: Duration) -> Self {
        let interval = match lifetime.as_secs() {
            0..60 => 1,
            60..600 => 5,
            _ => 10,
        };
        Self {
            endpoint,
            client,
            lifetime,
            min_interval: Duration::from_secs(interval),
            min_remaining: Duration::from_secs(60).min(lifetime / 4),
            conduct: Conduct::Healthy,
            age: None,
            joins: START,
            leaves: None,
            consumer: None,
        }
    }

    /// When its token is refreshed at the latest, counted from the request for it.
    pub fn refreshed_after(&self) -> Duration {
        let by_fraction = self.lifetime.mul_f64(0.75);
        let by_remaining = self.lifetime.saturating_sub(self.min_remaining).max(self.lifetime / 2);
        let by_grant = match self.conduct {
            Conduct::Grant(life) => life.mul_f64(0.75),
            _ => Duration::MAX,
        };
        by_fraction.min(by_remaining).min(by_grant).max(self.min_interval)
    }
}

impl Conduct {
    /// Whether its own requests would all succeed.
    pub fn is_healthy(self) -> bool {
        matches!(self, Self::Healthy | Self::Slow(_) | Self::Grant(_))
    }

    /// Whether its failures look like those of the endpoint.
    pub fn looks_like_an_outage(self) -> bool {
        matches!(self, Self::ServerError | Self::EmptyReply | Self::Hanging(_))
    }
}

impl Endpoint {
    /// The outage of this moment.
    pub fn outage(&self, now: BootTime) -> Option<&Outage> {
        let begun = self.outages.partition_point(|outage| outage.span.from <= now);
        self.outages[..begun].last().filter(|outage| outage.span.contains(now))
    }
}

/// So many seconds after the beginning.
pub fn at(seconds: u64) -> BootTime {
    START + Duration::from_secs(seconds)
}
