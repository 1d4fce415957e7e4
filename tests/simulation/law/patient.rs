//! Law 2: nobody who is due waits without end.

use tokenward::clock::BootTime;

use super::{Judge, bound};

impl Judge<'_> {
    /// Looks at how long who fails has waited until now.
    pub(super) fn check_patience(&mut self, index: usize, now: BootTime) {
        let (member, facts) = (self.member(index), &self.facts[index]);
        let Some(joined) = facts.joined.filter(|_| !member.conduct.is_healthy()) else { return };
        let client = self.client_paused_until(member);
        let since = [joined, facts.last_answer, facts.due, facts.paused_until, self.started]
            .into_iter()
            .chain(client)
            .max()
            .unwrap_or(joined);
        let waited = now.since(since);
        let allowed = bound::patience(self.world, member);
        if waited <= allowed {
            return;
        }
        let excused = self.troubles_between(member.endpoint, since, now);
        let excused = excused.iter().map(|span| span.until.min(now).since(span.from.max(since)));
        let waited = waited.saturating_sub(excused.sum());
        if waited > allowed {
            let what = format!("nobody asked for {waited:?}, and {allowed:?} are allowed");
            self.broken(2, index, now, waited.saturating_sub(allowed), &what);
        }
    }
}
