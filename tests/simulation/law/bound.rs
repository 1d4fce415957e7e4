//! How long a fair schedule may take: every bound of the laws, as a function of the world.

use std::time::Duration;

use tokenward::clock::BootTime;

use crate::world::{Conduct, Member, SPACING, Span, Trouble, World};

/// Requests that one endpoint is asked at once.
const SLOTS: u32 = 8;

/// How much rarer those are probes that fail while others of their endpoint are likelier to work.
const UNLIKELY: u32 = 4;

/// The longest that anything waits for a probe of an open breaker.
const CEILING: Duration = Duration::from_secs(60);

/// The longest back-off of who fails though its endpoint works.
const BACK_OFF: Duration = Duration::from_secs(300);

/// How often who is parked asks again.
const PARKED: Duration = Duration::from_secs(3_600);

/// The longest latency of a request that ends by itself, and the disk.
const LATENCY: Duration = Duration::from_millis(400);

/// How soon it is noticed that an endpoint works again, by who has no token.
pub fn ceiling(lifetime: Duration) -> Duration {
    (lifetime / 10).clamp(Duration::from_secs(2), CEILING)
}

/// The bound of law 1: how long a healthy credential may be without a token while its endpoint
/// works. Its own request may have failed just before (`min_interval`), the breaker is probed once
/// in a `ceiling`, a request may still hang, then everybody asks once, and those that hang do so
/// for the first time.
pub fn recovery(world: &World, member: &Member) -> Duration {
    notice(world, member) + crowd(world, member.endpoint) + hangs(world, member.endpoint)
}

/// The bound of law 5: the first token of the endpoint needs nobody else, but it may be a slow one.
pub fn notice(world: &World, member: &Member) -> Duration {
    let latency = |member: &Member| match member.conduct {
        Conduct::Slow(latency) => latency,
        _ => Duration::ZERO,
    };
    let slowest = at_endpoint(world, member.endpoint).map(latency).max().unwrap_or_default();
    let timeout = timeout(world, member.endpoint);
    member.min_interval + ceiling(member.lifetime) + timeout + slowest + LATENCY
}

/// What comes on top where the schedule could not learn who works: each that always fails may be
/// taken for the most promising once. Of one that has never had a token nobody knows the lifetime.
pub fn strangers(world: &World, member: &Member, has_had_one: bool) -> Duration {
    let fail = |it: &&Member| {
        it.conduct.looks_like_an_outage() || matches!(it.conduct, Conduct::Throttled(_))
    };
    let count = at_endpoint(world, member.endpoint).filter(fail).count();
    let ceiling = if has_had_one { ceiling(member.lifetime) } else { CEILING };
    ceiling.saturating_mul(whole(count) + 1)
}

/// Time after a start or an outage during which everybody at an endpoint sorts itself out.
pub fn settling(world: &World, endpoint: usize) -> Duration {
    CEILING + timeout(world, endpoint) + crowd(world, endpoint) + hangs(world, endpoint)
}

/// The bound of law 2: how long who fails may wait to be asked again, its pause and its
/// endpoint's troubles aside.
pub fn patience(world: &World, member: &Member) -> Duration {
    let back_off = match member.conduct {
        Conduct::Revoked | Conduct::KnownFrom(_) => PARKED,
        Conduct::Unreadable(after) => return CEILING + after + unreadable(world),
        _ => BACK_OFF,
    };
    let failing = at_endpoint(world, member.endpoint).filter(|it| !it.conduct.is_healthy()).count();
    let turns = (CEILING * UNLIKELY).saturating_mul(whole(failing));
    let hanging: Duration = at_endpoint(world, member.endpoint).map(hang).sum();
    back_off + turns + hanging + crowd(world, member.endpoint) * 2 + member.min_interval
}

/// The bound of law 4: requests in an outage, once three credentials have failed in it. Everybody
/// once, and a probe in each ceiling (which jitter trims by a quarter).
pub fn requests(world: &World, endpoint: usize, outage: Span) -> usize {
    let shortest = at_endpoint(world, endpoint).map(|member| member.lifetime).min();
    let probes = outage.length().as_secs_f64() / ceiling(shortest.unwrap_or(CEILING)).as_secs_f64();
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "small")]
    let probes = (probes * 4.0 / 3.0).ceil() as usize;
    at_endpoint(world, endpoint).count() + probes + 16
}

/// How long after a full disk a save is tried again.
pub fn disk(full: Span) -> Span {
    let retry = (full.length() + Duration::from_secs(1)).min(CEILING);
    Span { from: full.from, until: full.until + retry }
}

/// The longest that a request hangs in an outage of the endpoint.
fn timeout(world: &World, endpoint: usize) -> Duration {
    let hangs = world.endpoints[endpoint].outages.iter().filter_map(|outage| match outage.kind {
        Trouble::Hangs(timeout) | Trouble::Fails(timeout) => Some(timeout),
        Trouble::Pauses(_) => None,
    });
    hangs.max().unwrap_or_default()
}

/// Plain spacing asks everybody once; who fails has a share of the slots.
fn crowd(world: &World, endpoint: usize) -> Duration {
    SPACING * 2 * whole(at_endpoint(world, endpoint).count())
}

/// Those that hang, for the first time, in all slots.
fn hangs(world: &World, endpoint: usize) -> Duration {
    let count = at_endpoint(world, endpoint).filter(|it| !hang(it).is_zero()).count();
    let longest = at_endpoint(world, endpoint).map(hang).max().unwrap_or_default();
    longest * whole(count).div_ceil(SLOTS)
}

/// Programs that hang, eight at a time.
fn unreadable(world: &World) -> Duration {
    let reads = world.members.iter().map(|member| match member.conduct {
        Conduct::Unreadable(after) => after,
        _ => Duration::ZERO,
    });
    reads.sum::<Duration>() / SLOTS + Duration::from_secs(10)
}

fn hang(member: &Member) -> Duration {
    match member.conduct {
        Conduct::Hanging(timeout) => timeout,
        _ => Duration::ZERO,
    }
}

fn at_endpoint(world: &World, endpoint: usize) -> impl Iterator<Item = &Member> {
    world.members.iter().filter(move |member| member.endpoint == endpoint)
}

fn whole(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

/// The moment `span` before `moment`.
pub fn before(moment: BootTime, span: Duration) -> BootTime {
    BootTime::from_millis(
        moment.millis().saturating_sub(u64::try_from(span.as_millis()).unwrap_or(u64::MAX)),
    )
}
