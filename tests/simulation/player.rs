//! The one file that knows the schedule's words: the worlds and the laws have words of their own.

use std::{sync::Arc, time::Duration};

use tokenward::{
    clock::BootTime,
    credential::{
        Client, ClientAuthentication, CommandLine, Notification, RefreshPolicy, TokenEndpoint,
        ValueSource,
    },
    error::{Evidence, Fault, Pause, PauseScope},
    schedule::{
        Held, Id, Limits, Outcome, Refusal, Resume, Schedule, Spec, Step, TargetId, refresh_moment,
    },
    secret::Secret,
};

/// What the schedule wants.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Move {
    /// The local values of a credential are to be read.
    Read(usize),
    /// A token is to be asked for.
    Ask(usize),
    /// The token in hand is to be made durable.
    Save(usize),
    /// The token is to be written to its outputs.
    Publish(usize),
    /// A consumer is to be told.
    Tell(Consumer),
    /// Nothing, until then.
    Wait(Option<BootTime>),
}

/// A consumer, in the schedule's words.
pub type Consumer = TargetId;

/// How a request, or reading what it needs, has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// The local values are read.
    Read,
    /// They cannot be read, and nothing was sent.
    Unreadable,
    /// A token.
    Token {
        /// When the request was sent.
        requested_at: BootTime,
        /// Counted from then.
        lifetime: Duration,
        /// How long the refresh token lives, if the reply said so.
        grant: Option<Duration>,
    },
    /// 500 or 503.
    ServerError,
    /// `200 {}`.
    EmptyReply,
    /// No answer in time.
    Unanswered,
    /// `invalid_client` or `invalid_grant`: asking again changes nothing.
    Refused,
    /// `invalid_grant`, and words that say when to try again.
    Locked(Duration),
    /// 429 or 503 with `Retry-After`.
    Throttled {
        /// How long.
        span: Duration,
        /// Whether the reply says that everybody is meant.
        for_all: bool,
    },
}

/// A credential's configuration, in plain values.
pub struct Settings {
    /// Its endpoint's number.
    pub endpoint: usize,
    /// Its client's number.
    pub client: u32,
    /// The number of the consumer that is told.
    pub consumer: Option<u32>,
    /// The least time between two requests.
    pub min_interval: Duration,
    /// What the token has left, at least, when it is refreshed.
    pub min_remaining: Duration,
}

/// A token that the state directory holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Token {
    /// When it was asked for.
    pub requested_at: BootTime,
    /// Counted from then.
    pub lifetime: Duration,
}

/// The real schedule, and what the state directory would hold for it.
pub struct Player {
    limits: Limits,
    schedule: Schedule,
    seats: Vec<Option<Seat>>,
    /// Who has which of the schedule's numbers.
    members: Vec<usize>,
}

struct Seat {
    id: Id,
    spec: Spec,
    durable: Resume,
}

impl Player {
    /// A schedule without credentials.
    pub fn new(concurrent_requests: usize, endpoint_spacing: Duration) -> Self {
        let limits = Limits { concurrent_requests, endpoint_spacing };
        Self { limits, schedule: Schedule::new(limits), seats: Vec::new(), members: Vec::new() }
    }

    /// A credential joins; `token` is what the state directory holds for it.
    pub fn join(
        &mut self,
        member: usize,
        settings: &Settings,
        token: Option<Token>,
        now: BootTime,
    ) {
        let spec = spec(settings);
        let held = token.map(|token| held(&spec.refresh, token));
        let durable = Resume { held, ..Resume::default() };
        let id = self.schedule.add(&spec, &durable, now);
        self.know(id, member);
        self.seats.resize_with(self.seats.len().max(member + 1), || None);
        self.seats[member] = Some(Seat { id, spec, durable });
    }

    /// A credential leaves.
    pub fn leave(&mut self, member: usize, now: BootTime) {
        if let Some(seat) = self.seats[member].take() {
            self.schedule.remove(seat.id, now);
        }
    }

    /// The daemon ends and is started again: what was under way is lost.
    pub fn restart(&mut self, now: BootTime) {
        self.schedule = Schedule::new(self.limits);
        self.members.clear();
        for member in 0..self.seats.len() {
            let Some(mut seat) = self.seats[member].take() else { continue };
            let is_good = |held: &Held| held.expires() > now;
            if let Some(past) = seat.durable.held.take_if(|held| !is_good(held)) {
                seat.durable.past = Some(past);
            }
            seat.id = self.schedule.add(&seat.spec, &seat.durable, now);
            self.know(seat.id, member);
            self.seats[member] = Some(seat);
        }
    }

    /// What to do now.
    pub fn step(&mut self, now: BootTime) -> Move {
        match self.schedule.step(now) {
            Step::Prepare(id) => Move::Read(self.members[id.0 as usize]),
            Step::Acquire(id) => {
                let member = self.members[id.0 as usize];
                if let Some(seat) = &mut self.seats[member] {
                    seat.durable.last_request = Some(now);
                }
                Move::Ask(member)
            }
            Step::Save(id) => Move::Save(self.members[id.0 as usize]),
            Step::Publish(id) => Move::Publish(self.members[id.0 as usize]),
            Step::Notify(target, _, ids) => {
                assert!(!ids.is_empty(), "nobody to tell of");
                Move::Tell(target)
            }
            Step::Wait(until) => Move::Wait(until),
            Step::Adopt(id) => panic!("nobody has logged in for {id:?}"),
            Step::Probe(id, _) => panic!("no calendar has called for {id:?}"),
        }
    }

