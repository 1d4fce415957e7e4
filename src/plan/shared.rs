//! Equal values are kept once: a hundred thousand credentials often have one endpoint.

use std::{collections::HashSet, hash::Hash, sync::Arc};

use super::rivals::Rivals;
use crate::credential::{
    Access, Client, FollowUp, Grant, Notification, Parameters, Probe, RefreshPolicy, Renewal,
    ReplyShape, TokenEndpoint,
};

/// What credentials have in common.
#[derive(Default)]
pub struct Shared {
    /// Grants.
    pub grants: Pool<Grant>,
    /// How refresh tokens are handed in.
    pub renewals: Pool<Renewal>,
    /// Requests that follow the first.
    pub steps: Pool<[FollowUp]>,
    /// Schemes of `Authorization` headers.
    pub schemes: Pool<str>,
    /// Token endpoints.
    pub endpoints: Pool<TokenEndpoint>,
    /// Clients.
    pub clients: Pool<Client>,
    /// Request parameters.
    pub parameters: Pool<Parameters>,
    /// Shapes of replies.
    pub replies: Pool<ReplyShape>,
    /// Refresh policies.
    pub refreshes: Pool<RefreshPolicy>,
    /// Probes.
    pub probes: Pool<Probe>,
    /// Owners, groups and modes of outputs.
    pub accesses: Pool<Access>,
    /// Notifications.
    pub notifications: Pool<Notification>,
    /// Clients whose tokens end each other.
    pub rivals: Rivals,
}

/// Values of one kind, each of which is there once.
pub struct Pool<T: ?Sized>(HashSet<Arc<T>>);

impl<T: ?Sized> Default for Pool<T> {
    fn default() -> Self {
        Self(HashSet::new())
    }
}

impl<T: Eq + Hash + ?Sized> Pool<T> {
    /// The one that equals `value`.
    pub fn share(&mut self, value: impl Into<Arc<T>>) -> Arc<T> {
        let value = value.into();
        if let Some(known) = self.0.get(&value) {
            return Arc::clone(known);
        }
        self.0.insert(Arc::clone(&value));
        value
    }
}
