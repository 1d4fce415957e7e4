//! Draws a world from a seed.

use std::time::Duration;

use tokenward::clock::BootTime;

use crate::{
    random::Random,
    world::{Conduct, Endpoint, Member, Outage, SPACING, START, Span, Trouble, World},
};

/// About how many requests a world may come to, so that it is played in little time.
const REQUESTS: f64 = 10_000.0;

/// Healthy credentials fill no more than this part of what an endpoint takes: 60 percent of the
/// share that those which fail leave to them.
const FEASIBLE: f64 = 0.6 * 0.75;

/// Endpoints at which requests may hang. Together they have fewer slots than there are in all: who
/// hangs everywhere takes everything, whatever a schedule does.
const MAY_HANG: usize = 6;

/// The longest lifetime.
const LONGEST: Duration = Duration::from_secs(2_592_000);

const fn seconds(n: u64) -> Duration {
    Duration::from_secs(n)
}

/// The world of a seed.
pub fn world(seed: u64) -> World {
    let mut random = Random::new(seed);
    let crowd = match random.index(10) {
        0 => 1 + random.index(3),
        1..=4 => 2 + random.index(19),
        5..=7 => 20 + random.index(81),
        8 => 100 + random.index(400),
        _ => 500 + random.index(1_501),
    };
    let endpoints = 1 + random.index(crowd.min(12));
    let (least, most) = random.pick(&[
        (5, 60),
        (60, 900),
        (300, 7_200),
        (3_600, LONGEST.as_secs()),
        (5, LONGEST.as_secs()),
    ]);
    let mut members = Vec::new();
    for endpoint in 0..endpoints {
        let share = crowd / endpoints + usize::from(endpoint < crowd % endpoints);
        members.extend(neighbours(&mut random, endpoint, share, (seconds(least), seconds(most))));
    }
    let length = length(&members);
    settle_in(&mut random, &mut members, length);
    let starts = if random.percent(30) { 1 + random.below(2) } else { 0 };
    let mut full_disks = Vec::new();
    if random.percent(25) {
        let full = seconds(5 + random.below(115).min(length.as_secs() / 20));
        full_disks.push(Span::new(random.below(length.as_secs()), full));
    }
    World {
        seed,
        end: START + length,
        endpoints: (0..endpoints).map(|index| troubles(&mut random, index, length)).collect(),
        restarts: (0..starts).map(|_| START + length.mul_f64(random.draw())).collect(),
        members,
        full_disks,
    }
}

/// Those who share an endpoint: some fail, in one to three ways.
fn neighbours(
    random: &mut Random,
    endpoint: usize,
    count: usize,
    (least, most): (Duration, Duration),
) -> Vec<Member> {
    let sick = random.pick(&[0, 10, 30, 60, 90]);
    let ways: Vec<Conduct> = (0..3).map(|_| way_to_fail(random, endpoint)).collect();
    let ways = &ways[..=random.index(3)];
    let first = u32::try_from(endpoint).expect("few") * 10_000;
    let mut members: Vec<Member> = (0..count)
        .map(|index| {
            let lifetime = random.span(least, most);
            let client = first + u32::try_from(index).expect("few");
            Member::new(endpoint, client, lifetime)
        })
        .collect();
    let mut hanging = 0;
    for member in &mut members {
        member.conduct = if random.percent(sick) { random.pick(ways) } else { fit(random, member) };
        if let Conduct::Throttled(_) = member.conduct {
            member.client = first;
        }
        if let Conduct::Hanging(_) | Conduct::Unreadable(_) = member.conduct {
            hanging += 1;
            if hanging > 12 && member.conduct != Conduct::Unreadable(QUICK) {
                member.conduct = Conduct::ServerError;
            }
        }
    }
    share_a_client(random, &mut members, first);
    make_feasible(&mut members);
    members
}

/// How soon it is known that a file is missing.
const QUICK: Duration = Duration::from_millis(20);

fn way_to_fail(random: &mut Random, endpoint: usize) -> Conduct {
    match random.below(9) {
        0 | 1 => Conduct::ServerError,
        2 => Conduct::EmptyReply,
        3 => Conduct::Revoked,
        4 if endpoint < MAY_HANG => Conduct::Hanging(seconds(30 + random.below(31))),
        5 => Conduct::Unreadable(QUICK),
        6 => Conduct::Unreadable(seconds(30)),
        7 => Conduct::Throttled(random.span(seconds(5), seconds(86_400))),
        _ => Conduct::Locked(random.span(seconds(5), seconds(600))),
    }
}

