//! The only loop: performs what the schedule decides, in the order acquire, save, publish,
//! notify.
//!
//! Everything slow runs as a task of its own and comes back as an [`Ended`]; the loop itself
//! never waits for a provider or a disk. A token stays in hand until it is saved and published.

mod adoption;
mod answered;
mod ask;
mod client_secret;
mod command;
mod ended;
mod grant_end;
mod item;
mod lost_answer;
mod probing;
mod publishing;
mod steps;
mod waiting;
mod withdraw;

use std::{
    collections::{HashMap, HashSet},
    path::Path,
    sync::Arc,
    time::Duration,
};

use tokio::{sync::mpsc, task::JoinSet};

pub use self::command::{Command, Replan};
use self::{ended::Ended, item::Item, waiting::Notes};
pub use crate::schedule::Limits;
use crate::{
    acquire::Acquirer,
    clock::{BootTime, Clock, Now, STEP},
    cluster::Cluster,
    credential::{Credential, Name},
    error::Fault,
    observe::{Event, Observer},
    schedule::{Id, Schedule, Step},
    state::State,
};

/// No sleep is longer: a suspended machine, a paused container or a stepped clock is noticed
/// within this time.
pub const LONGEST_SLEEP: Duration = Duration::from_secs(60);

/// What the refresher works with.
pub struct Tools {
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Who asks providers.
    pub acquirer: Arc<Acquirer>,
    /// Randomness: uniform in `[0, 1)`.
    pub draw: fn() -> f64,
    /// What survives a crash.
    pub state: Arc<State>,
    /// Where Secrets are applied.
    pub cluster: Arc<Cluster>,
    /// Where events go.
    pub observer: Arc<Observer>,
}

/// Keeps every credential of a plan fresh.
pub struct Refresher {
    tools: Tools,
    output_directory: Arc<Path>,
    schedule: Schedule,
    items: HashMap<Id, Item>,
    ids: HashMap<Name, Id>,
    tasks: JoinSet<Ended>,
    /// [`Now::offset`] when it was last looked at.
    offset: i64,
    /// Gone, and quiet: their outputs are to be removed.
    leaving: Vec<Arc<Credential>>,
    draining: bool,
    /// For [`Refresher::settle`]: who has neither a publication nor a failure yet.
    unsettled: HashSet<Id>,
    /// The last failure of who has not recovered from it.
    faults: HashMap<Id, Fault>,
    notes: Notes,
}

/// How [`Refresher::settle`] ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Settled {
    /// Every credential is published.
    Done,
    /// At least one is not, and this is the worst reason.
    Failed(Fault),
    /// There was no time left for these, which have neither a publication nor a new failure.
    Unfinished(Vec<Name>),
}

impl Refresher {
    /// A refresher of nothing yet: [`Command::Replan`] brings credentials.
    pub fn new(tools: Tools, output_directory: &Path, limits: Limits) -> Self {
        Self {
            offset: tools.clock.now().offset(),
            tools,
            output_directory: output_directory.into(),
            schedule: Schedule::new(limits),
            items: HashMap::new(),
            ids: HashMap::new(),
            tasks: JoinSet::new(),
            leaving: Vec::new(),
            draining: false,
            unsettled: HashSet::new(),
            faults: HashMap::new(),
            notes: Notes::default(),
        }
    }

    /// Runs until it has drained, or until nobody can command it any more.
    pub async fn run(mut self, mut commands: mpsc::Receiver<Command>) {
        loop {
            let now = self.tools.clock.now();
            self.notice_step(now);
            match self.schedule.step(now.boot) {
                Step::Wait(_) if self.has_drained() => return,
                Step::Wait(moment) => {
                    let until = self.note_waiting(moment, now);
                    let may_command = !(self.draining && commands.is_closed());
                    tokio::select! {
                        Some(ended) = self.tasks.join_next() => self.joined(ended),
                        command = commands.recv(), if may_command => {
                            self.command(command.unwrap_or(Command::Drain));
                        }
                        () = tokio::time::sleep(span(until, now)) => self.woke(moment),
                    }
                }
                step => self.perform(step, now),
            }
        }
    }

    /// The loop has slept. If the schedule's moment has come, somebody may wait for something else.
    fn woke(&mut self, moment: Option<BootTime>) {
        if moment.is_some_and(|moment| moment <= self.tools.clock.now().boot) {
            self.notes.outdate();
        }
    }

    /// Runs until every credential has been published or has failed once, and consumers were
    /// told, but not longer than `patience`.
    pub async fn settle(&mut self, patience: Duration) -> Settled {
        let deadline = self.tools.clock.now().boot + patience;
        while !self.unsettled.is_empty() || self.owes_a_notification() {
            let now = self.tools.clock.now();
            if now.boot >= deadline {
                return Settled::Unfinished(self.unfinished());
            }
            match self.schedule.step(now.boot) {
                Step::Wait(until) => {
                    let until = until.map_or(deadline, |until| until.min(deadline));
                    tokio::select! {
                        Some(ended) = self.tasks.join_next() => self.joined(ended),
                        () = tokio::time::sleep(span(Some(until), now)) => {}
                    }
                }
                step => self.perform(step, now),
            }
        }
        match self.faults.values().max_by_key(|fault| **fault == Fault::Permanent) {
            None => Settled::Done,
            Some(fault) => Settled::Failed(*fault),
        }
    }

    fn unfinished(&self) -> Vec<Name> {
        let items = self.unsettled.iter().filter_map(|id| self.items.get(id));
        let mut names: Vec<_> = items.map(|item| item.credential.name.clone()).collect();
        names.sort();
        names
    }

    /// Durations do not care when the wall clock is stepped, but dates on disk do: consumers
    /// compare them with that clock. They are written anew, from the token that was saved.
    fn notice_step(&mut self, now: Now) {
        let moved = now.offset().saturating_sub(self.offset);
        if u128::from(moved.unsigned_abs()) <= STEP.as_millis() {
            return;
        }
        self.offset = now.offset();
        self.notes.outdate();
        self.tools.observer.emit(&Event::ClockStepped { seconds: moved / 1000 });
        for (name, &id) in &self.ids {
            let _ = self.tools.state.amend(name, |record| record.shift(moved));
            self.schedule.republish(id, now.boot);
        }
    }

    fn joined(&mut self, ended: Result<Ended, tokio::task::JoinError>) {
        // A panic aborts the process, and nothing here cancels a task.
        if let Ok(ended) = ended {
            self.ended(ended);
        }
    }

    fn drain(&mut self) {
        self.draining = true;
        let none = Limits { concurrent_requests: 0, endpoint_spacing: Duration::ZERO };
        self.schedule.set_limits(none, self.tools.clock.now().boot);
        self.tools.observer.emit(&Event::Draining { under_way: self.tasks.len() });
    }

    /// Nothing is under way or due, and every token that arrived is saved. One that cannot be
    /// published now is published at the next start.
    fn has_drained(&self) -> bool {
        self.draining && self.tasks.is_empty() && self.items.values().all(Item::is_durable)
    }

    /// A consumer that is not told yet, of a credential that has not failed.
    fn owes_a_notification(&self) -> bool {
        let settled = self.ids.values().filter(|id| !self.faults.contains_key(*id));
        settled.into_iter().any(|id| !self.schedule.is_told(*id))
    }
}

fn span(until: Option<BootTime>, now: Now) -> Duration {
    until.map_or(LONGEST_SLEEP, |until| until.since(now.boot).min(LONGEST_SLEEP))
}

#[cfg(test)]
mod tests;
