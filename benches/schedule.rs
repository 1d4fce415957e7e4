//! What the decisions of the schedule cost: 100,000 credentials in virtual time.
//!
//! All start without a token and are refreshed twice; a reply takes 20 ms, and the disk nothing.
//! `cargo bench --bench schedule` prints the wall time of each `step`, and of each report of how
//! one went. The figures decide nothing.

#[expect(dead_code, reason = "the simulation uses all of it, and this a part")]
#[path = "../tests/simulation/player.rs"]
mod player;

use std::{
    collections::VecDeque,
    time::{Duration, Instant},
};

use tokenward::clock::BootTime;

use self::player::{Answer, Move, Player, Settings};

const CREDENTIALS: usize = 100_000;
const LIFETIME: Duration = Duration::from_secs(3_600);
const REPLY: Duration = Duration::from_millis(20);

/// Everybody is asked once at the start, and twice after that.
const END: BootTime = BootTime::from_millis(2 * 2_700_000 + 600_000);

fn main() {
    println!("{CREDENTIALS} credentials; times in microseconds\n");
    println!(
        "{:<52}{:>10}{:>8}{:>8}{:>8}{:>10}{:>10}",
        "", "calls", "p50", "p99", "p99.9", "most", "total s"
    );
    let (usual, tiny) = (Duration::from_millis(100), Duration::from_millis(1));
    play("1,000 endpoints", 1_000, usual, 0);
    play("1,000 endpoints, 5 of 100 always fail", 1_000, usual, 5);
    play("1 endpoint", 1, tiny, 0);
    play("1 endpoint, 5 of 100 always fail", 1, tiny, 5);
}

/// The wall times of one kind of call.
#[derive(Default)]
struct Times(Vec<Duration>);

impl Times {
    fn take<T>(&mut self, call: impl FnOnce() -> T) -> T {
        let start = moment();
        let value = call();
        self.0.push(start.elapsed());
        value
    }

    fn print(&mut self, name: &str) {
        self.0.sort_unstable();
        let at = |part: usize| self.0[self.0.len() * part / 1_000].as_secs_f64() * 1e6;
        let most = self.0.last().map_or(0.0, |most| most.as_secs_f64() * 1e6);
        let total: Duration = self.0.iter().sum();
        println!(
            "{name:<52}{:>10}{:>8.2}{:>8.2}{:>8.2}{most:>10.1}{:>10.2}",
            self.0.len(),
            at(500),
            at(990),
            at(999),
            total.as_secs_f64()
        );
    }
}

fn play(name: &str, endpoints: usize, spacing: Duration, failing: usize) {
    let mut player = Player::new(64, spacing);
    let mut joins = Times::default();
    for member in 0..CREDENTIALS {
        let settings = settings(member, endpoints);
        joins.take(|| player.join(member, &settings, None, BootTime::default()));
    }
    let (mut steps, mut reports) = (Times::default(), Times::default());
    let mut replies: VecDeque<(BootTime, usize)> = VecDeque::new();
    let (mut now, mut tokens) = (BootTime::default(), 0);
    while now < END {
        match steps.take(|| player.step(now)) {
            Move::Read(member) => reports.take(|| player.answer(member, Answer::Read, now, 0.5)),
            Move::Ask(member) => replies.push_back((now + REPLY, member)),
            Move::Save(member) => reports.take(|| player.saved(member, true, now, 0.5)),
            Move::Publish(member) => {
                tokens += 1;
                reports.take(|| player.published(member, true, now, 0.5));
            }
            Move::Tell(consumer) => panic!("nobody is told of anything: {consumer:?}"),
            Move::Wait(until) => {
                let until = until.unwrap_or(END);
                let Some(&(at, member)) = replies.front().filter(|(at, _)| *at <= until) else {
                    now = until;
                    continue;
                };
                replies.pop_front();
                now = at;
                let answer = answer(member, failing, now);
                reports.take(|| player.answer(member, answer, now, jitter(member)));
            }
        }
    }
    joins.print(&format!("{name}: join"));
    steps.print(&format!("{name}: step"));
    reports.print(&format!("{name}: report"));
    println!("{name}: {tokens} tokens\n");
}

fn settings(member: usize, endpoints: usize) -> Settings {
    Settings {
        endpoint: member % endpoints,
        client: u32::try_from(member).expect("few"),
        consumer: None,
        min_interval: Duration::from_secs(10),
        min_remaining: Duration::from_secs(60),
    }
}

/// `failing` of a hundred at each endpoint always fail.
fn answer(member: usize, failing: usize, now: BootTime) -> Answer {
    if member / 1_000 < failing {
        Answer::ServerError
    } else {
        Answer::Token { requested_at: now, lifetime: LIFETIME, grant: None }
    }
}

/// Spread evenly, and the same in each run.
fn jitter(member: usize) -> f64 {
    f64::from(u32::try_from(member * 7_919 % 1_000).unwrap_or(0)) / 1_000.0
}

#[expect(clippy::disallowed_methods, reason = "`clock` counts milliseconds; this needs finer ones")]
fn moment() -> Instant {
    Instant::now()
}
