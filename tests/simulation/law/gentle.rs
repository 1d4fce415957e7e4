//! Law 3: limits and pauses hold.

use std::time::Duration;

use tokenward::clock::BootTime;

use super::Judge;
use crate::{
    player::Answer,
    world::{CONCURRENT, Member, SPACING, Span},
};

impl Judge<'_> {
    /// Looks at a request that is sent now.
    pub(super) fn check_gentle(&mut self, index: usize, now: BootTime) {
        self.in_flight += 1;
        if self.in_flight > CONCURRENT {
            self.broken(3, index, now, Duration::ZERO, "too many requests at once");
        }
        let member = self.member(index);
        if let Some(last) = self.facts[index].last_request.replace(now) {
            self.too_early(index, now, last + member.min_interval, "within `min_interval`");
        }
        if let Some(last) = self.watches[member.endpoint].last_start.replace(now) {
            self.too_early(index, now, last + SPACING, "the endpoint is rushed");
        }
        let client = self.client_paused_until(member);
        let pauses = [
            ("the credential", self.facts[index].paused_until),
            ("the client", client.unwrap_or_default()),
            ("everybody", self.watches[member.endpoint].paused_until),
        ];
        for (who, until) in pauses {
            self.too_early(index, now, until, &format!("asked during a pause of {who}"));
        }
    }

    fn too_early(&mut self, index: usize, now: BootTime, allowed: BootTime, what: &str) {
        let early = allowed.since(now);
        if !early.is_zero() {
            self.broken(3, index, now, early, &format!("{what}, {early:?} too early"));
        }
    }

    /// Until when the client of a member is to be left alone.
    pub(super) fn client_paused_until(&self, member: &Member) -> Option<BootTime> {
        self.clients.get(&(member.endpoint, member.client))?.values().max().copied()
    }

    /// Remembers who wants to be left alone.
    pub(super) fn note_pause(&mut self, index: usize, answer: Answer, now: BootTime) {
        let member = self.member(index);
        match answer {
            Answer::Locked(span) => self.facts[index].paused_until = now + span,
            Answer::Throttled { span, for_all: false } => {
                let heard = self.clients.entry((member.endpoint, member.client)).or_default();
                heard.insert(index, now + span);
            }
            Answer::Throttled { span, for_all: true } => {
                let paused_until = &mut self.watches[member.endpoint].paused_until;
                *paused_until = (*paused_until).max(now + span);
                self.troubles[member.endpoint].push(Span { from: now, until: now + span });
            }
            _ => {}
        }
    }
}