    /// A request, or reading what it needs, has ended.
    pub fn answer(&mut self, member: usize, answer: Answer, now: BootTime, draw: f64) {
        let outcome = outcome(answer);
        if let Some(seat) = &mut self.seats[member] {
            let pause = match outcome {
                Outcome::Refused(refusal) => refusal.pause,
                Outcome::Prepared => {
                    seat.durable.pause.map(|(scope, until)| Pause { span: until.since(now), scope })
                }
                _ => None,
            };
            seat.durable.pause = pause.map(|pause| (pause.scope, now + pause.span));
        }
        self.record(member, outcome, now, draw);
    }

    /// A save has ended.
    pub fn saved(&mut self, member: usize, done: bool, now: BootTime, draw: f64) {
        let outcome = if done { Outcome::Saved } else { Outcome::NotSaved };
        if let Some(seat) = self.seats[member].as_mut().filter(|_| done) {
            seat.durable.held = self.schedule.view(seat.id, now).held;
        }
        self.record(member, outcome, now, draw);
    }

    /// A publication has ended. Consumers are told of each.
    pub fn published(&mut self, member: usize, done: bool, now: BootTime, draw: f64) {
        let done = if done {
            Outcome::Published { changed: true }
        } else {
            Outcome::NotPublished { changed: false }
        };
        self.record(member, done, now, draw);
    }

    /// Telling a consumer has ended.
    pub fn told(&mut self, consumer: Consumer, told: bool, now: BootTime, draw: f64) {
        self.schedule.record_notification(consumer, told, now, draw);
    }

    /// A member that has left is found by its number.
    fn record(&mut self, member: usize, outcome: Outcome, now: BootTime, draw: f64) {
        let left = || self.members.iter().rposition(|known| *known == member);
        let seat = self.seats[member].as_ref().map(|seat| seat.id.0 as usize);
        let Some(index) = seat.or_else(left) else { return };
        self.schedule.record(Id(u32::try_from(index).expect("few")), outcome, now, draw);
    }

    fn know(&mut self, id: Id, member: usize) {
        let index = id.0 as usize;
        self.members.resize(self.members.len().max(index + 1), usize::MAX);
        self.members[index] = member;
    }
}

/// What an answer is in the schedule's words.
fn outcome(answer: Answer) -> Outcome {
    use Evidence::{Failing, Unknown, Working};
    let refused = |fault, evidence, pause| Outcome::Refused(Refusal { fault, evidence, pause });
    let pause = |span, scope| Some(Pause { span, scope });
    match answer {
        Answer::Read => Outcome::Prepared,
        Answer::Unreadable => refused(Fault::Local, Unknown, None),
        Answer::Token { requested_at, lifetime, grant } => {
            Outcome::Acquired { requested_at, lifetime, grant }
        }
        Answer::ServerError | Answer::EmptyReply | Answer::Unanswered => {
            refused(Fault::Transient, Failing, None)
        }
        Answer::Refused => refused(Fault::Permanent, Working, None),
        Answer::Locked(span) => {
            refused(Fault::Transient, Working, pause(span, PauseScope::Credential))
        }
        Answer::Throttled { span, for_all } => {
            let scope = if for_all { PauseScope::Endpoint } else { PauseScope::Client };
            refused(Fault::Transient, Unknown, pause(span, scope))
        }
    }
}

fn held(policy: &RefreshPolicy, token: Token) -> Held {
    let Token { requested_at, lifetime } = token;
    let due = refresh_moment(policy, requested_at, lifetime, None, 0.5);
    Held { requested_at, lifetime, grant: None, due }
}

fn spec(settings: &Settings) -> Spec {
    let url = format!("https://id{}.example/token", settings.endpoint);
    Spec {
        refresh: Arc::new(RefreshPolicy {
            at: 0.75,
            jitter: 0.05,
            min_remaining: settings.min_remaining,
            min_interval: settings.min_interval,
            assume_lifetime: Duration::from_secs(3_600),
            keep_alive: None,
            exclusive: false,
            calendar: None,
        }),
        endpoint: Arc::new(TokenEndpoint {
            url: url::Url::parse(&url).expect("a URL"),
            discover: false,
            ca_file: None,
            certificate: None,
            allow_insecure: false,
        }),
        client: Arc::new(Client {
            id: Some(ValueSource::Literal(Secret::from(settings.client.to_string()))),
            secrets: [].into(),
            authentication: ClientAuthentication::None,
        }),
        notifications: settings.consumer.map(told).into_iter().collect(),
    }
}

fn told(consumer: u32) -> Arc<Notification> {
    let argv = CommandLine([format!("restart-{consumer}").into()].into());
    Arc::new(Notification::Command { argv, timeout: Duration::from_secs(30) })
}
