//! Worlds in which the schedule once failed, by the number of the item in the report of it.

use std::time::Duration;

use tokenward::clock::BootTime;

use crate::{
    run::{Report, Run},
    summary,
    world::{Conduct, Endpoint, Member, Outage, START, Span, Trouble, World, at},
};

const HOUR: u64 = 3_600;

const fn seconds(n: u64) -> Duration {
    Duration::from_secs(n)
}

/// A world of one endpoint: each group is so many of a conduct, with a lifetime in seconds.
fn world(groups: &[(usize, Conduct, u64)], end: u64) -> World {
    let mut members = Vec::new();
    for &(count, conduct, lifetime) in groups {
        for _ in 0..count {
            let client = u32::try_from(members.len()).expect("few");
            members.push(Member { conduct, ..Member::new(0, client, seconds(lifetime)) });
        }
    }
    let endpoints = vec![Endpoint::default()];
    World {
        seed: 1,
        end: at(end),
        endpoints,
        members,
        restarts: Vec::new(),
        full_disks: Vec::new(),
    }
}

impl World {
    /// The endpoint is down from so many seconds on.
    fn down(mut self, from: u64, length: Duration, kind: Trouble) -> Self {
        self.endpoints[0].outages.push(Outage { span: Span::new(from, length), kind });
        self
    }

    /// The healthy bring tokens along that are refreshed one after the other.
    fn holding(mut self) -> Self {
        let healthy = self.members.iter_mut().filter(|member| member.conduct.is_healthy());
        for (turn, member) in (1..).zip(healthy) {
            member.age = Some(member.lifetime / 2 + seconds(turn));
        }
        self
    }

    /// Plays it; every law has to hold.
    fn play(&self, case: &str) -> Report {
        let report = Run::play(self);
        let healthy = |index: &usize| self.members[*index].conduct.is_healthy();
        let sum = |of: &[Vec<BootTime>], fit: bool| -> usize {
            (0..of.len()).filter(|it| healthy(it) == fit).map(|it| of[it].len()).sum()
        };
        println!(
            "{case}: tokens {}, requests of the healthy {}, of the others {}{}",
            sum(&report.published, true),
            sum(&report.asked, true),
            sum(&report.asked, false),
            summary(&report.breaches)
        );
        report
    }
}

/// When the first token was published, in seconds of the world.
fn first_token(report: &Report) -> Option<f64> {
    let first = report.published.iter().flatten().min();
    first.map(|moment| moment.since(START).as_secs_f64())
}

fn hold(cases: &[(String, Report)]) {
    let broken: Vec<String> = cases
        .iter()
        .filter(|(_, report)| !report.breaches.is_empty())
        .map(|(case, report)| format!("\n{case}:{}", summary(&report.breaches)))
        .collect();
    assert!(broken.is_empty(), "{}", broken.concat());
}

#[test]
fn item_1_three_that_always_fail_beside_some_that_work() {
    let mut cases = Vec::new();
    for conduct in [Conduct::ServerError, Conduct::EmptyReply] {
        for (broken, healthy) in [(2, 10), (3, 1), (3, 4), (3, 10), (5, 1), (5, 10)] {
            for lifetime in [150, HOUR] {
                let case = format!("{broken} with {conduct:?}, {healthy} healthy of {lifetime} s");
                let groups = [(broken, conduct, HOUR), (healthy, Conduct::Healthy, lifetime)];
                let report = world(&groups, 4 * lifetime).play(&case);
                cases.push((case, report));
            }
        }
    }
    hold(&cases);
}

#[test]
fn item_2_two_broken_ones_after_an_outage_of_four_hours() {
    let down = Trouble::Fails(seconds(1));
    let mut cases = Vec::new();
    for broken in [1, 2] {
        let groups = [(broken, Conduct::ServerError, HOUR), (10, Conduct::Healthy, HOUR)];
        let world = world(&groups, 10 * HOUR).down(HOUR, seconds(4 * HOUR), down);
        let case = format!("{broken} broken after 4 h of outage");
        let report = world.play(&case);
        cases.push((case, report));
    }
    hold(&cases);
}

#[test]
fn item_3_a_crowd_without_secrets() {
    let missing = Conduct::Unreadable(Duration::from_millis(20));
    let mut cases = Vec::new();
    for broken in [300, 700] {
        let groups = [(broken, missing, HOUR), (50, Conduct::Healthy, HOUR)];
        let case = format!("{broken} without a secret");
        let report = world(&groups, HOUR + HOUR / 2).holding().play(&case);
        cases.push((case, report));
    }
    let program = [(20, Conduct::Unreadable(seconds(30)), HOUR), (20, Conduct::Healthy, 150)];
    let case = "20 with a program that hangs".to_owned();
    let report = world(&program, 900).play(&case);
    cases.push((case, report));
    hold(&cases);
}

