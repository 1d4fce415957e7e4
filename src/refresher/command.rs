//! What the daemon can ask of the refresher.

use std::sync::Arc;

use tokio::sync::oneshot;

use super::{
    Limits, Refresher,
    item::{Item, resume, spec},
    withdraw::removable,
};
use crate::{
    credential::{Credential, Name, OnRemove},
    observe::Event,
    schedule::{Change, Id},
    state::Record,
};

/// A request to the refresher.
#[derive(Debug)]
pub enum Command {
    /// The plan changed.
    Replan(Replan),
    /// These credentials want a new token now, as far as `min_interval` allows.
    Expedite(Vec<Name>),
    /// The tokens of these are to be probed.
    Probe(Vec<Name>),
    /// Somebody may have logged in: take over every log-in that waits.
    Adopt,
    /// Look at every output, and write anew what is not as it should be; and look for log-ins.
    Verify,
    /// Look at every Secret in the cluster, which somebody may have changed or removed.
    Confirm,
    /// Answer: whoever asks learns that the loop turns.
    Answer(oneshot::Sender<()>),
    /// Finish what is under way, send nothing more, and end.
    Drain,
}

/// What changed from one plan to the next.
#[derive(Debug)]
pub struct Replan {
    /// New credentials.
    pub added: Vec<Arc<Credential>>,
    /// Credentials as they were and as they are.
    pub changed: Vec<(Arc<Credential>, Arc<Credential>)>,
    /// Credentials that are gone.
    pub removed: Vec<Arc<Credential>>,
    /// What the operator allows.
    pub limits: Limits,
}

impl Refresher {
    pub(super) fn command(&mut self, command: Command) {
        if !matches!(command, Command::Answer(_)) {
            self.notes.outdate();
        }
        match command {
            Command::Answer(answer) => drop(answer.send(())),
            // Whatever else is wanted is for the next daemon.
            _ if self.draining => {}
            Command::Replan(replan) => self.replan(replan),
            Command::Expedite(names) => self.expedite(&names),
            Command::Probe(names) => self.request_probes(&names),
            Command::Adopt => self.adopt_all(),
            Command::Verify => {
                self.verify();
                self.adopt_all();
            }
            Command::Confirm => self.confirm(),
            Command::Drain => self.drain(),
        }
    }

    /// Brings the schedule in line with a new plan. Only what changed is touched.
    pub fn replan(&mut self, replan: Replan) {
        let now = self.tools.clock.now();
        if self.draining {
            return;
        }
        self.schedule.set_limits(replan.limits, now.boot);
        replan.removed.iter().for_each(|credential| self.remove(credential));
        for (before, after) in replan.changed {
            self.change(&before, after);
        }
        self.reserve(replan.added.len());
        replan.added.into_iter().for_each(|credential| self.add(credential));
        self.withdraw();
    }

    fn reserve(&mut self, more: usize) {
        self.schedule.reserve(more);
        self.items.reserve(more);
        self.ids.reserve(more);
        self.unsettled.reserve(more);
    }

    fn add(&mut self, credential: Arc<Credential>) {
        let now = self.tools.clock.now();
        let saved = self.tools.state.load(&credential.name, now);
        let record = self.tools.state.record(&credential.name);
        let held = saved.as_ref().ok().and_then(Option::as_ref);
        let is_outdated = held.is_some_and(|held| !held.fits(&credential));
        let resume = resume(&credential, held, &record, now);
        if record.requested_at.is_some() && record.removable != removable(&credential) {
            self.note_removable(&credential);
        }
        let id = self.schedule.add(&spec(&credential), &resume, now.boot);
        self.ids.insert(credential.name.clone(), id);
        self.items.insert(id, Item::new(credential));
        self.unsettled.insert(id);
        if let Some(rejection) = record.rejection.filter(|rejection| rejection.stands) {
            self.resume_revoked(id, &rejection);
        }
        if is_outdated {
            self.begin_with_the_first_secret(id);
        }
        self.adopt_if_waiting(id);
        if let Err(error) = saved {
            self.report_unsaved(id, &error);
        }
    }

    fn change(&mut self, before: &Credential, after: Arc<Credential>) {
        let Some(&id) = self.ids.get(&after.name) else { return self.add(after) };
        let now = self.tools.clock.now();
        let is_parked = self.schedule.view(id, now.boot).parked;
        let other_secret = match (before.material, after.material) {
            (Some(before), Some(after)) => before != after,
            // What could not be read is there now. That is no reason to give up a good token.
            (None, Some(_)) => is_parked,
            _ => false,
        };
        let other_proof = before.proof != after.proof && is_parked;
        let change = Change {
            acquire: before.inputs != after.inputs || other_secret || other_proof,
            publish: before.outputs != after.outputs || before.secrets != after.secrets,
        };
        if removable(before) != removable(&after) {
            self.note_removable(&after);
        }
        self.schedule.update(id, &spec(&after), change, now.boot, (self.tools.draw)());
        if let Some(item) = self.items.get_mut(&id) {
            item.credential = after;
        }
        if change.acquire {
            self.begin_with_the_first_secret(id);
        }
        self.adopt_if_waiting(id);
        self.note_next(id, now);
    }

    fn remove(&mut self, credential: &Credential) {
        let Some(id) = self.ids.remove(&credential.name) else { return };
        self.schedule.remove(id, self.tools.clock.now().boot);
        self.unsettled.remove(&id);
        self.faults.remove(&id);
        self.forget_if_gone(id);
        if credential.on_remove == OnRemove::Keep {
            self.tools.observer.emit(&Event::Removed { credential: &credential.name });
        }
    }

    /// What goes with the credential is on record: a start that does not know it any more does.
    fn note_removable(&self, credential: &Credential) {
        let note = |record: &mut Record| record.removable = removable(credential);
        let _ = self.tools.state.amend(&credential.name, note);
    }

    /// A removed credential is forgotten only when nothing of it is under way. What of it is not
    /// durable yet is still saved.
    pub(super) fn forget_if_gone(&mut self, id: Id) {
        if !self.schedule.is_gone(id) {
            return;
        }
        let Some(item) = self.items.remove(&id) else { return };
        self.save_orphan(&item);
        if item.credential.on_remove == OnRemove::Remove {
            self.leaving.push(item.credential);
        }
    }

    fn verify(&mut self) {
        let now = self.tools.clock.now();
        for &id in self.ids.values() {
            self.schedule.republish(id, now.boot);
        }
    }

    fn confirm(&mut self) {
        let now = self.tools.clock.now();
        let with_secrets = |(_, item): &(&Id, &Item)| !item.credential.secrets.is_empty();
        for (&id, _) in self.items.iter().filter(with_secrets) {
            if !self.schedule.is_gone(id) {
                self.schedule.republish(id, now.boot);
            }
        }
    }

    fn expedite(&mut self, names: &[Name]) {
        let now = self.tools.clock.now();
        for id in names.iter().filter_map(|name| self.ids.get(name).copied()).collect::<Vec<_>>() {
            self.schedule.expedite(id, now.boot);
            self.note_next(id, now);
        }
    }
}
