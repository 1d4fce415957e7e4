//! Thirty virtual days of 200 credentials at 8 endpoints with outages, rate limits, broken
//! credentials and full disks. The schedule is the real one; providers and disks are played.

use std::{
    collections::BTreeMap,
    hash::{DefaultHasher, Hash, Hasher},
    sync::Arc,
    time::Duration,
};

use tokenward::{
    clock::BootTime,
    credential::{CommandLine, Notification, RefreshPolicy, TokenEndpoint},
    error::Fault,
    schedule::{Id, Limits, Outcome, Resume, Schedule, Spec, Step, TargetId},
};

const CREDENTIALS: u32 = 200;
const ENDPOINTS: u32 = 8;
const MIN_INTERVAL: Duration = Duration::from_secs(10);
const LIMITS: Limits =
    Limits { concurrent_requests: 16, endpoint_spacing: Duration::from_millis(100) };

/// Small, fast and the same everywhere: `SplitMix64`.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, bound: u64) -> u64 {
        self.next() % bound
    }

    fn draw(&mut self) -> f64 {
        f64::from(u32::try_from(self.next() >> 32).unwrap_or(0)) / f64::from(u32::MAX)
    }
}

/// What one provider does, decided beforehand.
struct Provider {
    /// From and until when it answers nothing but 503.
    outages: Vec<(BootTime, BootTime)>,
    paused_until: BootTime,
    last_start: Option<BootTime>,
}

impl Provider {
    fn new(random: &mut Random, end: BootTime) -> Self {
        let mut outages = Vec::new();
        let mut at = BootTime::default();
        loop {
            at = at + Duration::from_secs(3_600 + random.below(400_000));
            let until = at + Duration::from_secs(60 + random.below(6 * 3_600));
            if at > end {
                return Self { outages, paused_until: BootTime::default(), last_start: None };
            }
            outages.push((at, until));
            at = until;
        }
    }

    fn is_down(&self, at: BootTime) -> bool {
        let begun = self.outages.partition_point(|&(from, _)| from <= at);
        begun > 0 && at < self.outages[begun - 1].1
    }

    /// Whether it was down, or wanted to be left alone, at any moment since `since`.
    fn troubled_since(&self, since: BootTime, now: BootTime) -> bool {
        let begun = self.outages.partition_point(|&(from, _)| from <= now);
        self.paused_until > since || (begun > 0 && self.outages[begun - 1].1 >= since)
    }
}

/// One credential as the world sees it.
struct Consumer {
    endpoint: usize,
    lifetime: Duration,
    broken: bool,
    last_request: Option<BootTime>,
    expires: Option<BootTime>,
    in_hand: Option<BootTime>,
}

#[derive(Debug, Default, PartialEq, Eq)]
struct Report {
    trace: u64,
    requests: u64,
    tokens: u64,
    notifications: u64,
    expired_in_outages: u64,
    worst_delay: Duration,
}

enum Event {
    Ended(Id, Outcome),
    Told(TargetId, bool),
}

struct World {
    random: Random,
    end: BootTime,
    schedule: Schedule,
    providers: Vec<Provider>,
    consumers: Vec<Consumer>,
    events: BTreeMap<(BootTime, u64), Event>,
    serial: u64,
    in_flight: usize,
    report: Report,
    trace: DefaultHasher,
}

impl World {
    fn new(seed: u64, days: u64) -> Self {
        let mut random = Random(seed);
        let end = BootTime::from_millis(days * 86_400_000);
        let providers = (0..ENDPOINTS).map(|_| Provider::new(&mut random, end)).collect();
        let mut world = Self {
            schedule: Schedule::new(LIMITS),
            providers,
            consumers: Vec::new(),
            events: BTreeMap::new(),
            serial: 0,
            in_flight: 0,
            report: Report::default(),
            trace: DefaultHasher::new(),
            random,
            end,
        };
        for index in 0..CREDENTIALS {
            world.add(index);
        }
        world
    }

    fn add(&mut self, index: u32) {
        let host = index % ENDPOINTS;
        let url = url::Url::parse(&format!("https://id{host}.example/token")).expect("a URL");
        let lifetimes = [300, 900, 3_600, 7_200, 86_400];
        let lifetime = lifetimes[(index / ENDPOINTS) as usize % lifetimes.len()];
        let refresh = RefreshPolicy {
            at: 0.75,
            jitter: 0.05,
            min_remaining: Duration::from_secs(60),
            min_interval: MIN_INTERVAL,
            assume_lifetime: Duration::from_secs(3_600),
            keep_alive: None,
            exclusive: false,
            calendar: None,
        };
        let argv = CommandLine([format!("restart-{}", index % 10).into()].into());
        let command = Notification::Command { argv, timeout: Duration::from_secs(30) };
        let spec = Spec {
            refresh: Arc::new(refresh),
            endpoint: Arc::new(TokenEndpoint {
                url,
                discover: false,
                ca_file: None,
                certificate: None,
                allow_insecure: false,
            }),
            notifications: [Arc::new(command)].into(),
        };
        let id = self.schedule.add(&spec, &Resume::default(), BootTime::default());
        assert_eq!(id, Id(index));
        self.consumers.push(Consumer {
            endpoint: host as usize,
            lifetime: Duration::from_secs(lifetime),
            broken: index % 40 == 7,
            last_request: None,
            expires: None,
            in_hand: None,
        });
    }

