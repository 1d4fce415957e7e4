//! Refreshes and probes by the calendar: the part for tokio-cron-scheduler.
//!
//! That scheduler knows a zone only as the offset it has when a job is added, so it would be an
//! hour off after a change to summer time. Its job here is therefore one moment: the earliest
//! that `Calendar`, which knows the zones, computes. And the job only wakes: what has come is
//! told by the clock, so that no signal is needed for it, and none can be lost.

use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

use jiff::{Timestamp, tz::TimeZone};
use tokio::sync::Notify;
pub use tokio_cron_scheduler::JobSchedulerError as CalendarError;
use tokio_cron_scheduler::{Job, JobScheduler};
use uuid::Uuid;

use crate::{
    clock::{Clock, Now, STEP, WallTime},
    credential::{Calendar, Credential, Name},
    refresher::LONGEST_SLEEP,
};

/// Room in each of the scheduler's ten channels, which are as large from the start. We have one
/// job, and wait until it is added or removed.
const CHANNEL: usize = 16;

/// The calendars of the plan in force.
pub struct Calendars {
    clock: Arc<dyn Clock>,
    /// [`Now::offset`] when it was last looked at.
    offset: i64,
    groups: Vec<Group>,
    /// What came under a plan that was replaced before anybody took it.
    left: Due,
    scheduler: Option<JobScheduler>,
    /// The scheduler's only job, and its moment.
    armed: Option<(WallTime, Uuid)>,
    woken: Arc<Notify>,
}

/// What is done at the moments of a calendar.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Purpose {
    /// A new token is asked for.
    Refresh,
    /// The token in hand is probed.
    Probe,
}

/// What is to be done now, for which credentials.
pub type Due = BTreeMap<Purpose, Vec<Name>>;

/// Who waits for the same moments.
struct Group {
    calendar: Calendar,
    purpose: Purpose,
    names: Vec<Name>,
    /// The occurrence that is waited for; it may have come.
    next: Option<WallTime>,
}

impl Calendars {
    /// No calendar yet.
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        Self {
            offset: clock.now().offset(),
            clock,
            groups: Vec::new(),
            left: Due::new(),
            scheduler: None,
            armed: None,
            woken: Arc::default(),
        }
    }

    /// The calendars of these credentials take the place of the old ones. What has come before is
    /// still [`due`](Self::due), also for names whose calendar has changed.
    pub fn replace(&mut self, credentials: &[Arc<Credential>]) {
        let now = self.clock.now();
        self.left = self.collect(now);
        let old = std::mem::take(&mut self.groups);
        self.groups = grouped(credentials, &old, now.wall);
    }

    /// Waits until something may be [`due`](Self::due). The wait can be dropped at any time, and
    /// without a calendar it has no end.
    pub async fn next(&self) {
        if self.groups.is_empty() && self.left.is_empty() {
            return std::future::pending().await;
        }
        if self.is_due() {
            return;
        }
        // A clock that is stepped, and a machine that slept, are noticed by the longest sleep.
        tokio::select! {
            () = self.woken.notified() => {}
            () = tokio::time::sleep(LONGEST_SLEEP) => {}
        }
    }

    /// Takes what has come. Several occurrences of one calendar that have passed are one: what
    /// is done now is done for all of them.
    pub fn due(&mut self) -> Due {
        self.collect(self.clock.now())
    }

    /// Has the scheduler wake us at the next occurrence. Nothing is started if there is none.
    pub async fn arm(&mut self) -> Result<(), CalendarError> {
        let armed = self.arm_for_the_earliest().await;
        if armed.is_err() {
            // The next attempt begins with another scheduler.
            self.stop().await;
        }
        armed
    }

    async fn arm_for_the_earliest(&mut self) -> Result<(), CalendarError> {
        let earliest = self.groups.iter().filter_map(|group| group.next).min();
        if self.armed.map(|(moment, _)| moment) == earliest {
            return Ok(());
        }
        let Some(earliest) = earliest else {
            self.stop().await;
            return Ok(());
        };
        let scheduler = self.started().await?;
        if let Some((_, passed)) = self.armed.take() {
            scheduler.remove(&passed).await?;
        }
        let woken = self.woken.clone();
        let job = Job::new(once(earliest).as_str(), move |_, _| woken.notify_one())?;
        self.armed = Some((earliest, scheduler.add(job).await?));
        Ok(())
    }

    async fn started(&mut self) -> Result<JobScheduler, CalendarError> {
        if let Some(scheduler) = &self.scheduler {
            return Ok(scheduler.clone());
        }
        let scheduler = JobScheduler::new_with_channel_size(CHANNEL).await?;
        scheduler.start().await?;
        Ok(self.scheduler.insert(scheduler).clone())
    }

    /// Its clock stops. Its tasks stay, asleep, since they hold each other's channels: a scheduler
    /// is kept for as long as there is something to wait for.
    async fn stop(&mut self) {
        self.armed = None;
        if let Some(mut scheduler) = self.scheduler.take() {
            // It fails only if a handler of ours does, and there is none.
            let _ = scheduler.shutdown().await;
        }
    }

    fn is_due(&self) -> bool {
        let now = self.clock.now().wall;
        !self.left.is_empty() || self.groups.iter().any(|group| group.has_come(now))
    }

    /// Takes what has come by now; the occurrence after it is waited for from here on.
    fn collect(&mut self, now: Now) -> Due {
        let was_set_back = self.was_set_back(now);
        let mut due = std::mem::take(&mut self.left);
        for group in &mut self.groups {
            let has_come = group.has_come(now.wall);
            if has_come {
                due.entry(group.purpose).or_default().extend_from_slice(&group.names);
            }
            if has_come || was_set_back {
                group.next = group.calendar.next_after(now.wall);
            }
        }
        due
    }

    /// Whether the clock shows again what it has shown before: an occurrence that was computed
    /// before then may be years away.
    fn was_set_back(&mut self, now: Now) -> bool {
        let moved = now.offset().saturating_sub(self.offset);
        if u128::from(moved.unsigned_abs()) <= STEP.as_millis() {
            return false;
        }
        self.offset = now.offset();
        moved < 0
    }
}

