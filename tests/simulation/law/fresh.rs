//! Law 1: who would succeed has a good token.

use std::time::Duration;

use tokenward::clock::BootTime;

use super::{Judge, bound};
use crate::world::Span;

impl Judge<'_> {
    /// Looks at the time without a good token that ends now, if there is one.
    pub(super) fn check_fresh(&mut self, index: usize, now: BootTime) {
        let facts = &self.facts[index];
        let Some(joined) = facts.joined.filter(|_| self.member(index).conduct.is_healthy()) else {
            return;
        };
        let without_since = facts.expires.unwrap_or(joined).max(joined);
        if now <= without_since {
            return;
        }
        let spans = self.troubles_between(self.member(index).endpoint, without_since, now);
        let is_clean = self.kept_its_token_in_peace(index);
        let mut from = without_since;
        for span in spans.into_iter().chain([Span { from: now, until: now }]) {
            let peace = span.from.since(from);
            let allowed = if is_clean && from == without_since {
                Duration::ZERO
            } else {
                self.allowed(index, from)
            };
            if peace > allowed {
                let what = format!(
                    "no good token for {:?}; the endpoint worked for {peace:?} of it in one piece, \
                     and {allowed:?} are allowed",
                    now.since(without_since)
                );
                self.broken(1, index, now, peace.saturating_sub(allowed), &what);
            }
            from = from.max(span.until);
        }
    }

    /// How long who has none may be without a token from `from` on, in peace.
    fn allowed(&self, index: usize, from: BootTime) -> Duration {
        let member = self.member(index);
        bound::recovery(self.world, member) + self.for_strangers(index, from)
    }

    /// What is allowed on top because nobody could know at `moment` that this one works.
    pub(super) fn for_strangers(&self, index: usize, moment: BootTime) -> Duration {
        let (member, has_had_one) = (self.member(index), self.facts[index].expires.is_some());
        if has_had_one && self.has_learned(member.endpoint, moment) {
            Duration::ZERO
        } else {
            bound::strangers(self.world, member, has_had_one)
        }
    }

    /// Whether it had a token, and nothing was the matter from when everybody had settled before
    /// its refresh moment until it expired.
    fn kept_its_token_in_peace(&self, index: usize) -> bool {
        let (facts, endpoint) = (&self.facts[index], self.member(index).endpoint);
        let settled = bound::before(facts.due, bound::settling(self.world, endpoint));
        facts.expires.is_some_and(|expires| {
            self.troubles[endpoint].iter().all(|span| !span.touches(settled, expires))
        })
    }

    /// Whether the endpoint worked long enough after the last start before `moment` to tell who
    /// works from who does not.
    pub(super) fn has_learned(&self, endpoint: usize, moment: BootTime) -> bool {
        let started = self.started.min(moment);
        let settled = started + bound::settling(self.world, endpoint);
        let is_quiet = |span: &Span| span.from == span.until || !span.touches(started, settled);
        moment >= settled && self.troubles[endpoint].iter().all(is_quiet)
    }

    /// When nobody could get a token at an endpoint, in order.
    pub(super) fn troubles_between(
        &self,
        endpoint: usize,
        from: BootTime,
        until: BootTime,
    ) -> Vec<Span> {
        let mut spans: Vec<Span> = self.troubles[endpoint]
            .iter()
            .filter(|span| span.touches(from, until))
            .copied()
            .collect();
        spans.sort_unstable();
        spans
    }
}
