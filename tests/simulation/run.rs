//! Plays a world: the schedule is the real one, and everything else is played.

use std::{
    collections::BTreeMap,
    hash::{DefaultHasher, Hash, Hasher},
    time::Duration,
};

use tokenward::clock::BootTime;

use crate::{
    law::{Breach, Judge},
    player::{Answer, Move, Player, Settings, Token},
    provider,
    random::Random,
    world::{CONCURRENT, Conduct, Member, SPACING, START, World},
};

/// How long a save or a publication takes.
const DISK: Duration = Duration::from_millis(3);

/// Steps at one moment after which the schedule spins.
const SPINS: u32 = 100_000;

/// What has come of a world.
pub struct Report {
    /// A digest of every step and its moment.
    pub trace: u64,
    /// Requests that were sent, by member: when.
    pub asked: Vec<Vec<BootTime>>,
    /// Tokens that were published, by member: when.
    pub published: Vec<Vec<BootTime>>,
    /// Every law that was broken.
    pub breaches: Vec<Breach>,
}

enum Event {
    Join(usize),
    Leave(usize),
    Restart,
    Answered(usize, Answer),
    Saved(usize, bool),
    Published(usize, bool),
}

/// A world being played.
pub struct Run<'a> {
    world: &'a World,
    random: Random,
    player: Player,
    judge: Judge<'a>,
    events: BTreeMap<(BootTime, u64), Event>,
    serial: u64,
    held: Vec<Held>,
    trace: DefaultHasher,
    report: Report,
}

/// What a member has on this machine, and the end of its refresh token.
#[derive(Clone, Copy, Default)]
struct Held {
    in_hand: Option<Token>,
    saved: Option<Token>,
    grant_ends: Option<BootTime>,
}

impl<'a> Run<'a> {
    /// Plays the world to its end.
    pub fn play(world: &'a World) -> Report {
        let mut run = Self::new(world);
        let (mut now, mut spins) = (START, 0);
        while now < world.end {
            let step = run.player.step(now);
            (now, &step).hash(&mut run.trace);
            let before = now;
            match step {
                Move::Read(member) => run.read(member, now),
                Move::Ask(member) => run.ask(member, now),
                Move::Save(member) => {
                    let done = !run.is_full(now);
                    run.later(now + DISK, Event::Saved(member, done));
                }
                Move::Publish(member) => {
                    let done = !run.is_full(now);
                    run.later(now + DISK, Event::Published(member, done));
                }
                Move::Tell(consumer) => panic!("nobody is told of anything: {consumer:?}"),
                Move::Wait(until) => now = run.pass_until(until, now),
            }
            spins = if now > before { 0 } else { spins + 1 };
            assert!(spins < SPINS, "seed {}: the schedule spins at {now:?}", world.seed);
        }
        run.finish()
    }

    fn new(world: &'a World) -> Self {
        let count = world.members.len();
        let mut run = Self {
            world,
            random: Random::new(world.seed ^ 0x5eed),
            player: Player::new(CONCURRENT, SPACING),
            judge: Judge::new(world),
            events: BTreeMap::new(),
            serial: 0,
            held: vec![Held::default(); count],
            trace: DefaultHasher::new(),
            report: Report {
                trace: 0,
                asked: vec![Vec::new(); count],
                published: vec![Vec::new(); count],
                breaches: Vec::new(),
            },
        };
        for (index, member) in world.members.iter().enumerate() {
            run.later(member.joins, Event::Join(index));
            member.leaves.into_iter().for_each(|moment| run.later(moment, Event::Leave(index)));
        }
        world.restarts.iter().for_each(|moment| run.later(*moment, Event::Restart));
        while run.happen(START) {}
        run
    }

    fn finish(mut self) -> Report {
        self.judge.finish(self.world.end);
        self.report.breaches = self.judge.breaches;
        self.report.trace = self.trace.finish();
        self.report
    }

    fn is_full(&self, now: BootTime) -> bool {
        self.world.full_disks.iter().any(|span| span.contains(now))
    }

