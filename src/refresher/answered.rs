//! What comes of a provider's answer, and of its absence.

use std::{sync::Arc, time::Duration};

use super::{
    Ended, Refresher,
    ask::AskError,
    ended::local,
    item::{Alone, InHand, Item},
    lost_answer::is_urgent,
};
use crate::{
    acquire::Rescued,
    clock::WallTime,
    credential::{Credential, Name},
    error::{Failure, Fault, Task},
    observe::Event,
    schedule::{Id, Outcome, Refusal},
    state::StateError,
    token::IssuedToken,
};

/// A grant that ends sooner than this, and is not extended, is a matter for a person.
const SOON: Duration = Duration::from_secs(7 * 86_400);

/// Two ends that differ by less are one: replies count whole seconds, and clocks drift.
const SAME_END: Duration = Duration::from_secs(60);

impl Refresher {
    /// Every token that arrives goes on to be saved, even when its credential has left meanwhile.
    pub(super) fn acquired(&mut self, id: Id, credential: &Arc<Credential>, token: IssuedToken) {
        let now = self.tools.clock.now();
        let lifetime = token.lifetime;
        let token = Arc::new(token);
        if let Some(item) = self.items.get_mut(&id) {
            let (credential, token) = (credential.clone(), token.clone());
            item.in_hand = Some(Box::new(InHand { credential, token, saved: false }));
            item.alone = None;
        }
        let requested_at = token.requested_at.boot;
        self.record(
            id,
            Outcome::Acquired { requested_at, lifetime: lifetime.duration, grant: None },
        );
        if self.schedule.is_gone(id) {
            return;
        }
        self.client_secret_accepted(id, credential);
        let refresh_in = self.schedule.view(id, now.boot).request_at.since(now.boot);
        let mut ends_before = None;
        self.amend(id, |record| {
            ends_before = record.grant_expires_at;
            record.note_token(&token);
            record.note_pause(None, now.wall);
        });
        let name = &credential.name;
        self.tools.observer.emit(&Event::Acquired { credential: name, lifetime, refresh_in });
        let ends = token.refresh_token.as_ref().and_then(|token| token.expires_at);
        if let Some(ends_in) = ends.and_then(|ends| ends_soon(ends, ends_before, now.wall)) {
            self.tools.observer.emit(&Event::GrantEnds { credential: name, ends_in });
        }
    }

    pub(super) fn refused(&mut self, id: Id, credential: &Arc<Credential>, error: &AskError) {
        let another_secret = self.has_another_secret(id, credential, error);
        let fault = if another_secret { Fault::Transient } else { error.fault() };
        let pause = error.pause();
        if error.leaves_open() {
            self.schedule.doubt(id);
        }
        if let Some(rescued) = error.rescued() {
            self.rescue(id, credential, rescued);
        }
        let evidence = error.evidence();
        self.record(id, Outcome::Refused(Refusal { fault, evidence, pause }));
        if self.schedule.is_gone(id) {
            return;
        }
        if error.rescued().is_some() {
            self.schedule.keep(id, self.tools.clock.now().boot);
        }
        if error.leaves_open() {
            self.answer_lost(id, credential);
        }
        // A log-in that came meanwhile is newer than the answer.
        if fault == Fault::Permanent && self.adopt_if_waiting(id) {
            return;
        }
        let now = self.tools.clock.now();
        let view = self.schedule.view(id, now.boot);
        self.amend(id, |record| {
            record.failures = view.failures;
            record.parked = view.parked;
            record.note_pause(pause, now.wall);
        });
        let next = if another_secret { "; the next client_secret is tried" } else { "" };
        let failure = Failure {
            task: Task::Acquire,
            fault,
            reason: error.reason().into(),
            message: format!("{error}{next}").into(),
        };
        if another_secret {
            // Whoever waits for the credential waits for the next one.
            self.note(id, failure);
        } else {
            self.report(id, failure);
        }
    }

    /// No answer to a refresh will come any more. If it may be asked for once more, then soon.
    fn answer_lost(&mut self, id: Id, credential: &Credential) {
        let now = self.tools.clock.now();
        let renewal = credential.renewal.as_deref();
        let rule = renewal.and_then(|renewal| renewal.after_lost_answer);
        let mut urgent = false;
        self.amend(id, |record| {
            if let Some(lost) = &mut record.unanswered {
                lost.lost_at.get_or_insert(now.wall);
                urgent = is_urgent(rule, lost);
            }
        });
        if urgent {
            self.schedule.expedite(id, now.boot);
            self.note_next(id, now);
        }
    }

    /// A refresh token that came with nothing else of use is saved all the same, before anything
    /// else is asked for.
    fn rescue(&mut self, id: Id, credential: &Arc<Credential>, rescued: &Rescued) {
        let Some(item) = self.items.get_mut(&id) else { return };
        let alone = Alone { credential: credential.clone(), rescued: rescued.clone() };
        match &mut item.in_hand {
            Some(in_hand) => in_hand.take_over(&alone),
            None => item.alone = Some(Arc::new(alone)),
        }
    }

    /// What has arrived is saved even when its credential has left: should it come back, it goes
    /// on from there.
    pub(super) fn save_orphan(&mut self, item: &Item) {
        let (state, name) = (self.tools.state.clone(), item.credential.name.clone());
        if let Some(alone) = item.alone.clone() {
            self.tasks.spawn_blocking(move || Ended::Orphan(name, alone.save(&state)));
        } else if let Some(in_hand) = item.unsaved() {
            let InHand { credential, token, .. } = in_hand.clone();
            self.tasks.spawn_blocking(move || {
                let result = state.save(&credential, &token, token.lifetime.duration);
                Ended::Orphan(name, result)
            });
        }
    }

    pub(super) fn orphan_not_saved(&self, credential: &Name, error: &StateError) {
        let failure = local(Task::Save, error.reason(), error);
        let event = Event::Failed { credential, failure: &failure, retry_in: Duration::ZERO };
        self.tools.observer.emit(&event);
    }
}

/// How long a grant still lives, if that is not long and the last refresh did not extend it.
fn ends_soon(ends: WallTime, before: Option<WallTime>, now: WallTime) -> Option<Duration> {
    let is_extended = before.is_none_or(|before| ends > before + SAME_END);
    Some(ends.since(now)).filter(|left| *left < SOON && !is_extended)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_grant_that_ends_is_said_unless_refreshing_extends_it() {
        let at = WallTime::from_seconds;
        let day = 86_400;
        // (case, its end, its end before the refresh, said to end in)
        let cases = [
            ("far away", 30 * day, Some(30 * day), None),
            ("near, and it stays", 6 * day, Some(6 * day), Some(6 * day)),
            ("near, and rounded", 6 * day, Some(6 * day - 2), Some(6 * day)),
            ("near, and extended each time", 1_800, Some(900), None),
            ("the first token: nothing to compare with", 1_800, None, None),
            ("over", -5, Some(-5), Some(0)),
        ];
        for (case, ends, before, said) in cases {
            let said = said.map(|seconds: i64| at(seconds).since(at(0)));
            assert_eq!(ends_soon(at(ends), before.map(at), at(0)), said, "{case}");
        }
    }
}
