//! Laws 4 and 5: few requests while an endpoint is down, and a token soon after.

use std::{collections::BTreeSet, time::Duration};

use tokenward::clock::BootTime;

use super::{Judge, bound};
use crate::{
    player::Answer,
    world::{Span, Trouble},
};

/// Failures of so many credentials say that an endpoint is down.
const TELLING: usize = 3;

/// What is seen of an endpoint.
#[derive(Default)]
pub struct Watch {
    pub last_start: Option<BootTime>,
    pub paused_until: BootTime,
    /// Its outages that have ended.
    past: usize,
    /// Who has failed in the one that has not.
    failed: BTreeSet<usize>,
    /// Requests since enough of them have.
    late: usize,
    /// Who waited when it ended, when that was, and how long the first token may take.
    awaiting: Option<(usize, BootTime, Duration)>,
}

impl Watch {
    /// The daemon was started again and knows of nothing.
    pub fn forget(&mut self) {
        self.failed.clear();
        self.late = 0;
        self.awaiting = None;
    }
}

impl Judge<'_> {
    /// A request is sent.
    pub(super) fn watch_request(&mut self, index: usize, now: BootTime) {
        let endpoint = self.member(index).endpoint;
        self.close_outages(endpoint, now);
        let is_down = self.world.endpoints[endpoint].outage(now).is_some();
        let watch = &mut self.watches[endpoint];
        watch.late += usize::from(is_down && watch.failed.len() >= TELLING);
    }

    /// A request has ended.
    pub(super) fn watch_answer(&mut self, index: usize, answer: Answer, now: BootTime) {
        let endpoint = self.member(index).endpoint;
        self.close_outages(endpoint, now);
        let is_failure = matches!(answer, Answer::ServerError | Answer::Unanswered);
        let is_down = self.world.endpoints[endpoint].outage(now).is_some();
        if is_failure && is_down {
            self.watches[endpoint].failed.insert(index);
        }
        if matches!(answer, Answer::Token { .. }) {
            self.watches[endpoint].awaiting = None;
        }
    }

    /// Looks at the outages that have ended, and at the first token after the last of them.
    pub(super) fn close_outages(&mut self, endpoint: usize, now: BootTime) {
        self.check_first_token(endpoint, now);
        while let Some(outage) =
            self.world.endpoints[endpoint].outages.get(self.watches[endpoint].past)
            && outage.span.until <= now
        {
            if !matches!(outage.kind, Trouble::Pauses(_)) {
                self.check_requests(endpoint, outage.span);
            }
            let awaiting = self.who_waits(endpoint, outage.span.until);
            let watch = &mut self.watches[endpoint];
            watch.forget();
            watch.past += 1;
            watch.awaiting = awaiting;
            self.check_first_token(endpoint, now);
        }
    }

    fn check_requests(&mut self, endpoint: usize, outage: Span) {
        let sent = self.watches[endpoint].late;
        let allowed = bound::requests(self.world, endpoint, outage);
        if let Some(&index) = self.watches[endpoint].failed.first().filter(|_| sent > allowed) {
            let length = outage.length();
            let what = format!("{sent} requests in an outage of {length:?}, {allowed} are allowed");
            self.broken(4, index, outage.until, Duration::ZERO, &what);
        }
    }

    /// The healthy one without a token that notices the end of an outage first.
    fn who_waits(&self, endpoint: usize, over: BootTime) -> Option<(usize, BootTime, Duration)> {
        let waits = |index: &usize| {
            let (member, facts) = (self.member(*index), &self.facts[*index]);
            member.endpoint == endpoint
                && member.conduct.is_healthy()
                && facts.good_until <= over
                && facts.joined.is_some_and(|joined| joined <= over)
        };
        let bound =
            |index| bound::notice(self.world, self.member(index)) + self.for_strangers(index, over);
        let all = (0..self.facts.len()).filter(waits).map(|index| (index, over, bound(index)));
        all.min_by_key(|(_, _, bound)| *bound)
    }

    fn check_first_token(&mut self, endpoint: usize, now: BootTime) {
        let Some((index, over, allowed)) = self.watches[endpoint].awaiting else { return };
        if now.since(over) <= allowed {
            return;
        }
        self.watches[endpoint].awaiting = None;
        let later = over + Duration::from_millis(1);
        if self.troubles_between(endpoint, later, over + allowed).is_empty() {
            let what = format!(
                "no token at the endpoint for more than {allowed:?} after its outage had ended"
            );
            self.broken(5, index, now, now.since(over + allowed), &what);
        }
    }
}
