//! Refreshes and probes by the calendar: the part for tokio-cron-scheduler.
//!
//! That scheduler knows a zone only as the offset it has when a job is added, so it would be an
//! hour off after a change to summer time. Each job here is therefore one occurrence: `Calendar`,
//! which knows the zones, computes it, and when it has passed the next one is added.

use std::{collections::BTreeMap, sync::Arc};

use jiff::{Timestamp, tz::TimeZone};
use tokio::sync::mpsc;
pub use tokio_cron_scheduler::JobSchedulerError as CalendarError;
use tokio_cron_scheduler::{Job, JobScheduler};

use crate::{
    clock::{Clock, WallTime},
    credential::{Calendar, Credential, Name},
};

/// Its internal channel loses jobs when it is full; ours are few.
const CHANNEL: usize = 4096;

/// The calendars of the plan in force.
pub struct Calendars {
    clock: Arc<dyn Clock>,
    scheduler: Option<JobScheduler>,
    groups: Vec<Group>,
    jobs: BTreeMap<usize, uuid::Uuid>,
    fired: (mpsc::Sender<usize>, mpsc::Receiver<usize>),
}

/// What is done at the moments of a calendar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// A new token is asked for.
    Refresh,
    /// The token in hand is probed.
    Probe,
}

/// Who waits for the same moments.
struct Group {
    calendar: Calendar,
    purpose: Purpose,
    names: Vec<Name>,
}

/// A moment of one of the calendars that has come.
pub struct Occurrence(usize);

impl Calendars {
    /// No calendar yet.
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        Self {
            clock,
            scheduler: None,
            groups: Vec::new(),
            jobs: BTreeMap::new(),
            fired: mpsc::channel(64),
        }
    }

    /// The calendars of these credentials take the place of the old ones. Nothing is started for
    /// a plan without any.
    pub async fn replace(&mut self, credentials: &[Arc<Credential>]) -> Result<(), CalendarError> {
        self.groups = grouped(credentials);
        self.fired = mpsc::channel(64);
        self.jobs.clear();
        if let Some(mut old) = self.scheduler.take() {
            old.shutdown().await?;
        }
        if self.groups.is_empty() {
            return Ok(());
        }
        let scheduler = JobScheduler::new_with_channel_size(CHANNEL).await?;
        scheduler.start().await?;
        self.scheduler = Some(scheduler);
        for index in 0..self.groups.len() {
            self.add_next(index).await?;
        }
        Ok(())
    }

    /// Waits for the next occurrence. The wait can be dropped at any time without losing one.
    pub async fn next(&mut self) -> Occurrence {
        match self.fired.1.recv().await {
            Some(index) => Occurrence(index),
            // Never: one sender is ours.
            None => std::future::pending().await,
        }
    }

    /// What is to be done now, for which credentials. The occurrence after this one is waited for
    /// from here on.
    pub async fn pass(
        &mut self,
        Occurrence(index): Occurrence,
    ) -> Result<Option<(Purpose, Vec<Name>)>, CalendarError> {
        self.add_next(index).await?;
        Ok(self.groups.get(index).map(|group| (group.purpose, group.names.clone())))
    }

    async fn add_next(&mut self, index: usize) -> Result<(), CalendarError> {
        let Some(scheduler) = &self.scheduler else { return Ok(()) };
        if let Some(passed) = self.jobs.remove(&index) {
            scheduler.remove(&passed).await?;
        }
        let Some(group) = self.groups.get(index) else { return Ok(()) };
        let Some(next) = group.calendar.next_after(self.clock.now().wall) else { return Ok(()) };
        let fired = self.fired.0.clone();
        let job = Job::new(once(next).as_str(), move |_, _| {
            // A full channel means that this occurrence is being handled already.
            let _ = fired.try_send(index);
        })?;
        self.jobs.insert(index, scheduler.add(job).await?);
        Ok(())
    }
}

fn grouped(credentials: &[Arc<Credential>]) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    for credential in credentials {
        let refresh = credential.refresh.calendar.as_ref();
        let probe = credential.probe.as_ref().map(|probe| &probe.calendar);
        for (purpose, calendar) in [(Purpose::Refresh, refresh), (Purpose::Probe, probe)] {
            let Some(calendar) = calendar else { continue };
            let name = credential.name.clone();
            let same = |group: &&mut Group| group.purpose == purpose && group.calendar == *calendar;
            match groups.iter_mut().find(same) {
                Some(group) => group.names.push(name),
                None => {
                    groups.push(Group { calendar: calendar.clone(), purpose, names: vec![name] });
                }
            }
        }
    }
    groups
}

/// A cron expression that matches this moment, in UTC, and not again within a year.
fn once(moment: WallTime) -> String {
    let date = Timestamp::from_second(moment.seconds()).unwrap_or_default();
    let date = date.to_zoned(TimeZone::UTC);
    let (second, minute, hour) = (date.second(), date.minute(), date.hour());
    format!("{second} {minute} {hour} {} {} *", date.day(), date.month())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_occurrence_is_one_date() {
        assert_eq!(once(WallTime::from_seconds(1_790_000_000)), "20 13 14 21 9 *");
    }
}
