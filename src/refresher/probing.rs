//! Probes: whether a resource still takes the token that consumers have.

use std::sync::Arc;

use super::{Ended, Refresher};
use crate::{
    acquire::{Acquirer, Nonce, ProbeError, Verdict},
    clock::{Now, WallTime},
    credential::{Credential, Name, Probe, origin},
    error::{Failure, Fault, Task},
    observe::{Event, ProbeResult},
    schedule::{Id, ResourceId},
    state::{ProblemRecord, Rejection, State},
};

/// What a probe works with.
struct Probing {
    credential: Arc<Credential>,
    probe: Arc<Probe>,
    acquirer: Arc<Acquirer>,
    state: Arc<State>,
    nonce: Nonce,
    now: Now,
}

/// What came of a probe.
pub struct Probed {
    /// The credential as it was when the probe was sent.
    credential: Arc<Credential>,
    /// When the token that was probed was issued.
    issued_at: Option<WallTime>,
    /// `None`: there is no good token that could be probed.
    result: Option<Result<Verdict, ProbeError>>,
}

/// A resource does not take the token any more.
#[derive(Debug, thiserror::Error)]
enum RevokedError {
    #[error(
        "{from} does not take the token any more ({status}): it was revoked; a new one is asked for"
    )]
    First { from: Box<str>, status: u16 },
    #[error(
        "{from} does not take the new token either ({status}); check `probe.url`, `probe.headers` \
         and what the token may do"
    )]
    Again { from: Box<str>, status: u16 },
}

impl RevokedError {
    const fn reason(&self) -> &'static str {
        match self {
            Self::First { .. } => "revoked",
            Self::Again { .. } => "revoked_again",
        }
    }
}

impl Probing {
    /// Without a good token of this very credential nothing is sent: a refusal would be taken for
    /// a revocation.
    async fn perform(self) -> Probed {
        let (state, credential, now) = (self.state.clone(), self.credential.clone(), self.now);
        let loaded = tokio::task::spawn_blocking(move || {
            let issued_at = state.record(&credential.name).issued_at;
            // One that cannot be read has been reported by whoever needs it.
            let saved = state.load(&credential.name, now).ok().flatten();
            (issued_at, saved.filter(|saved| saved.fits(&credential) && saved.is_good()))
        });
        // A panic aborts the process, and nothing here cancels a task.
        let (issued_at, saved) = loaded.await.unwrap_or_default();
        let result = match saved {
            None => None,
            Some(saved) => {
                let Self { credential, probe, acquirer, nonce, .. } = &self;
                Some(acquirer.probe(credential, probe, &saved.token, *nonce).await)
            }
        };
        Probed { credential: self.credential, issued_at, result }
    }
}

impl Refresher {
    /// The calendar has called for these.
    pub(super) fn request_probes(&mut self, names: &[Name]) {
        let now = self.tools.clock.now().boot;
        for id in names.iter().filter_map(|name| self.ids.get(name).copied()) {
            let item = self.items.get(&id);
            if let Some(probe) = item.and_then(|item| item.credential.probe.as_ref()) {
                self.schedule.probe(id, &origin(&probe.url), now);
            }
        }
    }

    pub(super) fn probe(&mut self, id: Id, resource: ResourceId, now: Now) {
        let credential = self.items.get(&id).map(|item| item.credential.clone());
        let probe = credential.as_ref().and_then(|credential| credential.probe.clone());
        let Some((credential, probe)) = credential.zip(probe) else {
            return self.schedule.record_probe(resource, None, now.boot);
        };
        let probing = Probing {
            credential,
            probe,
            acquirer: self.tools.acquirer.clone(),
            state: self.tools.state.clone(),
            nonce: Nonce::drawn(self.tools.draw),
            now,
        };
        self.tasks.spawn(async move { Ended::Probe(id, resource, probing.perform().await) });
    }

