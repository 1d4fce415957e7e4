//! Laws over all orders of commands, outcomes and moments.

use proptest::prelude::*;

use super::*;

/// Something that happens to a schedule. Numbers choose among what there is.
#[derive(Clone, Copy, Debug)]
enum Happening {
    Add {
        host: u8,
        client: u8,
    },
    Update {
        which: u8,
        host: u8,
        acquire: bool,
        publish: bool,
    },
    Remove {
        which: u8,
    },
    Expedite {
        which: u8,
    },
    Republish {
        which: u8,
    },
    Keep {
        which: u8,
    },
    Adopt {
        which: u8,
    },
    Doubt {
        which: u8,
    },
    Revoke {
        which: u8,
    },
    Trust {
        which: u8,
    },
    Probe {
        which: u8,
    },
    /// A step that is under way ends.
    End {
        which: u8,
        how: u8,
    },
    /// Other limits.
    Limit {
        requests: u8,
    },
    Pass {
        millis: u32,
    },
}

fn happening() -> impl Strategy<Value = Happening> {
    use Happening::*;
    let which = any::<u8>();
    prop_oneof![
        3 => (0..3_u8, 0..3_u8).prop_map(|(host, client)| Add { host, client }),
        2 => (which, 0..3_u8, any::<bool>(), any::<bool>())
            .prop_map(|(which, host, acquire, publish)| Update { which, host, acquire, publish }),
        1 => which.prop_map(|which| Remove { which }),
        1 => which.prop_map(|which| Expedite { which }),
        1 => which.prop_map(|which| Republish { which }),
        1 => which.prop_map(|which| Keep { which }),
        1 => which.prop_map(|which| Adopt { which }),
        1 => which.prop_map(|which| Doubt { which }),
        1 => which.prop_map(|which| Revoke { which }),
        1 => which.prop_map(|which| Trust { which }),
        1 => which.prop_map(|which| Probe { which }),
        12 => (which, any::<u8>()).prop_map(|(which, how)| End { which, how }),
        1 => (0..4_u8).prop_map(|requests| Limit { requests }),
        6 => (0..90_000_u32).prop_map(|millis| Pass { millis }),
    ]
}

/// A schedule, and what of it is under way.
struct World {
    schedule: Schedule,
    now: BootTime,
    present: Vec<Id>,
    under_way: Vec<Step>,
    asked: HashMap<Id, BootTime>,
}

impl World {
    fn new() -> Self {
        let endpoint_spacing = Duration::from_millis(100);
        let limits = Limits { concurrent_requests: 3, endpoint_spacing };
        Self {
            schedule: Schedule::new(limits),
            now: at(1_000),
            present: Vec::new(),
            under_way: Vec::new(),
            asked: HashMap::new(),
        }
    }

    fn happens(&mut self, happening: Happening) {
        use Happening::*;
        let now = self.now;
        let spec = |host: u8, number: u8| Spec {
            client: client(&number.to_string()),
            ..spec(&host.to_string())
        };
        let chosen = |which: u8| self.present.get(usize::from(which) % self.present.len().max(1));
        let one = match happening {
            Update { which, .. }
            | Remove { which }
            | Expedite { which }
            | Republish { which }
            | Keep { which }
            | Adopt { which }
            | Doubt { which }
            | Revoke { which }
            | Trust { which }
            | Probe { which } => match chosen(which) {
                Some(id) => *id,
                None => return,
            },
            _ => Id(0),
        };
        match happening {
            Add { host, client } => {
                let id = self.schedule.add(&spec(host, client), &Resume::default(), now);
                self.asked.remove(&id);
                self.present.push(id);
            }
            Update { host, acquire, publish, .. } => {
                let change = Change { acquire, publish };
                self.schedule.update(one, &spec(host, 0), change, now, 0.5);
            }
            Remove { .. } => {
                self.schedule.remove(one, now);
                self.present.retain(|id| *id != one);
            }
            Expedite { .. } => self.schedule.expedite(one, now),
            Republish { .. } => self.schedule.republish(one, now),
            Keep { .. } => self.schedule.keep(one, now),
            Adopt { .. } => self.schedule.adopt(one, now),
            Doubt { .. } => self.schedule.doubt(one),
            Revoke { .. } => self.schedule.revoke(one),
            Trust { .. } => self.schedule.trust(one, now),
            Probe { .. } => self.schedule.probe(one, "https://api.example", now),
            End { which, how } => self.end(which, how),
            Limit { requests } => {
                let endpoint_spacing = Duration::from_millis(100);
                let concurrent_requests = usize::from(requests);
                self.schedule.set_limits(Limits { concurrent_requests, endpoint_spacing }, now);
            }
            Pass { millis } => self.now = now + Duration::from_millis(millis.into()),
        }
        self.perform();
    }