impl Group {
    fn has_come(&self, now: WallTime) -> bool {
        self.next.is_some_and(|next| next <= now)
    }
}

/// The groups of these credentials. An occurrence that an old group waits for is not computed
/// once more.
fn grouped(credentials: &[Arc<Credential>], old: &[Group], now: WallTime) -> Vec<Group> {
    let known: HashMap<_, _> =
        old.iter().map(|group| ((group.purpose, &group.calendar), group.next)).collect();
    let mut groups: Vec<Group> = Vec::new();
    let mut indices: HashMap<(Purpose, &Calendar), usize> = HashMap::new();
    for (credential, key) in credentials.iter().flat_map(|it| called(it).map(move |key| (it, key)))
    {
        let index = *indices.entry(key).or_insert_with(|| {
            let (purpose, calendar) = (key.0, key.1.clone());
            let next = known.get(&key).copied().unwrap_or_else(|| calendar.next_after(now));
            groups.push(Group { calendar, purpose, names: Vec::new(), next });
            groups.len() - 1
        });
        groups[index].names.push(credential.name.clone());
    }
    groups
}

/// What a credential is called for, and by which calendar.
fn called(credential: &Credential) -> impl Iterator<Item = (Purpose, &Calendar)> {
    let refresh = credential.refresh.calendar.as_ref();
    let probe = credential.probe.as_ref().map(|probe| &probe.calendar);
    let refresh = refresh.map(|calendar| (Purpose::Refresh, calendar));
    refresh.into_iter().chain(probe.map(|calendar| (Purpose::Probe, calendar)))
}

/// A cron expression that matches this moment, in UTC, and not again within a year.
fn once(moment: WallTime) -> String {
    let date = Timestamp::from_second(moment.seconds()).unwrap_or_default();
    let date = date.to_zoned(TimeZone::UTC);
    let (second, minute, hour) = (date.second(), date.minute(), date.hour());
    format!("{second} {minute} {hour} {} {} *", date.day(), date.month())
}

#[cfg(test)]
mod tests;
