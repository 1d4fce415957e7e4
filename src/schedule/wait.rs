//! Why a credential that is due is not asked for yet, for people.

use std::sync::Arc;

use super::{
    Id, Schedule,
    breaker::BreakerState,
    class::Class,
    endpoint::Endpoint,
    entry::Entry,
    place::{Place, Work},
};
use crate::{clock::BootTime, credential::TokenEndpoint, error::PauseScope};

/// What a credential waits for beyond its own moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wait {
    /// Its values are read, or wait to be.
    Inputs,
    /// Its endpoint's circuit breaker is open.
    Breaker {
        /// Since when.
        since: BootTime,
        /// When the endpoint is asked next.
        next: BootTime,
    },
    /// A server asked to be left alone.
    Paused {
        /// Until when.
        until: BootTime,
        /// Who is meant.
        scope: PauseScope,
        /// The credential that heard it, if it was in the life of this process.
        by: Option<Id>,
    },
    /// Others are asked for first.
    Queued {
        /// How many, of those that are in the same line.
        ahead: usize,
    },
    /// Its request is under way.
    UnderWay {
        /// Since when.
        since: BootTime,
    },
}

impl Wait {
    /// When it ends, if that is known.
    pub fn ends(self) -> Option<BootTime> {
        match self {
            Self::Breaker { next, .. } => Some(next),
            Self::Paused { until, .. } => Some(until),
            Self::Inputs | Self::Queued { .. } | Self::UnderWay { .. } => None,
        }
    }
}

/// An endpoint, as it is now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EndpointView {
    /// Which one.
    pub key: Arc<TokenEndpoint>,
    /// Its circuit breaker.
    pub breaker: BreakerState,
    /// Since when that is not closed.
    pub since: Option<BootTime>,
    /// When it is asked next, if somebody waits and it can be said.
    pub next: Option<BootTime>,
    /// How many wait for it.
    pub waiting: usize,
    /// The pauses in force there: who is meant, until when, and the credential that heard it.
    pub pauses: Vec<(PauseScope, BootTime, Option<Id>)>,
}

impl Schedule {
    /// What `id` waits for beyond its own moment. Those before it in its line are not counted.
    pub(super) fn wait(&self, id: Id, entry: &Entry, now: BootTime) -> Option<Wait> {
        let endpoint = &self.endpoints[entry.endpoint];
        match entry.place {
            Place::Preparing(_) | Place::Busy(Work::Prepare(..)) => Some(Wait::Inputs),
            Place::Busy(Work::Request(_, since, _)) => Some(Wait::UnderWay { since }),
            Place::Waiting(line) => Some(self.wait_at(endpoint, entry, line.class, 0, now)),
            Place::Timer(_) => {
                let client = endpoint.client_pause(entry.client.id.as_ref(), now);
                let client = client.filter(|it| it.until > entry.request_at());
                let own = entry.paused_until();
                client
                    .map(|it| (it.until, PauseScope::Client, it.by))
                    .or((own > now).then_some((own, PauseScope::Credential, Some(id))))
                    .map(|(until, scope, by)| Wait::Paused { until, scope, by })
            }
            Place::Nowhere | Place::Ready(_) | Place::Busy(Work::Local) => None,
        }
    }

    /// What an entry behind `ahead` others of `class` waits for at an endpoint.
    fn wait_at(
        &self,
        endpoint: &Endpoint,
        entry: &Entry,
        class: Class,
        ahead: usize,
        now: BootTime,
    ) -> Wait {
        let all = endpoint.paused(now).map(|paused| (paused, PauseScope::Endpoint));
        let client = endpoint.client_pause(entry.client.id.as_ref(), now);
        let client = client.map(|paused| (paused, PauseScope::Client));
        if let Some((paused, scope)) = all.or(client) {
            return Wait::Paused { until: paused.until, scope, by: paused.by };
        }
        match endpoint.breaker.since() {
            Some(since) => {
                let opens = endpoint.opens(class, self.limits.endpoint_spacing);
                Wait::Breaker { since, next: opens.unwrap_or(now).max(now) }
            }
            None => Wait::Queued { ahead },
        }
    }

    /// Those that wait for their values, for their endpoint or for an answer, at most `most` of
    /// each endpoint.
    pub fn waits(&self, most: usize, now: BootTime) -> Vec<(Id, Wait)> {
        let mut waits = Vec::new();
        for class in Class::ALL {
            waits.extend(self.inputs.line(class).take(most).map(|(_, id)| (*id, Wait::Inputs)));
        }
        for (index, endpoint) in self.endpoints.iter() {
            for paused in endpoint.paused_clients(now) {
                waits.extend(self.paused_until(paused.until, index, now).take(most));
            }
            for class in Class::ALL {
                let line = endpoint.budget.line(class).take(most).enumerate();
                let wait =
                    |ahead, id: Id| self.wait_at(endpoint, &self.entries[id.0], class, ahead, now);
                waits.extend(line.map(|(ahead, (_, id))| (*id, wait(ahead, *id))));
            }
        }
        let under_way = self.under_way.iter().filter_map(|id| {
            let entry = self.entries.get(id.0)?;
            Some((*id, self.wait(*id, entry, now)?))
        });
        waits.extend(under_way);
        waits
    }

    /// Those of an endpoint that wait for the end of their client's pause at `until`.
    fn paused_until(
        &self,
        until: BootTime,
        endpoint: u32,
        now: BootTime,
    ) -> impl Iterator<Item = (Id, Wait)> {
        let timers = self.timers.range((until, Id(0))..=(until, Id(u32::MAX)));
        timers.filter_map(move |(_, id)| {
            let entry = &self.entries[id.0];
            let wait = self.wait(*id, entry, now).filter(|_| entry.endpoint == endpoint)?;
            Some((*id, wait))
        })
    }

    /// Each endpoint that somebody waits for, whose breaker is not closed or that is paused.
    pub fn endpoints(&self, now: BootTime) -> Vec<EndpointView> {
        let views = self.endpoints.iter().map(|(_, endpoint)| self.endpoint_view(endpoint, now));
        views.filter(|view| !view.is_calm()).collect()
    }

    fn endpoint_view(&self, endpoint: &Endpoint, now: BootTime) -> EndpointView {
        let spacing = self.limits.endpoint_spacing;
        let opens = |class| {
            endpoint.budget.first(class)?;
            endpoint.opens(class, spacing)
        };
        let next = Class::ALL.into_iter().filter_map(opens).min();
        let breaker = match endpoint.breaker.since() {
            None => BreakerState::Closed,
            Some(_) if next.is_some_and(|next| next > now) => BreakerState::Open,
            Some(_) if endpoint.budget.under_way() > 0 || next.is_some() => BreakerState::HalfOpen,
            Some(_) => BreakerState::Open,
        };
        let all = endpoint.paused(now).map(|it| (PauseScope::Endpoint, it.until, it.by));
        let clients = endpoint.paused_clients(now);
        let clients = clients.map(|it| (PauseScope::Client, it.until, it.by));
        EndpointView {
            key: endpoint.key.clone(),
            breaker,
            since: endpoint.breaker.since(),
            next: next.map(|next| next.max(now)),
            waiting: endpoint.budget.waits(),
            pauses: all.into_iter().chain(clients).collect(),
        }
    }
}

impl EndpointView {
    fn is_calm(&self) -> bool {
        self.breaker == BreakerState::Closed && self.waiting == 0 && self.pauses.is_empty()
    }
}
