use std::{collections::BTreeSet, time::Duration};

use tokio::time::timeout;

use super::*;
use crate::{
    clock::{BootTime, ManualClock, SystemClock},
    credential::{RefreshPolicy, Zone, fixture},
};

const HOURLY: &str = "0 0 * * * *";
const HALF_PAST: &str = "0 30 * * * *";
const SECOND: Duration = Duration::from_secs(1);
const HOUR: Duration = Duration::from_secs(3600);

fn name(text: &str) -> Name {
    Name::parse(text).expect("a name")
}

fn called(text: &str, schedule: &str) -> Arc<Credential> {
    let calendar = Calendar::parse(schedule, Zone::default()).expect("a calendar");
    let refresh = RefreshPolicy { calendar: Some(calendar), ..fixture::refresh() };
    let refresh = Arc::new(refresh);
    Arc::new(Credential { name: name(text), refresh, ..fixture::credential() })
}

/// A clock that shows half a second past midnight.
fn midnight() -> Arc<ManualClock> {
    let wall = WallTime::from_seconds(1_790_035_200) + SECOND / 2;
    Arc::new(ManualClock::new(Now { wall, boot: BootTime::from_millis(1_000_000) }))
}

fn calendars(clock: &Arc<ManualClock>, credentials: &[Arc<Credential>]) -> Calendars {
    let mut calendars = Calendars::new(clock.clone());
    calendars.replace(credentials);
    calendars
}

fn refreshed(calendars: &mut Calendars) -> Vec<String> {
    let names = calendars.due().remove(&Purpose::Refresh).unwrap_or_default();
    names.iter().map(ToString::to_string).collect()
}

/// As many calendars as wanted, up to 1,357, all different, that call each second.
fn each_second(count: usize) -> Vec<Arc<Credential>> {
    let minutes = (0..59).map(|at| format!("0-{at},{}-59", at + 1));
    let hours = (0..23).map(|at| format!("0-{at},{}-23", at + 1));
    let hours: Vec<_> = hours.collect();
    let times = minutes.flat_map(|minute| hours.iter().map(move |hour| format!("{minute} {hour}")));
    let schedules = times.map(|time| format!("* {time} * * *")).take(count).enumerate();
    schedules.map(|(index, schedule)| called(&format!("c{index}"), &schedule)).collect()
}

#[test]
fn one_occurrence_is_one_date() {
    assert_eq!(once(WallTime::from_seconds(1_790_000_000)), "20 13 14 21 9 *");
}

#[test]
fn an_occurrence_is_due_once_and_all_that_have_passed_are_one() {
    let clock = midnight();
    let mut calendars = calendars(&clock, &[called("a", HOURLY), called("b", HALF_PAST)]);
    assert!(refreshed(&mut calendars).is_empty());
    clock.advance(HOUR);
    assert_eq!(refreshed(&mut calendars), ["a", "b"]);
    assert!(refreshed(&mut calendars).is_empty());
    clock.advance(HOUR / 2);
    assert_eq!(refreshed(&mut calendars), ["b"]);
    clock.advance(HOUR * 24);
    assert_eq!(refreshed(&mut calendars), ["a", "b"]);
    assert!(refreshed(&mut calendars).is_empty());
}

#[test]
fn an_occurrence_during_a_reload_comes_after_it() {
    let (hourly, changed) = (called("stays", HOURLY), called("changes", HOURLY));
    let other = called("changes", HALF_PAST);
    for (case, plan, expected) in [
        ("nothing else changes", vec![hourly.clone(), changed.clone()], ["stays", "changes"]),
        ("others come", vec![called("new", HOURLY), hourly.clone(), changed], ["stays", "changes"]),
        ("a calendar changes", vec![hourly, other], ["stays", "changes"]),
        ("all others go", vec![called("last", "0 0 1 1 1 *")], ["stays", "changes"]),
        ("nobody has a calendar", Vec::new(), ["stays", "changes"]),
    ] {
        let clock = midnight();
        let old = [called("stays", HOURLY), called("changes", HOURLY)];
        let mut calendars = calendars(&clock, &old);
        clock.advance(HOUR);
        calendars.replace(&plan);
        calendars.replace(&plan);
        assert_eq!(refreshed(&mut calendars), expected, "{case}");
        assert!(refreshed(&mut calendars).is_empty(), "{case}");
    }
}

