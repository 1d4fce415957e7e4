//! What ends: each task's result goes to the schedule, to the record on disk and to the observer.

use std::{sync::Arc, time::Duration};

use super::{Refresher, ask::AskError, item::Prepared, probing::Probed, withdraw::Withdrawal};
use crate::{
    acquire::AcquireError,
    clock::Now,
    credential::{Credential, Name, Notification},
    error::{Failure, Fault, Task},
    notify::NotifyError,
    observe::Event,
    publish::{Publication, PublishError},
    schedule::{Id, Outcome, ResourceId, TargetId},
    state::{ProblemRecord, Record, Saved, StateError},
    token::IssuedToken,
};

/// No lifetime is longer than ten years, so what is due later than this is of a token that does
/// not expire: it is never asked for.
const NEVER: Duration = Duration::from_secs(100 * 365 * 24 * 60 * 60);

/// A task that has ended.
pub enum Ended {
    /// The reading of values, for the credential as it was then.
    Prepare(Id, Arc<Credential>, Result<Arc<Credential>, AcquireError>),
    /// A request, and the credential as it was when it was sent.
    Acquire(Id, Arc<Credential>, Result<IssuedToken, AskError>),
    /// The save of a token whose credential has left.
    Orphan(Name, Result<(), StateError>),
    /// The save of the token in hand.
    Save(Id, Result<(), StateError>),
    /// The save of a refresh token that came alone.
    Keep(Id, Result<(), StateError>),
    /// The adoption of a log-in; `None`: there was nothing new.
    Adopt(Id, Result<Option<Saved>, StateError>),
    /// A publication; the outer error is that of reading the saved token.
    Publish(Id, Result<Result<Publication, PublishError>, StateError>),
    /// A notification.
    Notify {
        /// Who was told.
        target: TargetId,
        /// How, without values.
        what: String,
        /// Of what.
        ids: Vec<Id>,
        /// Whether it went well.
        result: Result<(), NotifyError>,
    },
    /// A probe.
    Probe(Id, ResourceId, Probed),
    /// The removal of outputs whose credentials have left.
    Withdraw(Vec<Withdrawal>),
    /// The note of what credentials wait for.
    Noted,
}

impl Refresher {
    pub(super) fn ended(&mut self, ended: Ended) {
        match ended {
            Ended::Prepare(id, credential, Ok(with)) => self.prepared(id, credential, with),
            Ended::Prepare(id, credential, Err(error)) => {
                self.refused(id, &credential, &error.into());
            }
            Ended::Acquire(id, credential, Ok(token)) => self.acquired(id, &credential, token),
            Ended::Acquire(id, credential, Err(error)) => self.refused(id, &credential, &error),
            Ended::Orphan(_, Ok(())) => {}
            Ended::Orphan(name, Err(error)) => self.orphan_not_saved(&name, &error),
            Ended::Save(id, Ok(())) => {
                if let Some(in_hand) = self.items.get_mut(&id).and_then(|it| it.in_hand.as_mut()) {
                    in_hand.saved = true;
                }
                self.amend(id, |record| record.unanswered = None);
                self.record(id, Outcome::Saved);
            }
            Ended::Keep(id, Ok(())) => {
                self.items.entry(id).and_modify(|item| item.alone = None);
                self.amend(id, |record| {
                    record.unanswered = None;
                    record.clear(Task::Save);
                });
                self.record(id, Outcome::Kept);
            }
            Ended::Save(id, Err(error)) | Ended::Keep(id, Err(error)) => {
                self.record(id, Outcome::NotSaved);
                self.report_unsaved(id, &error);
            }
            Ended::Adopt(id, result) => self.adopted(id, result),
            Ended::Publish(id, Ok(Ok(publication))) => self.published(id, &publication),
            Ended::Publish(id, Ok(Err(error))) => self.not_published(id, &error),
            Ended::Publish(id, Err(error)) => {
                self.record(id, Outcome::NotPublished { changed: false });
                self.report(id, local(Task::Publish, error.reason(), &error));
            }
            Ended::Notify { target, what, ids, result } => {
                self.notified(target, &what, &ids, &result);
            }
            Ended::Probe(id, resource, probed) => self.probed(id, resource, probed),
            Ended::Withdraw(withdrawals) => self.withdrawn(withdrawals),
            Ended::Noted => return,
        }
        self.notes.outdate();
        self.withdraw();
    }

    /// The values for the next request are there.
    fn prepared(&mut self, id: Id, of: Arc<Credential>, with: Arc<Credential>) {
        let at = self.tools.clock.now().boot;
        if let Some(item) = self.items.get_mut(&id) {
            let is_other = !Arc::ptr_eq(&of, &with);
            item.prepared = is_other.then(|| Box::new(Prepared { of, with, at }));
        }
        if !self.schedule.is_gone(id) {
            self.schedule.record(id, Outcome::Prepared, at, (self.tools.draw)());
            self.forget_if_gone(id);
        }
    }

