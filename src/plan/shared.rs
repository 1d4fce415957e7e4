//! Equal values are kept once: a hundred thousand credentials often have one endpoint.

use std::{collections::HashSet, hash::Hash, sync::Arc};

use crate::credential::{
    Access, Client, Notification, Parameters, RefreshPolicy, ReplyShape, TokenEndpoint,
};

/// What credentials have in common.
#[derive(Default)]
pub struct Shared {
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
    /// Owners, groups and modes of outputs.
    pub accesses: Pool<Access>,
    /// Notifications.
    pub notifications: Pool<Notification>,
}

/// Values of one kind, each of which is there once.
pub struct Pool<T>(HashSet<Arc<T>>);

impl<T> Default for Pool<T> {
    fn default() -> Self {
        Self(HashSet::new())
    }
}

impl<T: Eq + Hash> Pool<T> {
    /// The one that equals `value`.
    pub fn share(&mut self, value: T) -> Arc<T> {
        if let Some(known) = self.0.get(&value) {
            return Arc::clone(known);
        }
        let value = Arc::new(value);
        self.0.insert(Arc::clone(&value));
        value
    }
}