#[test]
fn a_reload_leaves_what_is_to_come_as_it_was() {
    let clock = midnight();
    let mut calendars = calendars(&clock, &[called("a", HOURLY), called("gone", HALF_PAST)]);
    clock.advance(HOUR / 4);
    calendars.replace(&[called("new", HALF_PAST), called("a", HOURLY)]);
    clock.advance(HOUR / 4);
    assert_eq!(refreshed(&mut calendars), ["new"]);
    clock.advance(HOUR / 2);
    assert_eq!(refreshed(&mut calendars), ["a"]);
}

#[test]
fn a_clock_that_is_set_back_calls_by_what_it_shows() {
    let clock = midnight();
    clock.step_wall(clock.now().wall + HOUR * 24 * 365);
    let mut calendars = calendars(&clock, &[called("a", HOURLY)]);
    clock.step_wall(midnight().now().wall);
    assert!(refreshed(&mut calendars).is_empty());
    clock.advance(HOUR);
    assert_eq!(refreshed(&mut calendars), ["a"]);
}

#[tokio::test(start_paused = true)]
async fn nothing_is_started_without_a_calendar() {
    let clock = midnight();
    let mut calendars = calendars(&clock, &[Arc::new(fixture::credential())]);
    calendars.arm().await.expect("armed");
    assert!(calendars.scheduler.is_none());
    timeout(HOUR, calendars.next()).await.expect_err("there is nothing to wait for");
    calendars.replace(&[called("a", HOURLY)]);
    calendars.arm().await.expect("armed");
    assert!(calendars.scheduler.is_some());
    calendars.replace(&[]);
    calendars.arm().await.expect("armed");
    assert!(calendars.scheduler.is_none());
}

/// Also after a suspension: no timer of ours runs through one.
#[tokio::test(start_paused = true)]
async fn a_clock_that_is_stepped_past_an_occurrence_is_noticed_within_a_minute() {
    let clock = midnight();
    let mut calendars = calendars(&clock, &[called("a", HOURLY)]);
    calendars.arm().await.expect("armed");
    let step = async {
        tokio::time::sleep(SECOND).await;
        clock.step_wall(clock.now().wall + HOUR);
    };
    let (noticed, ()) = tokio::join!(timeout(LONGEST_SLEEP + SECOND, calendars.next()), step);
    noticed.expect("within a minute of the step");
    assert_eq!(refreshed(&mut calendars), ["a"]);
}

#[tokio::test(start_paused = true)]
async fn an_occurrence_that_passes_before_it_is_armed_is_not_waited_for() {
    let clock = midnight();
    let mut calendars = calendars(&clock, &[called("a", HOURLY)]);
    clock.advance(HOUR);
    calendars.arm().await.expect("armed");
    timeout(SECOND, calendars.next()).await.expect("it has come");
    assert_eq!(refreshed(&mut calendars), ["a"]);
}

#[tokio::test]
async fn a_thousand_calendars_at_one_second_are_all_heard_each_time() {
    let mut calendars = Calendars::new(Arc::new(SystemClock));
    calendars.replace(&each_second(1000));
    assert_eq!(calendars.groups.len(), 1000);
    for round in 0..3 {
        let heard = async {
            loop {
                calendars.arm().await.expect("armed");
                calendars.next().await;
                let heard = refreshed(&mut calendars);
                if !heard.is_empty() {
                    return heard;
                }
            }
        };
        let heard = timeout(SECOND * 20, heard).await.expect("an occurrence");
        assert_eq!(heard.into_iter().collect::<BTreeSet<_>>().len(), 1000, "round {round}");
    }
}

/// With the machine's clock, which the scheduler reads.
#[tokio::test]
async fn the_scheduler_wakes_at_the_occurrence() {
    let clock = Arc::new(SystemClock);
    let mut calendars = Calendars::new(clock.clone());
    calendars.replace(&[called("a", "*/2 * * * * *")]);
    calendars.arm().await.expect("armed");
    timeout(SECOND * 20, calendars.next()).await.expect("woken long before the longest sleep");
    assert_eq!(refreshed(&mut calendars), ["a"]);
}