/// Healthy, and now and then slow if the lifetime leaves room for that.
fn fit(random: &mut Random, member: &Member) -> Conduct {
    let latency = seconds(2 + random.below(7));
    if random.percent(15) && member.lifetime >= latency * 40 {
        Conduct::Slow(latency)
    } else {
        Conduct::Healthy
    }
}

/// Some of the healthy are of one client; it is never the one that is throttled.
fn share_a_client(random: &mut Random, members: &mut [Member], first: u32) {
    for member in members.iter_mut().filter(|member| member.conduct.is_healthy()) {
        member.client = if random.percent(20) { first + 9_999 } else { member.client + 1 };
    }
}

/// Makes lifetimes longer until the endpoint can serve its healthy credentials.
fn make_feasible(members: &mut [Member]) {
    let rate = |member: &Member| 1.0 / member.refreshed_after().mul_f64(0.9).as_secs_f64();
    let load = |member: &Member| {
        let latency = match member.conduct {
            Conduct::Slow(latency) => latency.as_secs_f64(),
            _ => 0.3,
        };
        rate(member) * SPACING.as_secs_f64().max(latency / 8.0)
    };
    let healthy = || members.iter().filter(|member| member.conduct.is_healthy());
    let factor = healthy().map(load).sum::<f64>() / FEASIBLE;
    if factor > 1.0 {
        for member in members {
            let lifetime = member.lifetime.mul_f64(factor * 1.3).min(LONGEST);
            let Member { endpoint, client, conduct, .. } = *member;
            *member = Member { conduct, ..Member::new(endpoint, client, lifetime) };
        }
    }
}

/// How long to play, at about how many requests.
fn length(members: &[Member]) -> Duration {
    let rate = |member: &Member| match member.conduct {
        conduct if conduct.is_healthy() => 1.0 / member.refreshed_after().as_secs_f64(),
        Conduct::Revoked => 1.0 / 3_000.0,
        Conduct::Throttled(span) | Conduct::Locked(span) => 1.0 / span.as_secs_f64().max(50.0),
        _ => 1.0 / 50.0,
    };
    let rate: f64 = members.iter().map(rate).sum();
    Duration::from_secs_f64((REQUESTS / rate).clamp(600.0, 40.0 * 86_400.0))
}

/// Who brings a token along, who joins later and who leaves.
fn settle_in(random: &mut Random, members: &mut [Member], length: Duration) {
    let holding = random.pick(&[0, 50, 100]);
    for member in members {
        let moment = |random: &mut Random| START + length.mul_f64(random.draw());
        let share = if member.conduct.is_healthy() { holding } else { holding / 3 };
        if random.percent(share) {
            member.age = Some(member.refreshed_after().mul_f64(random.draw()));
        } else if random.percent(10) {
            member.joins = moment(random);
        }
        if random.percent(5) {
            member.leaves = Some(moment(random)).filter(|leaves| *leaves > member.joins);
        }
    }
}

/// What befalls an endpoint.
fn troubles(random: &mut Random, index: usize, length: Duration) -> Endpoint {
    let count = random.pick(&[0, 0, 0, 1, 2, 3]);
    let mut outages: Vec<Outage> = Vec::new();
    let mut over = START;
    for turn in 0..count {
        let part = length / count;
        let from = START + part * turn + part.mul_f64(random.draw() * 0.6);
        let (kind, span) = trouble(random, index, part);
        let from = from.max(over);
        over = from + span;
        outages.push(Outage { span: Span { from, until: over }, kind });
    }
    outages.retain(|outage| outage.span.until < end(length));
    Endpoint { outages }
}

fn trouble(random: &mut Random, index: usize, part: Duration) -> (Trouble, Duration) {
    let long = random.span(seconds(20), part.mul_f64(0.3).max(seconds(30)));
    match random.below(8) {
        0..=2 => (Trouble::Fails(seconds(1)), Duration::from_millis(500 + random.below(2_500))),
        3 if index < MAY_HANG => (Trouble::Hangs(seconds(30 + random.below(31))), long),
        4 => (Trouble::Pauses(random.span(seconds(5), seconds(600))), long.min(seconds(60))),
        _ => (Trouble::Fails(Duration::from_millis(20 + random.below(200))), long),
    }
}

fn end(length: Duration) -> BootTime {
    START + length
}
