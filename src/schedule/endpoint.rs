//! What credentials of one token endpoint share: its budget, its circuit breaker, its pauses.

use std::{collections::HashMap, sync::Arc, time::Duration};

use super::{
    Id,
    agenda::{Opening, Seat},
    breaker::{Breaker, Crowd},
    budget::{Budget, Slots},
    class::Class,
    place::Line,
};
use crate::{
    clock::BootTime,
    credential::{TokenEndpoint, ValueSource},
};

/// How many requests one endpoint is sent at once.
const SLOTS: Slots = Slots { first: 8, all: 20 };

/// A pause that only two clients have heard may not be meant for all: after this time another client
/// may try.
const LONGEST_INFERRED: Duration = Duration::from_secs(60);

/// The budget of one endpoint, and who waits for it.
#[derive(Debug)]
pub struct Endpoint {
    /// Which one.
    pub key: Arc<TokenEndpoint>,
    /// Where it is among the others.
    pub seat: Seat,
    /// How many credentials use it; at zero it is forgotten.
    pub users: usize,
    /// What is sent at once.
    pub budget: Budget,
    /// Whether it seems to work.
    pub breaker: Breaker,
    /// Those that have waited since nobody did.
    crowd: Crowd,
    /// Clients that are to be left alone.
    clients: HashMap<ValueSource, Paused>,
    /// The credential that heard of the pause of all.
    paused_by: Option<Id>,
    heard: Option<Box<Heard>>,
}

/// A pause, and the credential that heard of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Paused {
    /// Its end.
    pub until: BootTime,
    /// Unknown for a pause from before this process started.
    pub by: Option<Id>,
}

/// The last pause of one client: a second client that hears one may mean that all are paused.
#[derive(Debug)]
struct Heard {
    at: BootTime,
    until: BootTime,
    client: Caller,
}

/// Those that a server can tell apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Caller {
    /// A client, by where its `client_id` is kept.
    Client(ValueSource),
    /// A credential without a `client_id`.
    Credential(Id),
}

impl Endpoint {
    /// An endpoint that nobody has asked yet.
    pub fn new(key: Arc<TokenEndpoint>) -> Self {
        Self {
            key,
            seat: Seat::default(),
            users: 0,
            budget: Budget::new(SLOTS),
            breaker: Breaker::default(),
            crowd: Crowd::NONE,
            clients: HashMap::new(),
            paused_by: None,
            heard: None,
        }
    }

    /// `id`, whose tokens live for `lifetime`, waits.
    pub fn wait(&mut self, line: Line, lifetime: Duration, id: Id) {
        self.budget.wait(line.class, line.key, id);
        self.crowd.hopeful = self.crowd.hopeful.max(self.count_hopeful());
        self.crowd.shortest = self.crowd.shortest.min(lifetime);
    }

    /// It waits no more.
    pub fn leave(&mut self, line: Line, id: Id) {
        self.budget.leave(line.class, line.key, id);
        self.count_again();
    }

    /// The first of a class waits no more: it is asked for.
    pub fn pop(&mut self, class: Class) {
        self.budget.pop(class);
        self.count_again();
    }

    fn count_again(&mut self) {
        if self.count_hopeful() == 0 {
            self.crowd.hopeful = 0;
        }
        if self.budget.waits() == 0 {
            self.crowd = Crowd::NONE;
        }
    }

    /// When each class may be asked next.
    pub fn openings(&self, spacing: Duration) -> [Option<Opening>; 4] {
        Class::ALL.map(|class| {
            let key = self.budget.first(class)?;
            Some(Opening { at: self.opens(class, spacing)?, key })
        })
    }

    /// When the next of `class` may be asked; `None`: not before a request ends.
    pub fn opens(&self, class: Class, spacing: Duration) -> Option<BootTime> {
        let opens = self.budget.opens(class, spacing)?;
        let is_open = self.breaker.is_open();
        Some(if is_open { opens.max(self.breaker.passes(class, self.crowd())) } else { opens })
    }

    /// A request of `class` is sent.
    pub fn started(&mut self, class: Class, now: BootTime) {
        self.budget.start(class, now);
        self.breaker.started(class, now);
    }

    /// A client got a token: the server works, and no pause of one client is meant for all.
    pub fn served(&mut self, now: BootTime) {
        self.breaker.close(now);
        self.heard = None;
    }

    /// Nobody asks before `until`: the endpoint said so for all (RFC 9110, section 10.2.3).
    pub fn pause(&mut self, until: BootTime, by: Option<Id>) {
        if until > self.budget.paused_until() {
            self.budget.pause(until);
            self.paused_by = by;
        }
    }

    /// The endpoint asked `caller` to wait until `until`, in reply to a request of `by` that was
    /// sent at `started`. If another client has heard the same since, all wait for a while.
    pub fn pause_client(
        &mut self,
        caller: Caller,
        paused: Paused,
        started: BootTime,
        now: BootTime,
    ) {
        let is_second =
            |heard: &Heard| heard.client != caller && now < heard.until && started > heard.at;
        if self.heard.as_deref().is_some_and(is_second) {
            self.pause(paused.until.min(now + LONGEST_INFERRED), paused.by);
        }
        let heard = Heard { at: now, until: paused.until, client: caller.clone() };
        self.heard = Some(Box::new(heard));
        self.resume_client(caller, paused, now);
    }

    /// A pause of one client that is known from before.
    pub fn resume_client(&mut self, caller: Caller, paused: Paused, now: BootTime) {
        self.clients.retain(|_, paused| paused.until > now);
        if let Caller::Client(id) = caller {
            let known = self.clients.entry(id).or_insert(paused);
            if paused.until > known.until {
                *known = paused;
            }
        }
    }

    /// The pause of a client, if it has not ended.
    pub fn client_pause(&self, id: Option<&ValueSource>, now: BootTime) -> Option<Paused> {
        if self.clients.is_empty() {
            return None;
        }
        self.clients.get(id?).copied().filter(|paused| paused.until > now)
    }

    /// The pause of all, if it has not ended.
    pub fn paused(&self, now: BootTime) -> Option<Paused> {
        let until = self.budget.paused_until();
        (until > now).then_some(Paused { until, by: self.paused_by })
    }

    /// Each client that is paused.
    pub fn paused_clients(&self, now: BootTime) -> impl Iterator<Item = Paused> {
        self.clients.values().copied().filter(move |paused| paused.until > now)
    }

    /// Whether nothing of it need be remembered.
    pub fn is_forgettable(&self, now: BootTime) -> bool {
        self.users == 0
            && self.budget.under_way() == 0
            && self.paused(now).is_none()
            && self.paused_clients(now).next().is_none()
    }

    /// How many of those that wait have not failed since their last token.
    fn count_hopeful(&self) -> usize {
        self.budget.line(Class::Served).len() + self.budget.line(Class::New).len()
    }

    fn crowd(&self) -> Crowd {
        Crowd { shaken: self.budget.line(Class::Shaken).len(), ..self.crowd }
    }
}
