//! The judge of the schedule: worlds in which endpoints and credentials fail in every way there
//! is, played in virtual time against the real schedule, and laws that hold in each of them.
//!
//! - `drawn`: worlds drawn from seeds 1 to 50. `SEEDS=2000 cargo test --test simulation drawn`
//!   plays more of them, and `SEED=17` plays one.
//! - `named`: what once went wrong, one world each.
//! - `month`: thirty days of 200 credentials.

mod drawn;
mod law;
mod month;
mod named;
mod player;
mod provider;
mod random;
mod run;
mod world;

use std::{collections::BTreeMap, ops::RangeInclusive, thread, time::Duration};

use self::{law::Breach, run::Run};

#[test]
fn drawn_worlds_keep_every_law() {
    let seeds = seeds();
    let middle = seeds.start().midpoint(*seeds.end());
    let halves = [*seeds.start()..=middle, middle + 1..=*seeds.end()];
    let played: Vec<Half> = thread::scope(|scope| {
        let threads = halves.map(|half| scope.spawn(|| Half::play(half)));
        threads.map(|thread| thread.join().expect("a half")).into()
    });
    let mut breaches = Vec::new();
    let (mut requests, mut tokens, mut failed) = (0, 0, 0);
    for half in played {
        requests += half.requests;
        tokens += half.tokens;
        failed += half.failed;
        breaches.extend(half.breaches);
    }
    println!("worlds {seeds:?}: {requests} requests, {tokens} tokens, {failed} worlds broke a law");
    assert!(breaches.is_empty(), "{}", summary(&breaches));
}

/// The laws ask for nothing that cannot be: where nobody fails, they hold.
#[test]
fn worlds_in_which_nobody_fails_keep_every_law() {
    for seed in 1..=50 {
        let mut world = drawn::world(seed);
        world.members.retain(|member| member.conduct.is_healthy());
        world.endpoints.iter_mut().for_each(|endpoint| endpoint.outages.clear());
        let report = Run::play(&world);
        assert!(report.breaches.is_empty(), "{}", summary(&report.breaches));
    }
}

#[test]
fn the_same_seed_gives_the_same_trace() {
    let trace = |seed| Run::play(&drawn::world(seed)).trace;
    assert_eq!(trace(7), trace(7));
    assert_ne!(trace(7), trace(8));
}

/// Some of the seeds, played one after the other.
#[derive(Default)]
struct Half {
    requests: usize,
    tokens: usize,
    failed: usize,
    breaches: Vec<Breach>,
}

impl Half {
    fn play(seeds: RangeInclusive<u64>) -> Self {
        let mut half = Self::default();
        for seed in seeds {
            let report = Run::play(&drawn::world(seed));
            half.requests += report.asked.iter().map(Vec::len).sum::<usize>();
            half.tokens += report.published.iter().map(Vec::len).sum::<usize>();
            half.failed += usize::from(!report.breaches.is_empty());
            half.breaches.extend(report.breaches);
        }
        half
    }
}

/// Which seeds the environment asks for.
fn seeds() -> RangeInclusive<u64> {
    let number = |name: &str| std::env::var(name).ok().and_then(|text| text.parse().ok());
    match number("SEED") {
        Some(seed) => seed..=seed,
        None => 1..=number("SEEDS").unwrap_or(50),
    }
}

/// How often each law was broken, the worst case of it, and the first few.
pub fn summary(breaches: &[Breach]) -> String {
    let mut laws: BTreeMap<u8, (usize, Duration)> = BTreeMap::new();
    for breach in breaches {
        let (count, worst) = laws.entry(breach.law).or_default();
        *count += 1;
        *worst = (*worst).max(breach.excess);
    }
    let mut lines = Vec::new();
    for (law, (count, worst)) in laws {
        lines.push(format!("\nlaw {law} was broken {count} times, by {worst:?} at worst:"));
        let of_it = breaches.iter().filter(|breach| breach.law == law).take(5);
        lines.extend(of_it.map(|breach| format!("\n  {breach}")));
    }
    lines.concat()
}