    fn run(mut self) -> Report {
        let mut now = BootTime::default();
        while now < self.end {
            let step = self.schedule.step(now);
            (now, &step).hash(&mut self.trace);
            match step {
                Step::Acquire(id) => self.acquire(id, now),
                Step::Save(id) => self.local(id, Outcome::Saved, Outcome::NotSaved, now),
                Step::Adopt(id) => panic!("nobody has logged in for {id:?}"),
                Step::Publish(id) => {
                    let done = Outcome::Published { changed: true };
                    self.local(id, done, Outcome::NotPublished { changed: false }, now);
                }
                Step::Notify(target, _, ids) => {
                    assert!(!ids.is_empty(), "nobody to tell of");
                    let told = self.random.below(10) > 0;
                    self.later(now + Duration::from_millis(200), Event::Told(target, told));
                }
                Step::Probe(id, _) => panic!("no calendar has called for {id:?}"),
                Step::Wait(until) => now = self.pass_until(until, now),
            }
        }
        self.report.trace = self.trace.finish();
        self.report
    }

    fn acquire(&mut self, id: Id, now: BootTime) {
        self.report.requests += 1;
        self.in_flight += 1;
        assert!(self.in_flight <= LIMITS.concurrent_requests, "too many requests at once");
        let consumer = &mut self.consumers[id.0 as usize];
        if let Some(last) = consumer.last_request.replace(now) {
            assert!(
                now.since(last) >= MIN_INTERVAL,
                "{id:?} asked again after {:?}",
                now.since(last)
            );
        }
        let provider = &mut self.providers[consumer.endpoint];
        assert!(now >= provider.paused_until, "{id:?} asked during a pause");
        if let Some(last) = provider.last_start.replace(now) {
            assert!(now.since(last) >= LIMITS.endpoint_spacing, "an endpoint was rushed");
        }
        let busy = self.random.below(500) == 0;
        let outcome = if provider.is_down(now) {
            Outcome::Refused { fault: Fault::Transient, retry_after: None }
        } else if consumer.broken {
            Outcome::Refused { fault: Fault::Permanent, retry_after: None }
        } else if busy {
            let pause = Duration::from_secs(30 + self.random.below(90));
            provider.paused_until = provider.paused_until.max(now + pause);
            Outcome::Refused { fault: Fault::Transient, retry_after: Some(pause) }
        } else {
            Outcome::Acquired { requested_at: now, lifetime: consumer.lifetime }
        };
        // A refusal with a pause comes at once: requests already under way would break the
        // assertion above, though no schedule could know better.
        let latency = if busy { 0 } else { 20 + self.random.below(3_000) };
        self.later(now + Duration::from_millis(latency), Event::Ended(id, outcome));
    }

    fn local(&mut self, id: Id, done: Outcome, failed: Outcome, now: BootTime) {
        let outcome = if self.random.below(50) == 0 { failed } else { done };
        self.later(now + Duration::from_millis(3), Event::Ended(id, outcome));
    }

    fn later(&mut self, at: BootTime, event: Event) {
        self.serial += 1;
        self.events.insert((at, self.serial), event);
    }

    fn pass_until(&mut self, until: Option<BootTime>, now: BootTime) -> BootTime {
        assert!(until.is_none_or(|until| until > now), "a wait that does not wait");
        let cap = now + Duration::from_secs(60);
        let next = until.map_or(cap, |until| until.min(cap));
        let Some(entry) = self.events.first_entry().filter(|entry| entry.key().0 <= next) else {
            return next;
        };
        let at = entry.key().0;
        let draw = self.random.draw();
        match entry.remove() {
            Event::Told(target, told) => {
                self.report.notifications += u64::from(told);
                self.schedule.record_notification(target, told, at, draw);
            }
            Event::Ended(id, outcome) => {
                self.learn(id, outcome, at);
                self.schedule.record(id, outcome, at, draw);
            }
        }
        at
    }

    fn learn(&mut self, id: Id, outcome: Outcome, now: BootTime) {
        let consumer = &mut self.consumers[id.0 as usize];
        match outcome {
            Outcome::Acquired { requested_at, lifetime } => {
                self.in_flight -= 1;
                self.report.tokens += 1;
                consumer.in_hand = Some(requested_at + lifetime);
            }
            Outcome::Refused { .. } => self.in_flight -= 1,
            Outcome::Published { .. } => {
                let expires = consumer.in_hand.expect("published without a token");
                if let Some(old) = consumer.expires.replace(expires) {
                    self.check_freshness(id, old, now);
                }
            }
            Outcome::Saved | Outcome::NotSaved | Outcome::NotPublished { .. } => {}
            Outcome::Kept | Outcome::Adopted(_) | Outcome::NotAdopted => {
                panic!("nobody has logged in for {id:?}: {outcome:?}")
            }
        }
    }

    /// An expired token is excused only by an endpoint that was in trouble shortly before, or
    /// by a disk that refused it.
    fn check_freshness(&mut self, id: Id, expired: BootTime, now: BootTime) {
        let late = now.since(expired);
        if late.is_zero() {
            return;
        }
        let consumer = &self.consumers[id.0 as usize];
        let grace = (consumer.lifetime / 4).min(Duration::from_secs(300));
        assert!(
            self.providers[consumer.endpoint].troubled_since(expired - grace, now),
            "the token of {id:?} expired {late:?} ago though its endpoint answered"
        );
        self.report.expired_in_outages += 1;
        self.report.worst_delay = self.report.worst_delay.max(late);
    }
}

#[test]
fn a_month_of_200_credentials_keeps_every_promise() {
    let report = World::new(1, 30).run();
    println!("{report:#?}");
    assert!(report.tokens > 100_000, "{report:?}");
    assert!(report.expired_in_outages > 0, "the outages were long enough to hurt: {report:?}");
    assert!(report.notifications > 10_000, "{report:?}");
}

#[test]
fn the_same_seed_gives_the_same_trace() {
    assert_eq!(World::new(7, 5).run(), World::new(7, 5).run());
    assert_ne!(World::new(7, 5).run().trace, World::new(8, 5).run().trace);
}