    fn later(&mut self, at: BootTime, event: Event) {
        self.serial += 1;
        self.events.insert((at, self.serial), event);
    }

    fn read(&mut self, index: usize, now: BootTime) {
        self.judge.tried(index, now);
        let (answer, after) = match self.world.members[index].conduct {
            Conduct::Unreadable(after) => (Answer::Unreadable, after),
            _ => (Answer::Read, Duration::from_millis(1)),
        };
        self.later(now + after, Event::Answered(index, answer));
    }

    /// Nothing is sent for who cannot read its values, whenever that is noticed.
    fn ask(&mut self, index: usize, now: BootTime) {
        let member = &self.world.members[index];
        self.judge.tried(index, now);
        if !matches!(member.conduct, Conduct::Unreadable(_)) {
            self.judge.asked(index, now);
            self.report.asked[index].push(now);
        }
        let endpoint = &self.world.endpoints[member.endpoint];
        let grant_ends = self.held[index].grant_ends;
        let (answer, after) = provider::reply(endpoint, member, grant_ends, &mut self.random, now);
        if let Answer::Token { grant: Some(life), .. } = answer {
            self.held[index].grant_ends = Some(now + life);
        }
        self.later(now + after, Event::Answered(index, answer));
    }

    /// Time goes on to `until`, or to what happens before.
    fn pass_until(&mut self, until: Option<BootTime>, now: BootTime) -> BootTime {
        assert!(until.is_none_or(|until| until > now), "a wait that does not wait");
        let until = until.unwrap_or(self.world.end).min(self.world.end);
        match self.events.first_key_value() {
            Some((&(at, _), _)) if at <= until => {
                self.happen(at);
                at.max(now)
            }
            _ => until,
        }
    }

    /// The next thing that happens until `now`; whether there was one.
    fn happen(&mut self, now: BootTime) -> bool {
        let Some(entry) = self.events.first_entry().filter(|entry| entry.key().0 <= now) else {
            return false;
        };
        let draw = self.random.draw();
        match entry.remove() {
            Event::Join(index) => self.join(index, now),
            Event::Leave(index) => {
                self.player.leave(index, now);
                self.judge.left(index, now);
            }
            Event::Restart => self.restart(now),
            Event::Answered(index, answer) => {
                if let Answer::Token { requested_at, lifetime, .. } = answer {
                    self.held[index].in_hand = Some(Token { requested_at, lifetime });
                }
                self.judge.answered(index, answer, now);
                self.player.answer(index, answer, now, draw);
            }
            Event::Saved(index, done) => {
                if done {
                    self.held[index].saved = self.held[index].in_hand;
                }
                self.player.saved(index, done, now, draw);
            }
            Event::Published(index, done) => {
                let token = self.held[index].in_hand.filter(|_| done);
                if let Some(token) = token {
                    self.publish(index, token, now);
                }
                self.player.published(index, done, now, draw);
            }
        }
        true
    }

    fn join(&mut self, index: usize, now: BootTime) {
        let member = &self.world.members[index];
        let token = member.age.map(|age| Token {
            requested_at: BootTime::from_millis(
                now.millis() - u64::try_from(age.as_millis()).expect("an age"),
            ),
            lifetime: member.lifetime,
        });
        self.held[index].in_hand = token;
        self.held[index].saved = token;
        self.judge.joined(index, token, now);
        self.player.join(index, &settings(member), token, now);
    }

    fn publish(&mut self, index: usize, token: Token, now: BootTime) {
        self.judge.published(index, token, now);
        self.report.published[index].push(now);
    }

    fn restart(&mut self, now: BootTime) {
        self.events
            .retain(|_, event| matches!(event, Event::Join(_) | Event::Leave(_) | Event::Restart));
        self.held.iter_mut().for_each(|held| held.in_hand = held.saved);
        self.judge.restarted(now);
        self.player.restart(now);
    }
}

fn settings(member: &Member) -> Settings {
    Settings {
        endpoint: member.endpoint,
        client: member.client,
        consumer: member.consumer,
        min_interval: member.min_interval,
        min_remaining: member.min_remaining,
    }
}
