//! How the other side answers.

use std::time::Duration;

use tokenward::clock::BootTime;

use crate::{
    player::Answer,
    random::Random,
    world::{Conduct, Endpoint, Member, Trouble},
};

/// What a request that is sent `now` ends with, and after how long. `grant_ends` is when the
/// refresh token does.
pub fn reply(
    endpoint: &Endpoint,
    member: &Member,
    grant_ends: Option<BootTime>,
    random: &mut Random,
    now: BootTime,
) -> (Answer, Duration) {
    let quick = Duration::from_millis(20 + random.below(280));
    if let Conduct::Unreadable(after) = member.conduct {
        return (Answer::Unreadable, after);
    }
    if let Some(outage) = endpoint.outage(now) {
        return match outage.kind {
            Trouble::Fails(latency) => (Answer::ServerError, latency),
            Trouble::Hangs(timeout) => (Answer::Unanswered, timeout),
            Trouble::Pauses(span) => (Answer::Throttled { span, for_all: true }, quick),
        };
    }
    let token = Answer::Token { requested_at: now, lifetime: member.lifetime, grant: None };
    match member.conduct {
        Conduct::Slow(latency) => (token, latency),
        Conduct::Grant(_) if grant_ends.is_some_and(|end| end <= now) => (Answer::Refused, quick),
        Conduct::Grant(life) => {
            let lifetime = member.lifetime;
            (Answer::Token { requested_at: now, lifetime, grant: Some(life) }, quick)
        }
        Conduct::KnownFrom(moment) if now < moment => (Answer::Refused, quick),
        Conduct::Healthy | Conduct::KnownFrom(_) => (token, quick),
        Conduct::ServerError | Conduct::Unreadable(_) => (Answer::ServerError, quick),
        Conduct::EmptyReply => (Answer::EmptyReply, quick),
        Conduct::Revoked => (Answer::Refused, quick),
        Conduct::Hanging(timeout) => (Answer::Unanswered, timeout),
        Conduct::Throttled(span) => (Answer::Throttled { span, for_all: false }, quick),
        Conduct::Locked(span) => (Answer::Locked(span), quick),
    }
}