    /// Takes every step that is due; each goes under way.
    fn perform(&mut self) {
        for _ in 0..1_000 {
            match self.schedule.step(self.now) {
                Step::Wait(until) => {
                    assert!(
                        until.is_none_or(|until| until > self.now),
                        "a wait that does not wait"
                    );
                    return;
                }
                step => {
                    if let Step::Acquire(id) = step {
                        let last = self.asked.insert(id, self.now);
                        let soon = |last: BootTime| self.now.since(last) < seconds(10);
                        assert!(!last.is_some_and(soon), "{id:?} was asked for too soon");
                    }
                    self.under_way.push(step);
                }
            }
        }
        panic!("the schedule spins");
    }

    fn end(&mut self, which: u8, how: u8) {
        if self.under_way.is_empty() {
            return;
        }
        let step = self.under_way.swap_remove(usize::from(which) % self.under_way.len());
        let good = !how.is_multiple_of(3);
        let (now, draw) = (self.now, f64::from(how) / 256.0);
        let (id, outcome) = match step {
            Step::Prepare(id) if good => (id, Outcome::Prepared),
            Step::Prepare(id) => (id, refused(Fault::Local, Evidence::Unknown, None)),
            Step::Acquire(id) => (id, self.answer(how)),
            Step::Save(id) => (id, if good { Outcome::Saved } else { Outcome::NotSaved }),
            Step::Adopt(id) if good => (id, Outcome::Adopted(None)),
            Step::Adopt(id) => (id, Outcome::NotAdopted),
            Step::Publish(id) if good => (id, Outcome::Published { changed: true }),
            Step::Publish(id) => (id, Outcome::NotPublished { changed: false }),
            Step::Notify(target, ..) => {
                return self.schedule.record_notification(target, good, now, draw);
            }
            Step::Probe(_, resource) => return self.schedule.record_probe(resource, None, now),
            Step::Wait(_) => return,
        };
        self.schedule.record(id, outcome, now, draw);
    }

    fn answer(&self, how: u8) -> Outcome {
        let scopes = [PauseScope::Credential, PauseScope::Client, PauseScope::Endpoint];
        match how % 8 {
            0..3 => acquired(self.now, u64::from(how) * 40 + 20),
            3 => DENIED,
            4 => paused(u64::from(how), scopes[usize::from(how / 8) % 3]),
            _ => REFUSED,
        }
    }

    /// Everything goes well from here on: each credential gets a token, at the latest when a parked
    /// one asks again.
    fn recover(&mut self) {
        let endpoint_spacing = Duration::from_millis(100);
        let limits = Limits { concurrent_requests: 3, endpoint_spacing };
        self.schedule.set_limits(limits, self.now);
        let end = self.now + seconds(4_000);
        while self.now < end {
            while !self.under_way.is_empty() {
                self.end(0, 1);
            }
            self.perform();
            if self.under_way.is_empty() {
                self.now = self.now + seconds(20);
                self.perform();
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn no_order_of_events_breaks_the_books_or_leaves_anybody_behind(
        happenings in proptest::collection::vec(happening(), 1..120),
    ) {
        let mut world = World::new();
        for happening in happenings {
            world.happens(happening);
        }
        world.recover();
        for id in &world.present {
            let view = world.schedule.view(*id, world.now);
            let held = view.held.map(|held| held.requested_at.since(at(0)));
            prop_assert!(held.is_some(), "{id:?} has no token after an hour: {view:?}");
        }
        for id in std::mem::take(&mut world.present) {
            world.schedule.remove(id, world.now);
        }
        while !world.under_way.is_empty() {
            world.end(0, 1);
        }
        world.schedule.set_limits(world.schedule.limits, world.now + seconds(90_000));
        prop_assert_eq!(world.schedule.entries.iter().count(), 0, "entries are left");
        prop_assert_eq!(world.schedule.endpoints.iter().count(), 0, "endpoints are left");
        prop_assert_eq!(world.schedule.targets.iter().count(), 0, "consumers are left");
        prop_assert_eq!(world.schedule.requests.sum(), 0, "requests are left");
    }
}