    pub(super) fn probed(&mut self, id: Id, resource: ResourceId, probed: Probed) {
        let Probed { credential, issued_at, result } = probed;
        let retry_after = result.as_ref().and_then(|result| result.as_ref().err()?.retry_after());
        self.schedule.record_probe(resource, retry_after, self.tools.clock.now().boot);
        let Some(result) = result.filter(|_| self.is_still(id, &credential, issued_at)) else {
            return;
        };
        let outcome = match &result {
            Ok(Verdict::Accepted) => ProbeResult::Accepted,
            Ok(Verdict::Revoked(_)) => ProbeResult::Revoked,
            Err(_) => ProbeResult::Unclear,
        };
        self.tools.observer.emit(&Event::Probed { credential: &credential.name, result: outcome });
        match result {
            Ok(Verdict::Accepted) => self.accepted(id),
            Ok(Verdict::Revoked(status)) => self.revoked(id, &credential, status),
            Err(error) => self.unclear(id, &error),
        }
    }

    /// Whether the answer to a probe is about what consumers have now: no other token has come
    /// meanwhile, and none is on its way.
    fn is_still(&self, id: Id, credential: &Arc<Credential>, issued_at: Option<WallTime>) -> bool {
        let item = self.items.get(&id).filter(|_| !self.schedule.is_gone(id));
        item.is_some_and(|item| {
            Arc::ptr_eq(&item.credential, credential)
                && item.in_hand.is_none()
                && !self.schedule.is_asking(id)
                && self.tools.state.record(&credential.name).issued_at == issued_at
        })
    }

    fn accepted(&mut self, id: Id) {
        let mut was_revoked = false;
        self.amend(id, |record| {
            was_revoked = record.rejection.take().is_some_and(|rejection| rejection.stands);
            record.clear(Task::Probe);
            if was_revoked {
                record.parked = false;
                record.failures = 0;
                record.clear(Task::Acquire);
            }
        });
        if was_revoked {
            let now = self.tools.clock.now();
            self.schedule.trust(id, now.boot);
            self.faults.remove(&id);
            self.note_next(id, now);
        }
    }

    /// A new token is asked for, which for some grants means that somebody has to log in. If the
    /// new one is refused as well, then the next would be, too.
    fn revoked(&mut self, id: Id, credential: &Credential, status: u16) {
        let now = self.tools.clock.now();
        let mut before = None;
        self.amend(id, |record| {
            before.clone_from(&record.rejection);
            if !record.is_revoked() {
                let repeated = before.is_some();
                record.rejection = Some(Rejection { at: now.wall, stands: true, repeated });
            }
        });
        let is_first = before.is_none();
        if before.is_some_and(|before| before.stands) {
            return;
        }
        self.schedule.revoke(id);
        let from = credential.probe.as_ref().map(|probe| origin(&probe.url)).unwrap_or_default();
        let error = if is_first {
            RevokedError::First { from, status }
        } else {
            RevokedError::Again { from, status }
        };
        let (reason, message) = (error.reason().into(), error.to_string().into());
        self.report(id, Failure { task: Task::Probe, fault: Fault::Permanent, reason, message });
        if is_first {
            self.schedule.expedite(id, now.boot);
            self.note_next(id, now);
        }
    }

    /// A process before this one has learnt that the token was revoked.
    pub(super) fn resume_revoked(&mut self, id: Id, rejection: &Rejection) {
        self.schedule.revoke(id);
        if !rejection.repeated {
            self.schedule.expedite(id, self.tools.clock.now().boot);
        }
    }

    /// The token may be as good as ever. What else is wrong is of more use to a reader.
    fn unclear(&mut self, id: Id, error: &ProbeError) {
        let Some(item) = self.items.get(&id) else { return };
        let record = self.tools.state.record(&item.credential.name);
        let others = |problem: ProblemRecord| problem.failure.task != Task::Probe;
        if record.is_revoked() || record.problem.is_some_and(others) {
            return;
        }
        let (fault, reason) = (error.fault(), error.reason().into());
        let message = error.to_string().into();
        self.note(id, Failure { task: Task::Probe, fault, reason, message });
    }
}
