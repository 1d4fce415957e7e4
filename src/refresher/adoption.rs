//! Log-ins: acquisitions that somebody else made.

use super::{
    Ended, Refresher,
    item::{Item, held},
};
use crate::{
    credential::Credential,
    error::Task,
    observe::Event,
    schedule::{Id, Outcome},
    state::{Saved, StateError},
};

impl Refresher {
    /// Takes over every log-in that waits.
    pub(super) fn adopt_all(&mut self) {
        let goes_on = |item: &Item| item.credential.grant.needs_login();
        let ids = self.items.iter().filter(|(_, item)| goes_on(item)).map(|(id, _)| *id);
        for id in ids.collect::<Vec<_>>() {
            self.adopt_if_waiting(id);
        }
    }

    /// Takes over the log-in of `id`, if one waits.
    pub(super) fn adopt_if_waiting(&mut self, id: Id) -> bool {
        let is_waiting = self.items.get(&id).is_some_and(|Item { credential, .. }| {
            credential.grant.needs_login() && self.tools.state.has_login(&credential.name)
        });
        if is_waiting && !self.schedule.is_gone(id) {
            self.schedule.adopt(id, self.tools.clock.now().boot);
        }
        is_waiting
    }

    /// Makes the log-in the token that is kept.
    pub(super) fn adopt(&mut self, id: Id) {
        let Some(item) = self.items.get(&id) else { return };
        let (state, name) = (self.tools.state.clone(), item.credential.name.clone());
        let now = self.tools.clock.now();
        self.tasks.spawn_blocking(move || Ended::Adopt(id, state.adopt_login(&name, now)));
    }

    /// From here on it is as if we had asked for it ourselves. One of other inputs, or one that
    /// has expired meanwhile, is good for its refresh token.
    pub(super) fn adopted(&mut self, id: Id, result: Result<Option<Saved>, StateError>) {
        let login = match result {
            Ok(Some(login)) => login,
            Ok(None) => {
                self.amend(id, |record| record.clear(Task::Save));
                return self.record(id, Outcome::Adopted(None));
            }
            Err(error) => {
                self.record(id, Outcome::NotAdopted);
                return self.report_unsaved(id, &error);
            }
        };
        let now = self.tools.clock.now();
        let Some(item) = self.items.get_mut(&id) else {
            return self.record(id, Outcome::Adopted(None));
        };
        item.in_hand = None;
        let credential = item.credential.clone();
        let held = Some(&login)
            .filter(|login| login.fits(&credential))
            .and_then(|login| held(&credential, login, true, now));
        self.record(id, Outcome::Adopted(held));
        if self.schedule.is_gone(id) {
            return;
        }
        if held.is_none() {
            self.schedule.expedite(id, now.boot);
        }
        self.note_adopted(id, &credential, &login);
    }

    fn note_adopted(&mut self, id: Id, credential: &Credential, login: &Saved) {
        let token = &login.token;
        self.amend(id, |record| {
            record.note_token(token);
            record.grant_extends = true;
            record.unanswered = None;
            record.rejection = None;
        });
        self.faults.remove(&id);
        let now = self.tools.clock.now();
        let refresh_in = self.schedule.view(id, now.boot).request_at.since(now.boot);
        let (name, lifetime) = (&credential.name, token.lifetime);
        self.tools.observer.emit(&Event::Adopted { credential: name, lifetime, refresh_in });
        self.note_next(id, now);
    }
}