#[test]
fn item_4_a_refusal_proves_that_the_endpoint_works() {
    let mut cases = Vec::new();
    for revoked in [5, 20, 60] {
        let groups = [(revoked, Conduct::Revoked, HOUR), (5, Conduct::Healthy, HOUR)];
        let down = Trouble::Fails(Duration::from_millis(200));
        let world = world(&groups, 3 * HOUR).holding().down(0, seconds(HOUR), down);
        let case = format!("{revoked} revoked clients");
        let report = world.play(&case);
        cases.push((case, report));
    }
    hold(&cases);
}

#[test]
fn item_5_a_pause_of_one_is_no_pause_of_all() {
    let mut cases = Vec::new();
    for (case, conduct) in [
        ("try again in 65 seconds", Conduct::Locked(seconds(65))),
        ("a client that is to wait for a minute", Conduct::Throttled(seconds(60))),
        ("a client that is to wait for a day", Conduct::Throttled(seconds(86_400))),
    ] {
        let groups = [(1, conduct, HOUR), (10, Conduct::Healthy, 300)];
        let report = world(&groups, 2 * HOUR).play(case);
        cases.push((case.to_owned(), report));
    }
    hold(&cases);
}

#[test]
fn item_6_a_volley_is_one_strike() {
    let mut late = Vec::new();
    let mut cases = Vec::new();
    for count in [2, 10, 20] {
        let world = world(&[(count, Conduct::Healthy, HOUR)], HOUR);
        let world = world.down(0, Duration::from_millis(1_500), Trouble::Fails(seconds(1)));
        let case = format!("{count} meet a blip");
        let report = world.play(&case);
        let first = first_token(&report).unwrap_or(f64::INFINITY);
        println!("{case}: first token after {first} s");
        late.extend((first >= 13.0).then(|| format!("{case}: first token after {first} s")));
        cases.push((case, report));
    }
    assert!(late.is_empty(), "{late:?}");
    hold(&cases);
}

#[test]
fn item_6_an_outage_of_72_seconds_is_over_soon_for_tokens_of_15() {
    let mut late = Vec::new();
    let mut cases = Vec::new();
    for count in [1, 4, 12] {
        let world = world(&[(count, Conduct::Healthy, 15)], 400);
        let world = world.down(60, seconds(72), Trouble::Fails(Duration::from_millis(20)));
        let case = format!("{count} with tokens of 15 s");
        let report = world.play(&case);
        let back = report.published.iter().flatten().filter(|moment| **moment >= at(132)).min();
        let after = back.map_or(f64::INFINITY, |moment| moment.since(at(132)).as_secs_f64());
        println!("{case}: first token {after} s after the end");
        late.extend((after > 5.0).then(|| format!("{case}: first token after {after} s")));
        cases.push((case, report));
    }
    assert!(late.is_empty(), "{late:?}");
    hold(&cases);
}

#[test]
fn item_7_retries_are_not_sparser_after_expiry_than_before() {
    let world = world(&[(1, Conduct::Healthy, HOUR)], 2 * HOUR);
    let world = world.down(HOUR / 2, seconds(HOUR), Trouble::Fails(Duration::from_millis(20)));
    let report = world.play("one in an outage");
    let expiry = at(HOUR);
    let gaps: Vec<(BootTime, f64)> = report.asked[0]
        .windows(2)
        .map(|pair| (pair[1], pair[1].since(pair[0]).as_secs_f64()))
        .collect();
    let worst = |from: BootTime, until: BootTime| {
        let within = gaps.iter().filter(|(moment, _)| *moment > from && *moment <= until);
        within.map(|(_, gap)| *gap).fold(0.0, f64::max)
    };
    let (before, after) = (worst(at(HOUR - 60), expiry), worst(expiry, at(HOUR + 120)));
    println!("the longest gap is {before} s in the minute before expiry, {after} s after it");
    assert!(after > 0.0 && after <= before.max(10.0) * 1.5, "{before} s, then {after} s");
}

#[test]
fn item_7_a_client_that_is_not_known_yet_is_not_given_up() {
    let report = world(&[(1, Conduct::KnownFrom(at(180)), HOUR)], 2 * HOUR).play("not known yet");
    let first = first_token(&report).unwrap_or(f64::INFINITY);
    println!("known after 180 s, first token after {first} s");
    // Asked at once, and after one, two and four minutes more.
    assert!(first <= 421.0, "known after 180 s, first token after {first} s");
}

/// Today's schedule is told nothing of a refresh token's end.
#[test]
fn item_8_a_refresh_token_that_ends_first_is_used_in_time() {
    let world = world(&[(3, Conduct::Grant(seconds(1_800)), HOUR)], 24 * HOUR);
    hold(&[("a grant of 1,800 s".to_owned(), world.play("a grant of 1,800 s"))]);
}
