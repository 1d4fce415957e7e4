//! The laws, and who watches over them. A judge sees what is sent, answered and published, and
//! nothing of the schedule.
//!
//! 1. *Fresh and isolated*: a credential whose own requests would all succeed is never without a
//!    good token for longer than its endpoint was of no use, plus one recovery. Who holds a token
//!    does not lose it at all while the endpoint works.
//! 2. *nobody waits without end*: who is due is asked for within a bound.
//! 3. *Gentle*: `min_interval`, spacing, the most at once, and every pause within its scope.
//! 4. *Sparing*: an outage of all is met with few requests.
//! 5. *Back soon*: after it the first token comes within the time that noticing takes.
//!
//! That the same seed gives the same trace is a test of its own.

mod bound;
mod fresh;
mod gentle;
mod outage;
mod patient;

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
    time::Duration,
};

use tokenward::clock::BootTime;

use self::outage::Watch;
use crate::{
    player::{Answer, Token},
    world::{Member, START, Span, World},
};

/// A law that did not hold.
pub struct Breach {
    /// Its number.
    pub law: u8,
    /// By how much, if it is a matter of time.
    pub excess: Duration,
    text: String,
}

/// What is seen of a credential.
#[derive(Clone, Default)]
struct Facts {
    /// Since when; absent before it joins and after it has left.
    joined: Option<BootTime>,
    /// When the token that is published was to be refreshed.
    due: BootTime,
    /// When it expires, or did.
    expires: Option<BootTime>,
    /// Until when the newest token is good, published or not.
    good_until: BootTime,
    last_request: Option<BootTime>,
    last_answer: BootTime,
    paused_until: BootTime,
}

/// Watches a world.
pub struct Judge<'a> {
    world: &'a World,
    facts: Vec<Facts>,
    watches: Vec<Watch>,
    /// By endpoint: when nobody there can get a token, and each start.
    troubles: Vec<Vec<Span>>,
    /// Who is paused by whom.
    clients: BTreeMap<(usize, u32), BTreeMap<usize, BootTime>>,
    in_flight: usize,
    /// When the daemon was last started.
    started: BootTime,
    seen: BTreeSet<(u8, usize)>,
    /// What did not hold: each law once for each credential.
    pub breaches: Vec<Breach>,
}

impl<'a> Judge<'a> {
    /// A judge who has seen nothing yet.
    pub fn new(world: &'a World) -> Self {
        let starts = [START].iter().chain(&world.restarts).map(|at| Span { from: *at, until: *at });
        let everywhere: Vec<Span> =
            starts.chain(world.full_disks.iter().map(|full| bound::disk(*full))).collect();
        let outages = world.endpoints.iter().map(|it| it.outages.iter().map(|outage| outage.span));
        Self {
            world,
            facts: vec![Facts::default(); world.members.len()],
            watches: world.endpoints.iter().map(|_| Watch::default()).collect(),
            troubles: outages.map(|spans| spans.chain(everywhere.clone()).collect()).collect(),
            clients: BTreeMap::new(),
            in_flight: 0,
            started: START,
            seen: BTreeSet::new(),
            breaches: Vec::new(),
        }
    }

    /// A credential joins, perhaps with a token that its outputs hold.
    pub fn joined(&mut self, index: usize, token: Option<Token>, now: BootTime) {
        self.facts[index].joined = Some(now);
        self.facts[index].due = now;
        if let Some(token) = token {
            self.hold(index, token);
        }
    }

    /// A credential leaves: what holds at the end holds now.
    pub fn left(&mut self, index: usize, now: BootTime) {
        self.check_fresh(index, now);
        self.check_patience(index, now);
        self.facts[index].joined = None;
    }

    /// A credential is asked for, or what it needs is read.
    pub fn tried(&mut self, index: usize, now: BootTime) {
        self.check_patience(index, now);
    }

    /// A request is sent.
    pub fn asked(&mut self, index: usize, now: BootTime) {
        self.check_gentle(index, now);
        self.watch_request(index, now);
    }

    /// A request has ended.
    pub fn answered(&mut self, index: usize, answer: Answer, now: BootTime) {
        self.facts[index].last_answer = now;
        if !matches!(answer, Answer::Read | Answer::Unreadable) {
            self.in_flight -= 1;
            self.note_pause(index, answer, now);
            self.watch_answer(index, answer, now);
        }
        if let Answer::Token { requested_at, lifetime, .. } = answer {
            self.facts[index].good_until = requested_at + lifetime;
        }
    }

    /// A token is in the outputs.
    pub fn published(&mut self, index: usize, token: Token, now: BootTime) {
        self.check_fresh(index, now);
        self.hold(index, token);
    }

    /// The daemon was started again. The pause of a client is on record for the credentials that
    /// heard it, as long as they are configured.
    pub fn restarted(&mut self, now: BootTime) {
        for heard in self.clients.values_mut() {
            heard.retain(|index, _| self.facts[*index].joined.is_some());
        }
        self.in_flight = 0;
        self.started = now;
        for watch in &mut self.watches {
            watch.forget();
            watch.last_start = None;
        }
    }

    /// The world ends.
    pub fn finish(&mut self, now: BootTime) {
        (0..self.facts.len()).for_each(|index| self.left(index, now));
        (0..self.watches.len()).for_each(|endpoint| self.close_outages(endpoint, now));
    }

    fn hold(&mut self, index: usize, token: Token) {
        let facts = &mut self.facts[index];
        facts.due = token.requested_at + self.world.members[index].refreshed_after();
        facts.expires = Some(token.requested_at + token.lifetime);
        facts.good_until = facts.good_until.max(token.requested_at + token.lifetime);
    }

    fn member(&self, index: usize) -> &'a Member {
        &self.world.members[index]
    }

    /// Notes a breach, once for each law and credential.
    fn broken(&mut self, law: u8, index: usize, now: BootTime, excess: Duration, what: &str) {
        if !self.seen.insert((law, index)) {
            return;
        }
        let member = self.member(index);
        let text = format!(
            "law {law}, seed {}, credential {index} ({:?}, lives {:?}), endpoint {}, at {:?}: {what}",
            self.world.seed,
            member.conduct,
            member.lifetime,
            member.endpoint,
            now.since(START),
        );
        self.breaches.push(Breach { law, excess, text });
    }
}

impl fmt::Display for Breach {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}
