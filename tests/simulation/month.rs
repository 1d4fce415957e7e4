//! Thirty virtual days of 200 credentials at 8 endpoints with outages, rate limits, broken
//! credentials and full disks. The schedule is the real one; providers and disks are played.

use std::{
    collections::BTreeMap,
    hash::{DefaultHasher, Hash, Hasher},
    time::Duration,
};

use tokenward::clock::BootTime;

use crate::{
    player::{Answer, Consumer as Target, Move, Player, Settings},
    random::Random,
};

const CREDENTIALS: u32 = 200;
const ENDPOINTS: u32 = 8;
const MIN_INTERVAL: Duration = Duration::from_secs(10);
const DISK: Duration = Duration::from_millis(3);
const CONCURRENT: usize = 16;
const SPACING: Duration = Duration::from_millis(100);

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
    Answered(usize, Answer),
    Saved(usize, bool),
    Published(usize, bool),
    Told(Target, bool),
}

struct World {
    random: Random,
    end: BootTime,
    player: Player,
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
        let mut random = Random::new(seed);
        let end = BootTime::from_millis(days * 86_400_000);
        let providers = (0..ENDPOINTS).map(|_| Provider::new(&mut random, end)).collect();
        let mut world = Self {
            player: Player::new(CONCURRENT, SPACING),
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
        let endpoint = (index % ENDPOINTS) as usize;
        let lifetimes = [300, 900, 3_600, 7_200, 86_400];
        let lifetime = lifetimes[(index / ENDPOINTS) as usize % lifetimes.len()];
        let settings = Settings {
            endpoint,
            client: index,
            consumer: Some(index % 10),
            min_interval: MIN_INTERVAL,
            min_remaining: Duration::from_secs(60),
        };
        self.player.join(index as usize, &settings, None, BootTime::default());
        self.consumers.push(Consumer {
            endpoint,
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
            let step = self.player.step(now);
            (now, &step).hash(&mut self.trace);
            match step {
                Move::Read(index) => self.later(now, Event::Answered(index, Answer::Read)),
                Move::Ask(index) => self.ask(index, now),
                Move::Save(index) => {
                    let done = self.is_written();
                    self.later(now + DISK, Event::Saved(index, done));
                }
                Move::Publish(index) => {
                    let done = self.is_written();
                    self.later(now + DISK, Event::Published(index, done));
                }
                Move::Tell(target) => {
                    let told = self.random.below(10) > 0;
                    self.later(now + Duration::from_millis(200), Event::Told(target, told));
                }
                Move::Wait(until) => now = self.pass_until(until, now),
            }
        }
        self.report.trace = self.trace.finish();
        self.report
    }

    fn ask(&mut self, index: usize, now: BootTime) {
        self.report.requests += 1;
        self.in_flight += 1;
        assert!(self.in_flight <= CONCURRENT, "too many requests at once");
        let consumer = &mut self.consumers[index];
        if let Some(last) = consumer.last_request.replace(now) {
            assert!(
                now.since(last) >= MIN_INTERVAL,
                "{index} asked again after {:?}",
                now.since(last)
            );
        }
        let provider = &mut self.providers[consumer.endpoint];
        assert!(now >= provider.paused_until, "{index} asked during a pause");
        if let Some(last) = provider.last_start.replace(now) {
            assert!(now.since(last) >= SPACING, "an endpoint was rushed");
        }
        let busy = self.random.below(500) == 0;
        let answer = if provider.is_down(now) {
            Answer::ServerError
        } else if consumer.broken {
            Answer::Refused
        } else if busy {
            let pause = Duration::from_secs(30 + self.random.below(90));
            provider.paused_until = provider.paused_until.max(now + pause);
            Answer::Throttled { span: pause, for_all: true }
        } else {
            Answer::Token { requested_at: now, lifetime: consumer.lifetime, grant: None }
        };
        // A refusal with a pause comes at once: requests already under way would break the
        // assertion above, though no schedule could know better.
        let latency = if busy { 0 } else { 20 + self.random.below(3_000) };
        self.later(now + Duration::from_millis(latency), Event::Answered(index, answer));
    }

    /// Whether the disk takes what is written.
    fn is_written(&mut self) -> bool {
        self.random.below(50) > 0
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
                self.player.told(target, told, at, draw);
            }
            Event::Answered(index, answer) => {
                self.learn(index, answer);
                self.player.answer(index, answer, at, draw);
            }
            Event::Saved(index, done) => self.player.saved(index, done, at, draw),
            Event::Published(index, done) => {
                if done {
                    self.publish(index, at);
                }
                self.player.published(index, done, at, draw);
            }
        }
        at
    }

    fn learn(&mut self, index: usize, answer: Answer) {
        self.in_flight -= usize::from(answer != Answer::Read);
        if let Answer::Token { requested_at, lifetime, .. } = answer {
            self.report.tokens += 1;
            self.consumers[index].in_hand = Some(requested_at + lifetime);
        }
    }

    fn publish(&mut self, index: usize, now: BootTime) {
        let consumer = &mut self.consumers[index];
        let expires = consumer.in_hand.expect("published without a token");
        if let Some(old) = consumer.expires.replace(expires) {
            self.check_freshness(index, old, now);
        }
    }

    /// An expired token is excused only by an endpoint that was in trouble shortly before, or
    /// by a disk that refused it.
    fn check_freshness(&mut self, index: usize, expired: BootTime, now: BootTime) {
        let late = now.since(expired);
        if late.is_zero() {
            return;
        }
        let consumer = &self.consumers[index];
        let grace = (consumer.lifetime / 4).min(Duration::from_secs(300));
        assert!(
            self.providers[consumer.endpoint].troubled_since(expired - grace, now),
            "the token of {index} expired {late:?} ago though its endpoint answered"
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
