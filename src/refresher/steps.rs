//! Performing a step: each starts one task and returns at once.

use std::{sync::Arc, time::Duration};

use super::{
    Ended, Refresher, ask::Ask, ended::describe, publishing::Publishing, withdraw::removable,
};
use crate::{
    acquire::read_inputs,
    clock::Now,
    credential::{Name, Notification},
    notify::notify,
    schedule::{Held, Id, Step, TargetId},
    state::Record,
};

impl Refresher {
    pub(super) fn perform(&mut self, step: Step, now: Now) {
        self.notes.outdate();
        match step {
            Step::Prepare(id) => self.prepare(id),
            Step::Acquire(id) => self.acquire(id, now),
            Step::Save(id) => self.save(id),
            Step::Adopt(id) => self.adopt(id),
            Step::Publish(id) => self.publish(id, now),
            Step::Notify(target, notification, ids) => self.notify(target, notification, ids),
            Step::Probe(id, resource) => self.probe(id, resource, now),
            Step::Wait(_) => {}
        }
    }

    /// Reads what the request needs on this machine, so that what fails or hangs here keeps nobody
    /// waiting at the endpoint.
    fn prepare(&mut self, id: Id) {
        let Some(item) = self.items.get(&id) else { return };
        let credential = item.credential.clone();
        let has_choice = credential.client.secrets.len() > 1;
        let turn = has_choice.then(|| self.tools.state.record(&credential.name).client_secret);
        let client_secret = turn.map_or(0, |turn| turn.next as usize);
        self.tasks.spawn(async move {
            let prepared = read_inputs(&credential, client_secret).await;
            Ended::Prepare(id, credential, prepared)
        });
    }

    /// The request is on record before it is sent, so that a crash loop stays gentle. A record
    /// that cannot be written does not stop the request: consumers come first.
    fn acquire(&mut self, id: Id, now: Now) {
        let Some(item) = self.items.get_mut(&id) else { return };
        let credential = item.credential.clone();
        let prepared = item.take_prepared(now.boot);
        let mut client_secret = 0;
        let _ = self.tools.state.amend(&credential.name, |record| {
            record.requested_at = Some(now.wall);
            client_secret = record.client_secret.next as usize;
            record.removable = removable(&credential);
        });
        let held = self.schedule.view(id, now.boot).held;
        let deadline = deadline(credential.parameters.timeout, held, now);
        let ask = Ask {
            credential: credential.clone(),
            prepared,
            sent_at: now,
            deadline,
            client_secret,
            unsaved: item.unsaved().cloned(),
            alone: item.alone.clone(),
            acquirer: self.tools.acquirer.clone(),
            state: self.tools.state.clone(),
        };
        self.tasks.spawn(async move { Ended::Acquire(id, credential, ask.perform().await) });
    }

    /// Saves the token in hand, or the refresh token that came without one.
    fn save(&mut self, id: Id) {
        let Some(item) = self.items.get(&id) else { return };
        let state = self.tools.state.clone();
        if let Some(alone) = item.alone.clone() {
            self.tasks.spawn_blocking(move || Ended::Keep(id, alone.save(&state)));
        } else if let Some(in_hand) = &item.in_hand {
            let (credential, token) = (in_hand.credential.clone(), in_hand.token.clone());
            let held = self.schedule.view(id, self.tools.clock.now().boot).held;
            let after = held.map_or(Duration::ZERO, |held| held.due.since(held.requested_at));
            self.tasks
                .spawn_blocking(move || Ended::Save(id, state.save(&credential, &token, after)));
        }
    }

    /// Publishes the token in hand or, when only the outputs changed, the one that was saved.
    /// That consumers may have to be told is on record before they can see anything new.
    fn publish(&mut self, id: Id, now: Now) {
        let Some(item) = self.items.get(&id) else { return };
        if !item.credential.notifications.is_empty() {
            let untold = |record: &mut Record| record.untold = true;
            let _ = self.tools.state.amend(&item.credential.name, untold);
        }
        let publishing = Publishing {
            credential: item.credential.clone(),
            in_hand: item.in_hand.as_ref().map(|it| it.token.clone()),
            now,
            directory: self.output_directory.clone(),
            state: self.tools.state.clone(),
            cluster: self.tools.cluster.clone(),
        };
        self.tasks.spawn(async move { Ended::Publish(id, publishing.perform().await) });
    }

    fn notify(&mut self, target: TargetId, notification: Arc<Notification>, ids: Vec<Id>) {
        let name = |id: &Id| self.items.get(id).map(|item| item.credential.name.clone());
        let names: Vec<Name> = ids.iter().filter_map(name).collect();
        self.tasks.spawn(async move {
            let result = notify(&notification, &names).await;
            Ended::Notify { target, what: describe(&notification), ids, result }
        });
    }
}

/// The time a whole exchange may take: `timeout` at the refresh moment, growing to twice that at
/// expiry, when waiting longer is all that is left to try.
fn deadline(timeout: Duration, held: Option<Held>, now: Now) -> Duration {
    let Some(held) = held else { return timeout * 2 };
    let window = held.expires().since(held.due).as_secs_f64();
    let gone = now.boot.since(held.due).as_secs_f64();
    let share = if window > 0.0 { (gone / window).min(1.0) } else { 1.0 };
    timeout.mul_f64(1.0 + share)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::BootTime;

    #[test]
    fn the_deadline_grows_as_expiry_nears() {
        let at = |seconds: u64| BootTime::from_millis(seconds * 1000);
        let lifetime = Duration::from_secs(100);
        let held = Held { requested_at: at(0), lifetime, grant: None, due: at(60) };
        let timeout = Duration::from_secs(30);
        // (case, the token, now, deadline), in seconds
        let cases = [
            ("at the refresh moment", Some(held), 60, 30),
            ("half way to expiry", Some(held), 80, 45),
            ("long expired", Some(held), 900, 60),
            ("before it is due, by request", Some(held), 10, 30),
            ("no token yet", None, 0, 60),
        ];
        for (case, held, now, expected) in cases {
            let now = Now { boot: at(now), ..Now::default() };
            assert_eq!(deadline(timeout, held, now), Duration::from_secs(expected), "{case}");
        }
    }
}