    fn published(&mut self, id: Id, publication: &Publication) {
        let changed = publication.changed.len();
        self.record(id, Outcome::Published { changed: changed > 0 });
        if self.schedule.is_gone(id) {
            return;
        }
        let Some(item) = self.items.get_mut(&id) else { return };
        let (name, published) = (item.credential.name.clone(), item.in_hand.take());
        let is_new = published.is_some();
        let now = self.tools.clock.now().boot;
        // The token before may have ended as soon as this one was asked for.
        let new = published.filter(|it| it.credential.refresh.exclusive);
        let outage = new.map(|it| now.since(it.token.requested_at.boot));
        let told = self.schedule.is_told(id);
        self.amend(id, |record| {
            record.untold = !told;
            let millis = outage.and_then(|outage| u64::try_from(outage.as_millis()).ok());
            record.outage_ms = millis.or(record.outage_ms);
            record.clear(Task::Save);
            record.clear(Task::Publish);
        });
        self.faults.remove(&id);
        let next_request = self.schedule.view(id, now).expected_at;
        // A token from before may be due for a refresh itself, and then this is only the start.
        if is_new || next_request > now {
            self.unsettled.remove(&id);
        }
        self.tools.observer.emit(&Event::Published { credential: &name, changed, outage });
    }

    pub(super) fn report_unsaved(&mut self, id: Id, error: &StateError) {
        self.report(id, local(Task::Save, error.reason(), error));
    }

    /// Consumers of what could be published all the same are told.
    fn not_published(&mut self, id: Id, error: &PublishError) {
        let changed = error.publication.changed.len();
        self.record(id, Outcome::NotPublished { changed: changed > 0 });
        self.report(id, local(Task::Publish, error.reason(), error));
    }

    fn notified(
        &mut self,
        target: TargetId,
        what: &str,
        ids: &[Id],
        result: &Result<(), NotifyError>,
    ) {
        let now = self.tools.clock.now();
        self.schedule.record_notification(target, result.is_ok(), now.boot, (self.tools.draw)());
        let present = |id: &&Id| !self.schedule.is_gone(**id);
        for id in ids.iter().filter(present).copied().collect::<Vec<_>>() {
            match result {
                Ok(()) if self.is_told(id) => self.amend(id, |record| {
                    record.untold = false;
                    record.clear(Task::Notify);
                }),
                Ok(()) => {}
                Err(error) => self.report(id, local(Task::Notify, error.reason(), error)),
            }
        }
        if result.is_ok() {
            self.tools.observer.emit(&Event::Notified { target: what, credentials: ids.len() });
        }
    }

    /// Whether consumers know of every token, one that is being published included.
    fn is_told(&self, id: Id) -> bool {
        let in_hand = self.items.get(&id).is_some_and(|item| item.in_hand.is_some());
        !in_hand && self.schedule.is_told(id)
    }

    /// Tells the schedule how a step went, and the record on disk what comes next.
    pub(super) fn record(&mut self, id: Id, outcome: Outcome) {
        if self.schedule.is_gone(id) {
            return;
        }
        let now = self.tools.clock.now();
        self.schedule.record(id, outcome, now.boot, (self.tools.draw)());
        if self.schedule.is_gone(id) {
            self.forget_if_gone(id);
        } else {
            self.note_next(id, now);
        }
    }

    /// The moment of the next request, for `status`.
    pub(super) fn note_next(&self, id: Id, now: Now) {
        let after = self.schedule.view(id, now.boot).expected_at.since(now.boot);
        self.amend(id, |record| {
            record.next_request_at = (after < NEVER).then(|| now.wall + after);
        });
    }

    /// A failed step: nobody need wait for the credential now.
    pub(super) fn report(&mut self, id: Id, failure: Failure) {
        if self.schedule.is_gone(id) {
            return;
        }
        self.unsettled.remove(&id);
        self.faults.insert(id, failure.fault);
        self.note(id, failure);
    }

    /// A failed step: on record, and out to the observer.
    pub(super) fn note(&self, id: Id, failure: Failure) {
        let now = self.tools.clock.now();
        let view = self.schedule.view(id, now.boot);
        let next = match failure.task {
            Task::Acquire => Some(view.expected_at),
            Task::Save | Task::Publish => view.local_at,
            Task::Notify => view.tell_at,
            // The calendar knows.
            Task::Probe => None,
        };
        let retry_in = next.map_or(Duration::ZERO, |next| next.since(now.boot));
        if let Some(item) = self.items.get(&id) {
            let credential = &item.credential.name;
            self.tools.observer.emit(&Event::Failed { credential, failure: &failure, retry_in });
        }
        self.amend(id, |record| record.problem = Some(ProblemRecord { at: now.wall, failure }));
    }

    /// A record that cannot be written is no failure of its own: saving the token into the same
    /// directory will say so.
    pub(super) fn amend(&self, id: Id, change: impl FnOnce(&mut Record)) {
        if let Some(item) = self.items.get(&id) {
            let _ = self.tools.state.amend(&item.credential.name, change);
        }
    }
}

/// A failure on this machine, whose text says what to do.
pub(super) fn local(task: Task, reason: &str, error: &dyn std::error::Error) -> Failure {
    let message = error.to_string().into();
    Failure { task, fault: Fault::Local, reason: reason.into(), message }
}

/// A notification for the log: the program or the file, never what else it is given.
pub fn describe(notification: &Notification) -> String {
    match notification {
        Notification::Signal { pid_file, .. } => format!("signal {}", pid_file.display()),
        Notification::Command { argv, .. } => format!("command {}", argv.program()),
        Notification::Systemd { unit, .. } => format!("systemd {unit}"),
    }
}
