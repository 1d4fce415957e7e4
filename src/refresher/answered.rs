//! What comes of a provider's answer, and of its absence.

use std::{sync::Arc, time::Duration};

use super::{
    Ended, Refresher,
    ask::AskError,
    ended::local,
    grant_end::GrantEnd,
    item::{Alone, InHand, Item, grant_left},
    lost_answer::is_urgent,
};
use crate::{
    acquire::Rescued,
    credential::{Credential, Name},
    error::{Failure, Fault, Task},
    observe::Event,
    schedule::{Id, Outcome, Refusal},
    state::StateError,
    token::IssuedToken,
};

impl Refresher {
    /// Every token that arrives goes on to be saved, even when its credential has left meanwhile.
    pub(super) fn acquired(&mut self, id: Id, credential: &Arc<Credential>, token: IssuedToken) {
        let now = self.tools.clock.now();
        let token = Arc::new(token);
        if let Some(item) = self.items.get_mut(&id) {
            let (credential, token) = (credential.clone(), token.clone());
            item.in_hand = Some(Box::new(InHand { credential, token, saved: false }));
            item.alone = None;
        }
        let before = self.tools.state.record(&credential.name);
        let grant_end = GrantEnd::of(&before, &token);
        let grant_extends = grant_end.extends(before.grant_extends);
        // Going by an end that stays would make requests denser, and win nothing.
        let grant = grant_left(&token).filter(|_| grant_extends);
        let requested_at = token.requested_at.boot;
        let lifetime = token.lifetime.duration;
        self.record(id, Outcome::Acquired { requested_at, lifetime, grant });
        if self.schedule.is_gone(id) {
            return;
        }
        self.client_secret_accepted(id, credential);
        let refresh_in = self.schedule.view(id, now.boot).request_at.since(now.boot);
        self.amend(id, |record| {
            record.note_token(&token);
            record.grant_extends = grant_extends;
            record.note_pause(None, now.wall);
        });
        let (name, lifetime) = (&credential.name, token.lifetime);
        self.tools.observer.emit(&Event::Acquired { credential: name, lifetime, refresh_in });
        if let Some(ends_in) = grant_end.ends_soon(&token, now.wall) {
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
